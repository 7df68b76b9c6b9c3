"""Group commit: what arrives while a batch is under way is the next batch."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from chat import database, database_link, failpoints, metrics
from chat.actions.state import Request
from chat.live.ending import end
from chat.live.hub import Hub
from chat.pipeline import refusals
from chat.pipeline.execute import Executed, Outcome, execute
from chat.protocol.commands import Command
from chat.protocol.errors import Refused
from chat.text import calls

_log = structlog.get_logger(__name__)

_QUEUE_COUNT = 2_000
_QUEUE_BYTES = 4 * 1024 * 1024
_OLDEST_S = 2.0
# Who has waited so long for a batch is sent away; whose batch has begun gets an answer by the time below.
_TIRED_S = 3.0
_TIRED_EVERY_S = 0.25
_BATCH_S = 8.0
_ANSWER_S = 9.5


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
        here: Callable[[], Collection[int]] | None = None,
    ) -> None:
        self._hub = hub
        # Who is connected, for messages that call them.
        self._here = here
        self._max_count = max_count
        self._gather_s = gather_s
        self._nudge = nudge
        self._queue: deque[_Waiting] = deque()
        self._queue_bytes = 0
        self._arrived = asyncio.Event()
        # Set while a batch waits for more: how many it wants, and what ends the wait.
        self._wanted_count = 0
        self._enough: asyncio.Future[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._nudging: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None
        self._tired: asyncio.TimerHandle
        # The writer's thread is in a batch that was given up; what comes meanwhile is not tried.
        self._is_stuck = False
        self.is_draining = False
        # Told after COMMIT who has read on, as pairs of room and user.
        self.on_read: Callable[[Sequence[tuple[int, int]]], None] = lambda read: None

    def start(self) -> None:
        """Begin to write."""
        metrics.WRITER_QUEUE.set_function(lambda: len(self._queue))
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def drain(self) -> None:
        """Refuse what comes from now on and return when everything accepted is stored."""
        self.is_draining = True
        await self._idle.wait()

    async def stop(self) -> None:
        """End the writer; what still waits is answered as draining."""
        await end(self._task)
        self._refuse_waiting(refusals.draining)

    def submit(self, actor_id: int, command: Command, origin: str = "") -> asyncio.Future[dict[str, Any]]:
        """Queue a durable command; the future gives the reply's result after COMMIT, or raises Refused.

        `origin`: the address it came from, for the record.

        Raises:
            Refused: draining, busy, unavailable; at once, nothing is queued.
        """
        loop = asyncio.get_running_loop()
        if self.is_draining:
            raise refusals.draining()
        if self._is_stuck:
            raise refusals.unavailable("the database does not answer")
        size = len(getattr(command, "body", "")) * 4
        is_late = bool(self._queue) and loop.time() - self._queue[0].since > _OLDEST_S
        if len(self._queue) >= _QUEUE_COUNT or self._queue_bytes + size > _QUEUE_BYTES or is_late:
            raise refusals.busy(f"{len(self._queue):,} commands wait, at most {_QUEUE_COUNT:,}")
        if not database.ways.writing.lets_through(time.monotonic()):
            raise refusals.unavailable("the database did not answer a moment ago")
        outcome: asyncio.Future[dict[str, Any]] = loop.create_future()
        request = Request(actor_id, command, origin=origin)
        if self._here is not None and calls.may_be_here(getattr(command, "body", "")):
            request.here = self._here()
        self._queue.append(_Waiting(request, outcome, loop.time(), size))
        self._queue_bytes += size
        self._idle.clear()
        self._arrived.set()
        if self._enough is not None and len(self._queue) >= self._wanted_count:
            _wake(self._enough)
        return outcome

    async def _run(self) -> None:
        last_count = 0
        while True:
            await self._arrived.wait()
            await self._gather(min(last_count, self._max_count))
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._max_count))]
            self._queue_bytes -= sum(waiting.size_bytes for waiting in batch)
            if not self._queue:
                self._arrived.clear()
            last_count = len(batch)
            metrics.BATCH_SIZE.observe(last_count)
            await self._commit(batch)
            if not self._queue:
                self._idle.set()

    async def _gather(self, count: int) -> None:
        """Wait a moment until as many are there as in the batch before.

        Under load that makes batches larger: who was answered just now is about to come again, and when all have
        there is nothing to wait for. Alone a command goes at once.
        """
        if count < 2 or len(self._queue) >= count:
            return
        loop = asyncio.get_running_loop()
        self._wanted_count, self._enough = count, loop.create_future()
        timer = loop.call_later(self._gather_s, _wake, self._enough)
        try:
            await self._enough
        finally:
            timer.cancel()
            self._enough = None

    async def _commit(self, batch: list[_Waiting]) -> None:
        executed = await self._execute(batch)
        _answer(batch, executed.outcomes)
        if executed.failure is not None:
            database.ways.failed(database.ways.writing, executed.failure)
            if database_link.is_away(executed.failure):
                # They would meet the same, each batch as long as this one.
                self._refuse_waiting(lambda: refusals.not_done("the database does not answer"))
            return
        database.ways.succeeded(database.ways.writing)
        await self._tell(executed)

    async def _execute(self, batch: list[_Waiting]) -> Executed:
        loop = asyncio.get_running_loop()
        requests = [waiting.request for waiting in batch]
        left_s = min(_BATCH_S, batch[0].since + _ANSWER_S - loop.time())
        self._tired = loop.call_later(_TIRED_S, self._refuse_tired)
        try:
            return await database.run_in(
                database.writer_pool(), lambda: execute(requests), running_s=left_s, waiting_s=left_s
            )
        except asyncio.CancelledError:
            # Stopped while the thread is at it; who waits must not wait for ever.
            _answer(batch, [refusals.unknown() for _ in batch])
            raise
        except database.Overdue as overdue:
            if not overdue.has_begun:
                refused = [refusals.unavailable("the database does not answer") for _ in batch]
                return Executed(list(refused), failure=overdue)
            self._is_stuck = True
            overdue.work.add_done_callback(lambda work: _soon(loop, self._come_back, work))
            return Executed([refusals.unknown() for _ in batch], failure=overdue)
        except Exception:
            # execute answers everything it can foresee; without this the writer would end and take all with it.
            _log.exception("committer.failed")
            return Executed([refusals.unknown() for _ in batch])
        finally:
            self._tired.cancel()

    def _come_back(self, work: Future[Executed]) -> None:
        """Go on after a batch that was given up; what it has stored after all is told."""
        self._is_stuck = False
        if work.cancelled() or work.exception() is not None:
            return
        executed = work.result()
        if executed.failure is None:
            database.ways.succeeded(database.ways.writing)
            self._telling = asyncio.get_running_loop().create_task(self._tell(executed))

    async def _tell(self, executed: Executed) -> None:
        try:
            if failpoints.is_on:
                await failpoints.reach_on_loop("reply.after")
            self._hub.publish(executed.items)
            if executed.read:
                self.on_read(executed.read)
        except Exception:
            # It is stored; the hubs compare with the log now and then.
            _log.exception("committer.publish_failed")
        if executed.has_follow_ups and (self._nudging is None or self._nudging.done()):
            self._nudging = asyncio.get_running_loop().create_task(self._nudge())

    def _refuse_tired(self) -> None:
        """Send away who has waited too long behind a batch that takes its time."""
        loop = asyncio.get_running_loop()
        while self._queue and loop.time() - self._queue[0].since >= _TIRED_S:
            self._refuse(self._queue.popleft(), refusals.busy(f"waited for {_TIRED_S:g} s"))
        self._tired = loop.call_later(_TIRED_EVERY_S, self._refuse_tired)

    def _refuse_waiting(self, refusal: Callable[[], Refused]) -> None:
        while self._queue:
            self._refuse(self._queue.popleft(), refusal())

    def _refuse(self, waiting: _Waiting, refused: Refused) -> None:
        self._queue_bytes -= waiting.size_bytes
        if not self._queue:
            self._arrived.clear()
        _answer([waiting], [refused])


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _answer(batch: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.outcome.done():
            continue
        if isinstance(outcome, Refused):
            metrics.REFUSALS.labels(outcome.code.value).inc()
            waiting.outcome.set_exception(outcome)
        else:
            waiting.outcome.set_result(outcome)


def _soon(loop: asyncio.AbstractEventLoop, function: Callable[..., None], work: Future[Executed]) -> None:
    # The thread may come back after its loop has ended.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function, work)
