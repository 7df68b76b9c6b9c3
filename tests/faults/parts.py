"""Handles of running processes, to be awaited: every part of a world can be killed, frozen, stopped and started."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from signal import SIGCONT, SIGSTOP, Signals
from typing import Generic, TypeVar

import psutil

from scripts.services import NotReady, Postgres, Process
from scripts.services.process import until

_P = TypeVar("_P", bound=Process)
_T = TypeVar("_T")
_GONE_S = 10.0


class Starter:
    """The thread that starts all processes of a world: the kernel ends a child when its starting thread ends."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")

    async def run(self, action: Callable[..., _T], *args: object) -> _T:
        """Do something that waits for processes while the loop goes on."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, action, *args)

    def close(self) -> None:
        """End the thread, and with it what it has started."""
        self._thread.shutdown()


class Part(Generic[_P]):
    """One process of a world."""

    def __init__(self, process: _P, starter: Starter) -> None:
        self.process = process
        self._starter = starter

    @property
    def name(self) -> str:
        """How it is called, also in the history: web-0, redis, postgres, nginx."""
        return self.process.name

    @property
    def pid(self) -> int:
        """The process id of now."""
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self.process.is_running

    @property
    def returncode(self) -> int | None:
        """Its exit code; None while it runs."""
        return self.process.returncode

    @property
    def log(self) -> Path:
        """What it has written."""
        assert self.process.log is not None
        return self.process.log

    async def start(self) -> None:
        """Start it and wait until it answers."""
        await self._starter.run(self.process.start)

    async def spawn(self) -> None:
        """Start it and do not wait."""
        await self._starter.run(self.process.spawn)

    async def ready(self) -> None:
        """Wait until it answers."""
        await self._starter.run(self.process.wait_ready)

    async def kill(self) -> None:
        """End it with kill -9, and all its children."""
        await self._starter.run(self._kill)

    async def stop(self) -> None:
        """Ask it to end in its own way and wait for it."""
        await self._starter.run(self.process.stop)

    async def restart(self) -> None:
        """Stop it and start it again."""
        await self.stop()
        await self.start()

    async def freeze(self) -> None:
        """Stop it and its children in their tracks."""
        self._signal_all(SIGSTOP)

    async def thaw(self) -> None:
        """Let it go on after `freeze`."""
        self._signal_all(SIGCONT)

    async def signal(self, number: Signals) -> None:
        """Send a signal to the process alone and do not wait."""
        os.kill(self.pid, number)

    async def ended(self, within_s: float = 60) -> None:
        """Wait until it has ended by itself."""
        if not await self._starter.run(until, lambda: not self.is_running, within_s):
            raise NotReady(f"{self.name} still runs after {within_s:g} s")

    def tree(self) -> list[psutil.Process]:
        """Return it and its children, whatever groups they are in."""
        if not self.is_running:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.pid)
            return [root, *root.children(recursive=True)]
        return []

    def _signal_all(self, number: Signals) -> None:
        # The first one twice: once it stands still it makes no more of the others.
        for process in [*self.tree()[:1], *self.tree()]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _kill(self) -> None:
        family = self.tree()[1:]
        self.process.kill()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family, timeout=_GONE_S)


class PostgresPart(Part[Postgres]):
    """PostgreSQL: its backends are in groups of their own, and each is one of its children."""

    def beside(self, other: Postgres) -> PostgresPart:
        """Return another server that lives as long as this one."""
        return PostgresPart(other, self._starter)

    async def terminate_backends(self) -> None:
        """Break off every session of the application, as an administrator or a failover does."""
        query = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        await asyncio.to_thread(self._execute, query)

    def _execute(self, query: str) -> None:
        import psycopg

        with psycopg.connect(self.process.url, autocommit=True, connect_timeout=3) as connection:
            connection.execute(query.encode())
