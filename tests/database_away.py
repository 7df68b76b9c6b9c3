"""A database that does not answer the threads of the pools, or keeps them waiting, for as long as a test says."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from django.db import OperationalError, connections

from chat import conf, database


class Away:
    """What it is to the test."""

    def __init__(self) -> None:
        self.is_on = True
        # Set when somebody has asked in vain.
        self.was_asked = asyncio.Event()


@asynccontextmanager
async def database_away(containing: str = "") -> AsyncIterator[Away]:
    """Let every statement that contains a text fail like on a lost server."""
    away, loop = Away(), asyncio.get_running_loop()

    def refuse(run: Any, sql: str, *args: Any) -> Any:
        if away.is_on and containing in sql:
            loop.call_soon_threadsafe(away.was_asked.set)
            raise OperationalError("away")
        return run(sql, *args)

    await _wrap(refuse)
    await database.run_in(
        database.writer_pool(), lambda: connections["default"].execute_wrappers.append(refuse)
    )
    yield away
    away.is_on = False


@asynccontextmanager
async def statements() -> AsyncIterator[list[str]]:
    """Note the statements that the readers' threads carry out."""
    asked: list[str] = []

    def note(run: Any, sql: str, *args: Any) -> Any:
        if is_on:
            asked.append(sql)
        return run(sql, *args)

    is_on = True
    await _wrap(note)
    yield asked
    is_on = False


class Held:
    """A statement that has been carried out, while who asked for it waits for the answer."""

    def __init__(self) -> None:
        self.was_reached = asyncio.Event()
        self._go = threading.Event()
        self.was_frozen = False
        self.on_go: Callable[[], object] = lambda: None

    async def reached(self) -> None:
        """Wait until the statement was carried out."""
        async with asyncio.timeout(10):
            await self.was_reached.wait()

    def go_on(self) -> None:
        """Let the answer through, and every later one."""
        self._go.set()
        self.on_go()
        self.on_go = lambda: None

    def wait(self) -> None:
        """Wait, in the thread of the statement."""
        self._go.wait(10)


@asynccontextmanager
async def answers_held(*containing: str) -> AsyncIterator[list[Held]]:
    """Hold the first answers of the readers' statements that contain these texts, each until it is let go."""
    held, loop = [Held() for _ in containing], asyncio.get_running_loop()
    waiting = list(zip(containing, held, strict=True))

    def hold(run: Any, sql: str, *args: Any) -> Any:
        answer = run(sql, *args)
        if waiting and waiting[0][0] in sql:
            one = waiting.pop(0)[1]
            loop.call_soon_threadsafe(one.was_reached.set)
            one.wait()
        return answer

    await _wrap(hold)
    try:
        yield held
    finally:
        for one in held:
            one.go_on()


@asynccontextmanager
async def frozen(containing: str) -> AsyncIterator[Held]:
    """Freeze what serves the next statement of the writer that contains a text, until it is let go on.

    On PostgreSQL the server's own process is stopped as by SIGSTOP, after it has got the statement. SQLite has no
    process: there the answer is held.
    """
    held, loop, pids = Held(), asyncio.get_running_loop(), list[int]()

    def freeze(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if containing not in sql or held.was_frozen:
            return run(sql, params, many, context)
        held.was_frozen = True
        connection = context["connection"]
        if connection.vendor == "postgresql":
            pids.append(connection.connection.info.backend_pid)
            os.kill(pids[0], signal.SIGSTOP)
            loop.call_soon_threadsafe(held.was_reached.set)
            return run(sql, params, many, context)
        answer = run(sql, params, many, context)
        loop.call_soon_threadsafe(held.was_reached.set)
        held.wait()
        return answer

    def add() -> None:
        connections["default"].execute_wrappers.append(freeze)

    await database.run_in(database.writer_pool(), add)

    def thaw() -> None:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    held.on_go = thaw
    try:
        yield held
    finally:
        held.go_on()


async def _wrap(wrapper: Any) -> None:
    each_thread = threading.Barrier(conf.get().DB_THREADS, timeout=10)

    def add() -> None:
        each_thread.wait()
        connections["default"].execute_wrappers.append(wrapper)

    await asyncio.gather(*(database.run(add) for _ in range(conf.get().DB_THREADS)))
