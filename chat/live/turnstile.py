"""A rate at a door with a bounded waiting room. The clock is passed in, monotonic, in seconds."""

from __future__ import annotations


class Turnstile:
    """Lets `burst` through at once and `rate_per_s` for ever after; who comes faster waits, up to `most_s`."""

    __slots__ = ("_burst_s", "_free_at", "_gap_s", "_most_s")

    def __init__(self, rate_per_s: float, burst: int, most_s: float) -> None:
        self._gap_s = 1.0 / rate_per_s
        self._burst_s = (burst - 1) / rate_per_s
        self._most_s = most_s
        self._free_at = float("-inf")

    def enter(self, now: float) -> float | None:
        """Take a turn; return the seconds until it comes, or None when the waiting room is full (none was taken)."""
        turn_at = max(self._free_at, now - self._burst_s)
        wait_s = turn_at - now
        if wait_s > self._most_s:
            return None
        self._free_at = turn_at + self._gap_s
        return max(0.0, wait_s)
