"""The way out of the hub: rooms with something to tell are walked in turn, a bounded number of sends at a time.

A change of a room that does not rest leaves at once. What comes while its readers are being walked, or while a
big and busy room rests, leaves together in the next walk.
"""

from __future__ import annotations

import asyncio
from collections import deque

from chat.live.walk import Walk

# In one turn of the loop, 1 to 2 ms: then pings, answers and other rooms have theirs.
SENDS_COUNT = 256
# The longest that a change waits for others of its room.
TICK_S = 0.05
# How long a room rests after the beginning of a walk, for each change and reader of it. So a room with more than
# 50,000 deliveries a second, where one frame a change would take a third of the process, changes to the full tick,
# and one with fewer does not.
REST_S = 20e-6
# Rooms with fewer readers never rest: nothing would be gained.
BIG_COUNT = 100


class Flusher:
    """Plans the walks of all rooms of one process, in the loop's thread."""

    def __init__(self) -> None:
        self._queue: deque[Walk] = deque()
        self._next_turn: asyncio.Handle | None = None
        self._is_in_turn = False

    def due(self, walk: Walk) -> None:
        """Have what waits in a room told: now, or when its turn or the end of its rest has come."""
        if walk.is_full:
            # Memory is bounded, and whoever publishes so much can wait for it.
            walk.finish()
        if not walk.has_waiting or walk.is_queued or walk.alarm is not None:
            return
        loop = asyncio.get_running_loop()
        if walk.rests_until > loop.time():
            walk.alarm = loop.call_at(walk.rests_until, self._wake, walk)
            return
        walk.is_queued = True
        self._queue.append(walk)
        if self._next_turn is None and not self._is_in_turn:
            self._turn()

    def stop(self) -> None:
        """Tell nothing more of what is put off."""
        if self._next_turn is not None:
            self._next_turn.cancel()
        self._queue.clear()

    def _wake(self, walk: Walk) -> None:
        walk.alarm = None
        self.due(walk)

    def _turn(self) -> None:
        self._next_turn = None
        self._is_in_turn = True
        left = SENDS_COUNT
        try:
            while left > 0 and self._queue:
                left -= self._visit(self._queue.popleft(), left)
        finally:
            self._is_in_turn = False
            if self._queue:
                self._next_turn = asyncio.get_running_loop().call_soon(self._turn)

    def _visit(self, walk: Walk, sends: int) -> int:
        """Go on with a walk for so many sends; it comes to the end of the queue when there is more."""
        if not walk.is_under_way:
            readers, changes = walk.begin()
            if readers >= BIG_COUNT:
                rest_s = min(TICK_S, readers * changes * REST_S)
                walk.rests_until = asyncio.get_running_loop().time() + rest_s
        done = walk.step(sends)
        if walk.is_under_way:
            self._queue.append(walk)
        else:
            walk.is_queued = False
            self.due(walk)
        return max(1, done)
