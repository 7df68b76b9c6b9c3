"""Pages of the change log for those who come back: read once for everybody who asks at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

from chat import database
from chat.live.envelope import RoomChanges
from chat.live.publish import encode_run
from chat.live.turns import Turns
from chat.queries import changes
from chat.queries.people import Crowds

_PAGE_COUNT = 200
# Of several rooms together.
_MANY_COUNT = 500


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Page(RoomChanges):
    """A run out of the log, which can be looked up while it is in use."""


class Pages:
    """Encoded pages by room and the seq before them.

    A page lives as long as somebody still sends it, so a hundred slow readers of a room hold it once. One that
    was read a moment ago may end before the log does: whoever reads on asks for what comes after it.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        # Who is in the rooms to which many come back.
        self.crowds = Crowds()
        self._pages: WeakValueDictionary[tuple[int, int], Page] = WeakValueDictionary()
        self._readings: dict[tuple[int, int], asyncio.Task[Page | None]] = {}

    async def after(self, room: int, seq: int) -> Page | None:
        """Return the changes after a seq, as many as fit into a page; None when there are none."""
        key = room, seq
        if (page := self._pages.get(key)) is not None:
            return page
        reading = self._readings.get(key)
        if reading is None:
            reading = asyncio.get_running_loop().create_task(self._read_in_turn(room, seq))
            self._readings[key] = reading
            reading.add_done_callback(lambda _: self._readings.pop(key))
        # Who goes away meanwhile must not take it from the others.
        page = await asyncio.shield(reading)
        if page is not None:
            self._pages[key] = page
        return page

    async def several(self, cursors: Mapping[int, int]) -> dict[int, RoomChanges]:
        """Return what came after the cursor of each room, for the first rooms: as many as fit into a page."""
        async with self._turns:
            found = await database.run(changes.since_many, dict(cursors), _MANY_COUNT)
        return {room: self.share(encode_run(missed)) for room, missed in found.items()}

    def share(self, run: RoomChanges) -> RoomChanges:
        """Return the page that others are just being sent from the same place, else keep this run for them."""
        key = run.room, run.first - 1
        if (page := self._pages.get(key)) is None:
            page = self._pages[key] = Page(run.room, run.first, run.frames, run.moves)
        return page

    async def _read_in_turn(self, room: int, seq: int) -> Page | None:
        async with self._turns:
            return await database.run(_read, room, seq)


def _read(room: int, after: int) -> Page | None:
    found = changes.since(room, after, _PAGE_COUNT)
    if not found:
        return None
    run = encode_run(found)
    return Page(run.room, run.first, run.frames, run.moves)
