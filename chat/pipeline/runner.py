"""Asynchronous work of a worker: one event loop for each process, made once and closed at its end.

A task is synchronous, and so is what it does with the database. Where it has to wait for many at once, it hands one
coroutine to `run`. A loop for each task would be made and torn down each time; one that a child has inherited from its
parent is shared with it, and whatever the child does to it happens to the parent.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from celery.signals import worker_process_shutdown

_T = TypeVar("_T")


class _Owner:
    """The loop of this process."""

    def __init__(self) -> None:
        self.runner: asyncio.Runner | None = None
        # A loop runs in one thread at a time; with a pool of threads the others wait.
        self.lock = threading.Lock()
        self.made_count = 0


_owner = _Owner()
# Loops of the parent: never touched here, not even by the collector, which would take the parent's sockets out of
# the selector that both share.
_inherited: list[_Owner] = []


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run one coroutine to its end and return its result; what it has begun and left behind is cancelled.

    Raises:
        RuntimeError: called on an event loop.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        work.close()
        raise RuntimeError("run() is for code without an event loop; on one, await the coroutine")
    with _owner.lock:
        runner = _own()
        try:
            return runner.run(work)
        finally:
            _end_all(runner.get_loop())


def close() -> None:
    """Close the loop; the next `run` makes another."""
    with _owner.lock:
        runner, _owner.runner = _owner.runner, None
        if runner is not None:
            runner.close()


def made_count() -> int:
    """Return how many loops this process has made."""
    return _owner.made_count


def _own() -> asyncio.Runner:
    if _owner.runner is None or _owner.runner.get_loop().is_closed():
        # With a factory the runner leaves the thread's current loop alone, which is not ours.
        _owner.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        _owner.made_count += 1
    return _owner.runner


def _end_all(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what is left: after a time limit of the task, also the coroutine itself."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))


def _forget() -> None:
    global _owner
    _inherited.append(_owner)
    _owner = _Owner()


def _close_at_end(**_: object) -> None:
    close()


os.register_at_fork(after_in_child=_forget)
# The children of Celery's pool end without the handlers of `atexit`.
worker_process_shutdown.connect(_close_at_end, weak=False)
atexit.register(close)
