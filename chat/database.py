"""The bounded thread pool in which all database work of the web process runs.

asgiref would send it through one thread for everybody, where a slow query holds up every socket. A database that is
away costs each caller a bounded time: a deadline for each unit, a bound for how many wait, a breaker for the rest.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import cache, partial
from typing import Any, Generic, ParamSpec, TypeVar

import structlog
from django.db import OperationalError, close_old_connections, connections

from chat import conf, database_link, metrics
from chat.breaker import Breaker

_log = structlog.get_logger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")

# A read that takes longer is given up. The server's own limit is the same and never fires when it is frozen.
_READ_S = 5.0
# How long a read may wait for a thread, and how many may.
_WAIT_S = 4.0
_WAIT_COUNT = 2_000


class Away(OperationalError):
    """The database was not asked, or has not answered in time."""


class Overdue(Away):
    """A unit has not ended in time. `work` ends later if it was begun, and never begins if it was not."""

    def __init__(self, work: Future[Any], *, has_begun: bool) -> None:
        super().__init__("no answer in time" if has_begun else "no thread was free in time")
        self.work = work
        self.has_begun = has_begun


class Ways:
    """The two ways to the database, each with its breaker: a full disk stops writing and not reading."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was counted."""
        self.reading = Breaker()
        self.writing = Breaker()
        self.waiting_count = 0
        # Called when one of them works again.
        self.on_back: Callable[[], None] = lambda: None

    def failed(self, way: Breaker, error: BaseException) -> None:
        """Count a failure, if it is one of the database."""
        if not database_link.is_away(error):
            return
        was_open = way.is_open(time.monotonic())
        way.failed(time.monotonic())
        if not was_open and way.is_open(time.monotonic()):
            _log.warning("database.away", way=self._name(way), error=type(error).__name__)
            metrics.DATABASE_AWAY.labels(self._name(way)).set(1)

    def succeeded(self, way: Breaker) -> None:
        """Count an answer."""
        if way.succeeded():
            _log.info("database.back", way=self._name(way))
            metrics.DATABASE_AWAY.labels(self._name(way)).set(0)
            if way is self.reading:
                # Both had lost it: writing is tried at once, not only by who happens to come as the next second's.
                self.succeeded(self.writing)
            self.on_back()

    def _name(self, way: Breaker) -> str:
        return "reading" if way is self.reading else "writing"


ways = Ways()


def is_away() -> bool:
    """Tell whether reads or writes are refused at the moment, without asking anybody."""
    now = time.monotonic()
    return ways.reading.is_open(now) or ways.writing.is_open(now)


@cache
def _pool() -> Executor:
    return ThreadPoolExecutor(conf.get().DB_THREADS, thread_name_prefix="database")


@cache
def writer_pool() -> Executor:
    """Return the one thread of the writer: batches never run side by side in a process."""
    return ThreadPoolExecutor(1, thread_name_prefix="writer")


async def run(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run a function that reads the database in the pool and return its result.

    Raises:
        Away: nothing was asked, because the last ones got no answer or too many wait; or it took too long.
    """
    if not ways.reading.lets_through(time.monotonic()):
        raise Away("the database did not answer a moment ago")
    if ways.waiting_count >= _WAIT_COUNT:
        raise Away(f"{ways.waiting_count:,} wait for the database, at most {_WAIT_COUNT:,}")
    ways.waiting_count += 1
    try:
        result = await run_in(
            _pool(),
            partial(function, *args, **kwargs),
            running_s=_READ_S,
            waiting_s=_WAIT_S,
            way=ways.reading,
        )
    except Overdue:
        # Counted already, also for those who have stopped waiting.
        raise
    except Exception as error:
        if database_link.is_away(error):
            ways.failed(ways.reading, error)
        elif not isinstance(error, database_link.PASSING):
            ways.succeeded(ways.reading)
        raise
    finally:
        ways.waiting_count -= 1
    ways.succeeded(ways.reading)
    return result


async def run_in(
    pool: Executor,
    function: Callable[[], _T],
    *,
    running_s: float | None = None,
    waiting_s: float | None = None,
    way: Breaker | None = None,
) -> _T:
    """Run a function in one of the pools, with its connections checked before and given back after.

    Raises:
        Overdue: it has run, or waited for a thread, for longer than it may.
    """
    unit: _Unit[_T] = _Unit(contextvars.copy_context(), function)
    loop = asyncio.get_running_loop()
    work = pool.submit(unit.run)
    answer = asyncio.wrap_future(work, loop=loop)
    if running_s is None or waiting_s is None:
        return await answer
    watch = _Watch(unit, work, answer, running_s, waiting_s, way)
    try:
        return await answer
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if watch.overdue is None or (task is not None and task.cancelling()):
            raise
        raise watch.overdue from None
    finally:
        watch.end()


def close_all() -> None:
    """Let every pool thread close its connections and end; the next `run` starts new ones."""
    for make in (_pool, writer_pool):
        if make.cache_info().currsize:
            pool = make()
            make.cache_clear()
            for _ in range(getattr(pool, "_max_workers", 1)):
                pool.submit(connections.close_all)
            pool.shutdown(wait=True)
    ways.reset()


class _Unit(Generic[_T]):
    """A function in a thread, and the connection with which it is at it."""

    __slots__ = ("_connection", "_context", "_function", "_lock", "started_at")

    def __init__(self, context: contextvars.Context, function: Callable[[], _T]) -> None:
        self._context = context
        self._function = function
        self._lock = threading.Lock()
        self._connection: Any = None
        self.started_at: float | None = None

    def run(self) -> _T:
        self.started_at = time.monotonic()
        return self._context.run(self._run)

    def _run(self) -> _T:
        close_old_connections()
        self._connection = connections["default"]
        try:
            return self._function()
        except database_link.PASSING as error:
            database_link.let_go(error)
            raise
        finally:
            with self._lock:
                # From here on it is somebody else's.
                self._connection = None
            close_old_connections()

    def cut(self) -> None:
        """End its wait for the server, so that its thread comes back."""
        # Taken: it is at its end and needs no help.
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._connection is not None:
                database_link.cut(self._connection)
        finally:
            self._lock.release()


class _Watch:
    """Ends the wait for a unit that takes too long; one timer, which costs nothing while all is well."""

    __slots__ = ("_answer", "_running_s", "_timer", "_unit", "_way", "_work", "overdue")

    def __init__(
        self,
        unit: _Unit[Any],
        work: Future[Any],
        answer: asyncio.Future[Any],
        running_s: float,
        waiting_s: float,
        way: Breaker | None,
    ) -> None:
        self._unit, self._work, self._answer, self._running_s, self._way = unit, work, answer, running_s, way
        self.overdue: Overdue | None = None
        self._timer = answer.get_loop().call_later(waiting_s, self._look)

    def _look(self) -> None:
        if self._work.done():
            return
        if self._work.cancel():
            self._end_wait(has_begun=False)
            return
        started_at = self._unit.started_at or time.monotonic()
        left_s = started_at + self._running_s - time.monotonic()
        if left_s > 0:
            self._timer = self._answer.get_loop().call_later(left_s + 0.01, self._look)
            return
        self._end_wait(has_begun=True)
        self._unit.cut()

    def _end_wait(self, *, has_begun: bool) -> None:
        self.overdue = Overdue(self._work, has_begun=has_begun)
        # Who found no thread says nothing about the database.
        if has_begun and self._way is not None:
            ways.failed(self._way, self.overdue)
        self._answer.cancel()

    def end(self) -> None:
        # Whoever waited may be gone while the thread is still at it.
        if self._work.done():
            self._timer.cancel()
