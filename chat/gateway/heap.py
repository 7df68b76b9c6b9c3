"""Memory that is free again goes back to the system: what a burst took is nothing that the process has to keep.

glibc keeps what was freed between things still in use, in every thread's arena; after a storm that is more than all
that lives. On systems without it nothing is done. The figures are in docs/decisions/0024-memory.md.
"""

from __future__ import annotations

import ctypes
import math
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_LOOK_S = 1.0
# Memory that has grown by less than this since the last round is not worth another.
_GROWN_BYTES = 8 * 1024 * 1024
# What was in use in one round may be free some time later, without any growth.
_ONCE_MORE_S = 5.0
_WORTH_BYTES = 1024 * 1024
# Meanwhile whoever allocates waits, 2 ms as a rule; with a heap so large that it takes long, rounds become rare.
_TIME_SHARE = 0.02
# Python lets one thread run at a time, so the database threads do not need an arena each.
_ARENAS_COUNT = 2
_M_ARENA_MAX = -8
_STATM = Path("/proc/self/statm")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Heap:
    """Looks at the memory of this process every second, and has glibc return what is free when it has grown."""

    def __init__(self) -> None:
        self._libc = _glibc()
        # The least that was resident since the last round.
        self._least_bytes = 0
        self._over = threading.Event()

    def limit_arenas(self) -> None:
        """Have all threads share a few arenas; to be said before they start."""
        if self._libc is not None:
            self._libc.mallopt(_M_ARENA_MAX, _ARENAS_COUNT)

    def watch(self) -> None:
        """Look from here on, in a thread of its own: a round must not hold the loop."""
        if self._libc is not None:
            self._least_bytes = resident_bytes()
            threading.Thread(target=self._look, name="heap", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()

    def _look(self) -> None:
        wait_s, due_at = _LOOK_S, math.inf
        while not self._over.wait(wait_s):
            now_bytes, began_at, wait_s = resident_bytes(), time.monotonic(), _LOOK_S
            self._least_bytes = min(self._least_bytes, now_bytes)
            has_grown = now_bytes > self._least_bytes + _GROWN_BYTES
            if not has_grown and began_at < due_at:
                continue
            self._libc.malloc_trim(0)
            self._least_bytes = resident_bytes()
            wait_s = max(wait_s, (time.monotonic() - began_at) / _TIME_SHARE)
            was_worth_it = has_grown or now_bytes - self._least_bytes > _WORTH_BYTES
            due_at = began_at + _ONCE_MORE_S if was_worth_it else math.inf


def take_places(instance: object, names: Iterable[str]) -> None:
    """Set attributes that will be set later to what they are in the class, or to None; called by `__init__`.

    CPython keeps the names of all instances of a class in one table, but only those that the first few instances have
    early. When many handshakes begin before one is over, what is set after a handshake comes too late, and each
    connection gets a dictionary of its own: 0.5 to 0.8 kB.
    """
    for name in names:
        setattr(instance, name, getattr(instance, name, None))


def resident_bytes() -> int:
    """Return how much memory this process has now."""
    return int(_STATM.read_text().split()[1]) * _PAGE_BYTES


def _glibc() -> Any:
    if not _STATM.exists():
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
