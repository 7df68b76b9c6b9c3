"""Who has read how far in small rooms: gathered for a moment, read once, told to those who may see it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from chat import database, database_link
from chat.live.ending import end_all
from chat.live.envelope import SharedEvent
from chat.live.hub import Hub
from chat.protocol import codec, limits
from chat.protocol.ephemeral import Seen as SeenEvent
from chat.queries import seen

_log = structlog.get_logger(__name__)

# What is read within this time is told together.
GATHER_S = 1.0
# So many rooms are looked at together; of more that wait the others come in the next round, and some never.
_ROOMS_COUNT = 100
_WAITING_COUNT = 1_000
# A room that was too large is not counted again for so long, and so many of them are kept in mind.
_LARGE_S = 60.0
_LARGE_COUNT = 10_000


class Seen:
    """What was read here and is not told yet. It may be lost: who opens a room reads how it stands."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._waiting: dict[int, set[int]] = {}
        self._large: dict[int, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, read: Iterable[tuple[int, int]]) -> None:
        """Take note of who has read on, as pairs of room and user, after COMMIT."""
        now = asyncio.get_running_loop().time()
        for room, user in read:
            if self._large.get(room, 0.0) > now:
                continue
            if room not in self._waiting and len(self._waiting) >= _WAITING_COUNT:
                continue
            users = self._waiting.setdefault(room, set())
            users.add(user)
            if len(users) > limits.SEEN_SHOWN_MAX_COUNT:
                # More than a small room has.
                self._skip(room, now)
        if self._waiting and self._timer is None and not self._tasks:
            self._timer = asyncio.get_running_loop().call_later(GATHER_S, self._begin)

    async def stop(self) -> None:
        """Tell nothing more."""
        if self._timer is not None:
            self._timer.cancel()
        self._waiting.clear()
        await end_all(self._tasks)

    def _begin(self) -> None:
        self._timer = None
        task = asyncio.get_running_loop().create_task(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._waiting and self._timer is None and not task.cancelled():
            self._timer = asyncio.get_running_loop().call_later(GATHER_S, self._begin)

    async def _tell(self) -> None:
        read = {room: self._waiting.pop(room) for room in list(self._waiting)[:_ROOMS_COUNT]}
        if not read:
            return
        try:
            found, large = await database.run(seen.moved, read)
        except Exception as error:
            told = {"error": type(error).__name__, "exc_info": not database_link.is_away(error)}
            _log.warning("seen.not_told", rooms=len(read), **told)
            return
        now = asyncio.get_running_loop().time()
        for room in large:
            self._skip(room, now)
        items = []
        for room, moved in found.items():
            event: SeenEvent = {"type": "seen", "room": room, "readers": moved.readers}
            items.append(SharedEvent(room, codec.encode(event), moved.hearers))
        if items:
            self._hub.publish(items)

    def _skip(self, room: int, now: float) -> None:
        self._waiting.pop(room, None)
        self._large.pop(room, None)
        self._large[room] = now + _LARGE_S
        if len(self._large) > _LARGE_COUNT:
            del self._large[next(iter(self._large))]
