"""What a client sends again later, after an answer that asked for that."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

Frame = dict[str, Any]
# Within so long it comes again once the database is back, after answers that said that it was away.
_BACK_S = 2.0
_STORE_AWAY = {"unavailable", "unknown_outcome"}


class Later:
    """`repeat` sends the command of a ref again, if that still waits."""

    def __init__(self, repeat: Callable[[str, Frame], Coroutine[Any, Any, None]]) -> None:
        self._repeat = repeat
        self._repeating: set[asyncio.Task[None]] = set()
        # By ref: what the server says of its database may end this wait.
        self._for_store: dict[str, tuple[asyncio.TimerHandle, Frame]] = {}

    def put(self, ref: str, frame: Frame, error: Frame) -> None:
        """Send a frame again after the time that an error asks for."""
        timer = asyncio.get_running_loop().call_later(
            error.get("after_ms", 100) / 1_000, self._begin, ref, frame
        )
        if error["code"] in _STORE_AWAY:
            self._for_store[ref] = timer, frame

    def hear(self, parts: list[str]) -> None:
        """Wait no longer for a database that is not among the parts that are down."""
        if "db" in parts:
            return
        waiting, self._for_store = self._for_store, {}
        for ref, (timer, frame) in waiting.items():
            timer.cancel()
            asyncio.get_running_loop().call_later(random.uniform(0, _BACK_S), self._begin, ref, frame)

    def _begin(self, ref: str, frame: Frame) -> None:
        self._for_store.pop(ref, None)
        task = asyncio.get_running_loop().create_task(self._repeat(ref, frame))
        self._repeating.add(task)
        task.add_done_callback(self._repeating.discard)
