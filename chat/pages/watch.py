"""A part that is asked how it is: by one question at a time, whoever asks, and never for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

_log = structlog.get_logger(__name__)

Answer = dict[str, Any]


class Watch:
    """Keeps the last answer for a moment. A question that hangs stays the only one and counts as `down`."""

    def __init__(
        self, name: str, ask: Callable[[], Awaitable[Answer]], *, timeout_s: float, kept_s: float
    ) -> None:
        self._name = name
        self._ask = ask
        self._timeout_s = timeout_s
        self._kept_s = kept_s
        self._asking: asyncio.Task[Answer] | None = None
        self._last: Answer | None = None
        self._last_at = 0.0

    async def state(self) -> Answer:
        """Return how the part is: its answer, or {"state": "down"}. Never raises."""
        loop = asyncio.get_running_loop()
        if self._last is not None and loop.time() - self._last_at < self._kept_s:
            return self._last
        if self._asking is None or self._asking.get_loop() is not loop:
            self._asking = loop.create_task(self._question())
        try:
            # Shielded, so that the next one who asks waits for the same thread instead of taking another.
            return await asyncio.wait_for(asyncio.shield(self._asking), self._timeout_s)
        except TimeoutError:
            return {"state": "down"}

    def forget(self) -> None:
        """Let the last answer go, so that the next one who asks gets a new one."""
        self._last = None

    async def _question(self) -> Answer:
        try:
            answer = await self._ask()
        except Exception as error:
            _log.warning("health.down", part=self._name, error=type(error).__name__)
            answer = {"state": "down"}
        self._last, self._last_at = answer, asyncio.get_running_loop().time()
        self._asking = None
        return answer
