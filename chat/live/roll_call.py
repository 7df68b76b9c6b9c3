"""Compares what connections were told of their rooms with what is stored.

A user who is put into a room, or reads on another device, is told over the layer. When that is lost there is
no change in a followed room that would give it away, so it is looked up now and then.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import structlog

from chat import database, metrics
from chat.live.ending import end
from chat.live.hub import Hub
from chat.protocol import codec
from chat.queries import standing
from chat.queries.standing import Mark

_log = structlog.get_logger(__name__)

_PACE_S = 60.0
_PACE_DEGRADED_S = 3.0
# Users asked about in one query: by their print, and one by one where the print is another.
_PRINTS_COUNT = 500
_ROOMS_COUNT = 100


class Told(Protocol):
    """A connection that has resumed, as the roll call sees it."""

    user_id: int
    # The rooms that its client knows itself to be in, with the read marker that it was told; None before that.
    told: dict[int, Mark] | None

    def room_missing(self, room: int) -> None:
        """Tell the client of a room, unless that has happened meanwhile."""

    def offer_droppable(self, frame: bytes) -> None:
        """Queue an event."""


class RollCall:
    """Asks every minute, every three seconds while the layer is degraded, and once when it is whole again."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to ask."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End."""
        await end(self._task)

    async def ask(self) -> None:
        """Look up everybody who is connected here, and make good what they have not been told."""
        local: dict[int, list[Told]] = {}
        for connection in self._hub.connections():
            if getattr(connection, "told", None) is not None:
                local.setdefault(connection.user_id, []).append(connection)  # type: ignore[arg-type]
        for users in _portions(list(local), _PRINTS_COUNT):
            prints = await database.run(standing.prints, users)
            other = [user for user in users if _differs(local[user], prints.get(user, (0, 0, 0, 0)))]
            for some in _portions(other, _ROOMS_COUNT):
                for user, rooms in (await database.run(standing.rooms_of, some)).items():
                    for told in local[user]:
                        _tell(told, rooms)

    async def _run(self) -> None:
        was_degraded = False
        asked_at = asyncio.get_running_loop().time()
        while True:
            await asyncio.sleep(_PACE_DEGRADED_S * random.uniform(0.8, 1.2))
            is_degraded = self._hub.layer.is_degraded
            now = asyncio.get_running_loop().time()
            if is_degraded or was_degraded or now - asked_at > _PACE_S:
                asked_at = now
                try:
                    await self.ask()
                except Exception as error:
                    _log.warning("roll_call.failed", error=type(error).__name__)
            was_degraded = is_degraded


def _differs(connections: Sequence[Told], found: standing.Print) -> bool:
    return any(one.told is not None and standing.print_of(one.told) != found for one in connections)


def _tell(connection: Told, rooms: Mapping[int, Mark]) -> None:
    """Tell of rooms and read markers; that the user has left a room stands in that room's own log."""
    if connection.told is None:
        return
    for room, mark in rooms.items():
        known = connection.told.get(room)
        if known is None:
            metrics.ROLL_CALL_REPAIRS.inc()
            connection.room_missing(room)
        elif mark > known:
            connection.told[room] = mark
            backs, msg_no = mark
            event = {"type": "read", "room": room, "msg_no": msg_no, "backs": backs}
            connection.offer_droppable(codec.encode(event))


def _portions(items: Sequence[Any], count: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), count):
        yield items[start : start + count]
