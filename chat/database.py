"""The bounded thread pool in which all database work of the web process runs.

asgiref would send it through one thread for everybody, where a slow query holds up every socket.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache, partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

from chat import conf

_P = ParamSpec("_P")
_T = TypeVar("_T")


@cache
def _pool() -> Executor:
    return ThreadPoolExecutor(conf.get().DB_THREADS, thread_name_prefix="database")


@cache
def writer_pool() -> Executor:
    """Return the one thread of the writer: batches never run side by side in a process."""
    return ThreadPoolExecutor(1, thread_name_prefix="writer")


async def run(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run a function that reads the database in the pool and return its result.

    Waits while all threads are busy; the callers' own bounds (rate, in-flight commands) bound the wait.
    """
    return await run_in(_pool(), partial(function, *args, **kwargs))


async def run_in(pool: Executor, function: Callable[[], _T]) -> _T:
    """Run a function in one of the pools, with its connections checked before and given back after."""
    context = contextvars.copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(pool, context.run, _unit, function)


def close_all() -> None:
    """Let every pool thread close its connections and end; the next `run` starts new ones."""
    for make in (_pool, writer_pool):
        if make.cache_info().currsize:
            pool = make()
            make.cache_clear()
            for _ in range(getattr(pool, "_max_workers", 1)):
                pool.submit(connections.close_all)
            pool.shutdown(wait=True)


def _unit(function: Callable[[], _T]) -> _T:
    close_old_connections()
    try:
        return function()
    finally:
        close_old_connections()
