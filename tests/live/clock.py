"""The time of a running loop, moved by hand."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from chat import database

_STEP_S = 0.5
# In real time, for the threads: a moved clock would have them run late, and their callers give them up.
_LOOK_S = 0.002
_LOOKS_COUNT = 100


class Clock:
    """Adds to the loop's own time: timers that are due by then run in its next turns."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._real = loop.time
        self._ahead_s = 0.0
        changeable: Any = loop
        changeable.time = self.now

    def now(self) -> float:
        """Return the loop's time."""
        return self._real() + self._ahead_s

    async def advance(self, seconds: float) -> None:
        """Move on in small steps, and let what is due at each of them happen, reads of the database too."""
        steps = max(1, math.ceil(seconds / _STEP_S))
        for _ in range(steps):
            self._ahead_s += seconds / steps
            for _ in range(10):
                await asyncio.sleep(0)
            for _ in range(_LOOKS_COUNT):
                if not database.ways.waiting_count:
                    break
                await asyncio.sleep(_LOOK_S)
