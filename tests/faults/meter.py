"""What processes use while something happens to them: memory, open descriptors, threads, ten times a second."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_INTERVAL_S = 0.1
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at one process; a process that has ended has none."""

    # On the clock of time.monotonic().
    at_s: float
    rss_bytes: int
    descriptors_count: int
    threads_count: int


def look(pid: int) -> Sample | None:
    """Return what a process uses now; None when it has ended."""
    folder = Path("/proc") / str(pid)
    try:
        rss_bytes = int((folder / "statm").read_text().split()[1]) * _PAGE_BYTES
        descriptors_count = sum(1 for _ in (folder / "fd").iterdir())
        # After the name, which may hold anything but ends with the last bracket, it is the 18th field.
        threads_count = int((folder / "stat").read_text().rpartition(")")[2].split()[17])
    except (OSError, IndexError):
        return None
    # The memory of a process that is ending is gone before its number is.
    return Sample(time.monotonic(), rss_bytes, descriptors_count, threads_count) if rss_bytes else None


class Meter:
    """Watches processes from a thread of its own: `with Meter([web.pid]) as meter: ...`."""

    def __init__(self, pids: Iterable[int]) -> None:
        self.series: dict[int, list[Sample]] = {pid: [] for pid in pids}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="meter", daemon=True)

    def __enter__(self) -> Self:
        self.take()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.take()

    def take(self) -> None:
        """Take a sample of each now."""
        for pid, samples in self.series.items():
            if (sample := look(pid)) is not None:
                samples.append(sample)

    def baseline(self, pid: int) -> Sample:
        """Return the first sample."""
        return self.series[pid][0]

    def latest(self, pid: int) -> Sample:
        """Return the last sample."""
        return self.series[pid][-1]

    def peak(self, pid: int) -> Sample:
        """Return the highest of each figure, at the time of the most memory."""
        samples = self.series[pid]
        most = max(samples, key=lambda sample: sample.rss_bytes)
        return Sample(
            most.at_s,
            most.rss_bytes,
            max(sample.descriptors_count for sample in samples),
            max(sample.threads_count for sample in samples),
        )

    def grown_bytes(self, pid: int) -> int:
        """Return by how much the memory was ever above the first sample."""
        return self.peak(pid).rss_bytes - self.baseline(pid).rss_bytes

    def comes_back(self, pid: int, within: Callable[[Sample], bool], timeout_s: float) -> bool:
        """Wait until a sample is as wanted; False when none was in time."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            sample = look(pid)
            if sample is not None and within(sample):
                return True
            time.sleep(_INTERVAL_S)
        return False

    def _watch(self) -> None:
        while not self._over.wait(_INTERVAL_S):
            self.take()
