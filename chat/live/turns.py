"""A line at a door through which only so many go at a time: who comes later waits, first come, first served."""

from __future__ import annotations

import asyncio

from chat import metrics


class Turns:
    """`async with turns:` goes on when it is one's turn. Who waits costs a place in the line and no memory else."""

    def __init__(self, count: int) -> None:
        self._places = asyncio.Semaphore(count)

    async def __aenter__(self) -> None:
        with metrics.CATCHING_UP_WAITING.track_inprogress():
            await self._places.acquire()

    async def __aexit__(self, *_: object) -> None:
        self._places.release()
