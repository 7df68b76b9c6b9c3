"""The order of one room in one process: pure, so that any arrival order can be tried."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from chat.live.envelope import RoomChanges, RoomEvent, SharedEvent
from chat.live.run import Run
from chat.live.walk import Follower, Walk

_RING_COUNT = 64
_RING_BYTES = 128 * 1024
# What lies further ahead is read from the database when its turn has come.
_HELD_COUNT = 512


@dataclass(slots=True)
class _Held:
    frame: bytes
    # Who comes or goes with this change: user id (0 = everybody goes), has joined.
    move: tuple[int, bool] | None

    @property
    def leaver(self) -> int | None:
        """Return who leaves with it: user id, 0 for everybody; None when nobody does."""
        return self.move[0] if self.move is not None and not self.move[1] else None


class RoomTrack:
    """Followers of one room and how far they have been served.

    `delivered` is None until the room's head has been read once; until then changes are only held. What is
    delivered waits in `walk` to be given to the followers; `on_due` plans that, without it it is done at once.
    """

    __slots__ = (
        "_heard",
        "_held",
        "_on_due",
        "_ring",
        "_ring_bytes",
        "delivered",
        "followers",
        "room",
        "walk",
    )

    def __init__(self, room: int, on_due: Callable[[Walk], None] = Walk.finish) -> None:
        self.room = room
        self.delivered: int | None = None
        self.walk = Walk(room)
        self.followers = self.walk.followers
        self._on_due = on_due
        self._held: dict[int, _Held] = {}
        # The highest seq that anybody has told of.
        self._heard = 0
        self._ring: deque[tuple[int, _Held]] = deque()
        self._ring_bytes = 0

    @property
    def has_hole(self) -> bool:
        """Tell whether something is missing of what is known to be there."""
        return self.delivered is not None and self._heard > self.delivered

    @property
    def hole_end(self) -> int:
        """Return the last seq that is missing before the first held change."""
        return min(self._held) - 1 if self._held else self._heard

    def begin(self, head: int) -> None:
        """Set where the room stands; what was held up to there is old."""
        if self.delivered is None:
            self.delivered = head
            self._spread()

    def accept(self, changes: RoomChanges) -> None:
        """Take a run of changes in any order, repeats included, and serve what is in order now."""
        moves = {seq: (user, joined) for seq, user, joined in changes.moves}
        for seq, frame in enumerate(changes.frames, changes.first):
            if self.delivered is None or seq > self.delivered:
                self._held.setdefault(seq, _Held(frame, moves.get(seq)))
                self._heard = max(self._heard, seq)
        self._spread()
        # The nearest are kept: with the furthest in their place nothing could ever be served again.
        for seq in sorted(self._held)[_HELD_COUNT:]:
            del self._held[seq]

    def hear(self, seq: int) -> None:
        """Take note of how far the room has come, as somebody tells who could not tell the changes."""
        self._heard = max(self._heard, seq)

    def tell(self, event: RoomEvent | SharedEvent) -> None:
        """Offer an event to those of the followers whom it is for."""
        shared = Run(self.room, 0, (event.frame,))
        for follower in self.followers:
            if event.is_for(follower.user_id):
                follower.offer_events(shared)

    def disbelieve(self) -> None:
        """Forget what was heard of changes that the log does not have."""
        self._held.clear()
        self._heard = self.delivered or 0

    def serve(self, follower: Follower, holds: int) -> bool:
        """Give a follower what was delivered after the seq that it holds, and all that comes.

        Who has left in between is given only what came up to there.

        Returns:
            False when that goes too far back: nothing was given, read it from the log first.
        """
        delivered = self.delivered or 0
        if holds < delivered and (not self._ring or self._ring[0][0] > holds + 1):
            return False
        for seq, held in self._ring:
            if seq > holds and not self._give(follower, seq, held):
                return True
        self.followers[follower] = max(holds, delivered)
        return True

    def recent(self, after: int, limit: int) -> tuple[bytes, ...] | None:
        """Return the encoded changes after a seq, ascending; None when the ring does not have all of them."""
        delivered = self.delivered or 0
        if after > delivered or (after < delivered and (not self._ring or self._ring[0][0] > after + 1)):
            return None
        return tuple(islice((held.frame for seq, held in self._ring if seq > after), limit))

    def _spread(self) -> None:
        if self.delivered is None:
            return
        for seq in [seq for seq in self._held if seq <= self.delivered]:
            del self._held[seq]
        while (held := self._held.pop(self.delivered + 1, None)) is not None:
            self.delivered += 1
            self._remember(self.delivered, held)
            self.walk.add(self.delivered, held.frame, held.leaver)
            if self.walk.is_full:
                self._on_due(self.walk)
        if self.walk.has_waiting:
            self._on_due(self.walk)

    def _give(self, follower: Follower, seq: int, held: _Held) -> bool:
        """Offer one change; False when it is the last one: the follower leaves by it, or it did not fit."""
        if not follower.offer_change(self.room, seq, held.frame):
            return False
        return held.leaver is None or not self.walk.put_out(follower, held.leaver)

    def _remember(self, seq: int, held: _Held) -> None:
        self._ring.append((seq, held))
        self._ring_bytes += len(held.frame)
        while len(self._ring) > _RING_COUNT or self._ring_bytes > _RING_BYTES:
            self._ring_bytes -= len(self._ring.popleft()[1].frame)
