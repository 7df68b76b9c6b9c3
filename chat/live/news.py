"""Word of who came and went, for everybody: at once as a rule, gathered while many come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

# How long nothing is told after a telling, for each connection that was told: a tenth of the process at most.
REST_S = 50e-6
REST_MAX_S = 1.0
# After fewer there is no rest.
MANY_COUNT = 100


class News:
    """The last event about each user that has not been told yet."""

    def __init__(self, tell: Callable[[Mapping[int, bytes]], int]) -> None:
        """`tell` gets the events by user and returns how many connections it told."""
        self._tell = tell
        self._events: dict[int, bytes] = {}
        self._rests_until = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    def add(self, user: int, event: bytes) -> None:
        """Tell an event about a user, in the place of an older one that still waits."""
        self._events.pop(user, None)
        self._events[user] = event
        if self._alarm is not None:
            return
        loop = asyncio.get_running_loop()
        if self._rests_until > loop.time():
            self._alarm = loop.call_at(self._rests_until, self._flush)
        else:
            self._flush()

    def stop(self) -> None:
        """Tell nothing more of what waits."""
        if self._alarm is not None:
            self._alarm.cancel()

    def _flush(self) -> None:
        self._alarm = None
        events, self._events = self._events, {}
        told = self._tell(events)
        if told >= MANY_COUNT:
            self._rests_until = asyncio.get_running_loop().time() + min(REST_MAX_S, told * REST_S)
