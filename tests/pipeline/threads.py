"""Real threads with real transactions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection, connections

T = TypeVar("T")


def is_postgres() -> bool:
    """Tell which of the two databases this run is on."""
    return connection.vendor == "postgresql"


def leave() -> None:
    """Close this thread's connection for good, with what was set on it."""
    connection.close()
    if close_pool := getattr(connection, "close_pool", None):
        close_pool()


def at_once(functions: Sequence[Callable[[], T]]) -> list[T]:
    """Run each function in its own thread, all beginning at the same moment; return their results in order."""
    barrier = Barrier(len(functions), timeout=10)

    def started(function: Callable[[], T]) -> T:
        barrier.wait()
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as pool:
        return [
            future.result(timeout=60) for future in [pool.submit(started, function) for function in functions]
        ]
