"""What the other processes could not be told, kept until they can be.

Their own link may be whole, so that nothing makes them look into the log before their next round.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from chat.live.envelope import Head, Item, Joined, RoomChanges, SignedOut, UserChanged, UserEvent

# Beyond these the oldest are forgotten: the rounds of the others find what they stood for.
_ROOMS_COUNT = 5_000
_ITEMS_COUNT = 1_000


class Untold:
    """Of changes only how far each room has come; of events only what is true for longer than a moment."""

    def __init__(self) -> None:
        self._heads: dict[int, int] = {}
        self._items: deque[Item] = deque(maxlen=_ITEMS_COUNT)

    def __bool__(self) -> bool:
        return bool(self._heads or self._items)

    def keep(self, items: Iterable[Item]) -> None:
        """Note what was not sent, or perhaps not: to hear it twice does no harm."""
        for item in items:
            match item:
                case RoomChanges():
                    self._raise(item.room, item.last)
                case Head():
                    self._raise(item.room, item.seq)
                case Joined() | SignedOut() | UserChanged() | UserEvent():
                    self._items.append(item)

    def take(self) -> list[Item]:
        """Return all of it, as it is to be told now."""
        found: list[Item] = [*self._items, *(Head(room, seq) for room, seq in self._heads.items())]
        self._heads.clear()
        self._items.clear()
        return found

    def _raise(self, room: int, seq: int) -> None:
        self._heads[room] = max(seq, self._heads.pop(room, 0))
        if len(self._heads) > _ROOMS_COUNT:
            del self._heads[next(iter(self._heads))]
