"""Group commit: what arrives while a batch is under way is the next batch."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from chat import database, metrics
from chat.actions.state import Request
from chat.live.hub import Hub
from chat.pipeline.execute import Executed, Outcome, execute
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, Refused

_log = structlog.get_logger(__name__)

_QUEUE_COUNT = 2_000
_QUEUE_BYTES = 4 * 1024 * 1024
_OLDEST_S = 2.0


@dataclass(slots=True)
class _Waiting:
    request: Request
    outcome: asyncio.Future[dict[str, Any]]
    since: float
    size_bytes: int


class Committer:
    """The queue into the writer thread of this process; first in, first out, so a connection's order holds."""

    def __init__(
        self,
        hub: Hub,
        *,
        max_count: int,
        gather_s: float,
        nudge: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        self._hub = hub
        self._max_count = max_count
        self._gather_s = gather_s
        self._nudge = nudge
        self._queue: deque[_Waiting] = deque()
        self._queue_bytes = 0
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._nudging: asyncio.Task[None] | None = None
        self.is_draining = False

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def drain(self) -> None:
        """Refuse what comes from now on and return when everything accepted is stored."""
        self.is_draining = True
        await self._idle.wait()

    async def stop(self) -> None:
        """End the writer; what still waits is answered as draining."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for waiting in self._queue:
            if not waiting.outcome.done():
                waiting.outcome.set_exception(Refused(ErrorCode.DRAINING, "this server restarts"))
        self._queue.clear()

    def submit(self, actor_id: int, command: Command) -> asyncio.Future[dict[str, Any]]:
        """Queue a durable command. The future gives the reply's result after COMMIT, or raises Refused.

        Raises:
            Refused: draining, busy; at once, nothing is queued.
        """
        loop = asyncio.get_running_loop()
        if self.is_draining:
            raise Refused(ErrorCode.DRAINING, "this server restarts")
        size = len(getattr(command, "body", "")) * 4
        is_late = bool(self._queue) and loop.time() - self._queue[0].since > _OLDEST_S
        if len(self._queue) >= _QUEUE_COUNT or self._queue_bytes + size > _QUEUE_BYTES or is_late:
            raise Refused(ErrorCode.BUSY, f"{len(self._queue):,} commands wait, at most {_QUEUE_COUNT:,}")
        outcome: asyncio.Future[dict[str, Any]] = loop.create_future()
        self._queue.append(_Waiting(Request(actor_id, command), outcome, loop.time(), size))
        self._queue_bytes += size
        self._idle.clear()
        self._arrived.set()
        metrics.WRITER_QUEUE.set(len(self._queue))
        return outcome

    async def _run(self) -> None:
        last_count = 0
        while True:
            await self._arrived.wait()
            if last_count > 1 and len(self._queue) < self._max_count:
                # Under load a short wait makes batches larger; alone a command goes at once.
                await asyncio.sleep(self._gather_s)
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._max_count))]
            self._queue_bytes -= sum(waiting.size_bytes for waiting in batch)
            if not self._queue:
                self._arrived.clear()
            last_count = len(batch)
            metrics.BATCH_SIZE.observe(last_count)
            metrics.WRITER_QUEUE.set(len(self._queue))
            await self._commit(batch)
            if not self._queue:
                self._idle.set()

    async def _commit(self, batch: list[_Waiting]) -> None:
        requests = [waiting.request for waiting in batch]
        try:
            executed = await database.run_in(database.writer_pool(), lambda: execute(requests))
        except asyncio.CancelledError:
            # Stopped while the thread is at it; who waits must not wait for ever.
            _answer(batch, [_unknown() for _ in batch])
            raise
        except Exception:
            # execute answers everything it can foresee; without this the writer would end and take all with it.
            _log.exception("committer.failed")
            executed = Executed([_unknown() for _ in batch])
        _answer(batch, executed.outcomes)
        try:
            self._hub.publish(executed.items)
        except Exception:
            # It is stored; the hubs compare with the log now and then.
            _log.exception("committer.publish_failed")
        if executed.has_follow_ups and (self._nudging is None or self._nudging.done()):
            self._nudging = asyncio.get_running_loop().create_task(self._nudge())


def _answer(batch: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.outcome.done():
            continue
        if isinstance(outcome, Refused):
            metrics.REFUSALS.labels(outcome.code.value).inc()
            waiting.outcome.set_exception(outcome)
        else:
            waiting.outcome.set_result(outcome)


def _unknown() -> Refused:
    return Refused(ErrorCode.UNKNOWN_OUTCOME, "it may be stored")
