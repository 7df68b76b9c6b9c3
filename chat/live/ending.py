"""The end of tasks that never end by themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

_AGAIN_S = 0.2


async def end(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel tasks and return when they have ended, whatever they end with.

    Asked again and again: what a task awaits may swallow a cancellation that comes in the moment of its own timeout,
    as the Redis client does, and the task would go on for ever.
    """
    await end_all(task for task in tasks if task is not None)


async def end_all(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks and return when they have ended."""
    every = list(tasks)
    pending = {task for task in every if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_AGAIN_S)
    # Taken, so that nobody complains of a failure that came at the end.
    await asyncio.gather(*every, return_exceptions=True)
