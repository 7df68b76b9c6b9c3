"""A breaker: after failures in a row it refuses at once, and lets one through a second to see whether it is over."""

from __future__ import annotations

_FAILURES_COUNT = 3
_PROBE_S = 1.0
# Nobody asks any more: then nobody knows either, and the next one who asks is let through.
_STALE_S = 15.0


class Breaker:
    """The state of one way to the database. The clock is passed in, monotonic, in seconds."""

    __slots__ = ("_asked_at", "_failures", "_probe_at")

    def __init__(self) -> None:
        self._failures = 0
        self._probe_at = 0.0
        self._asked_at = 0.0

    def is_open(self, now: float) -> bool:
        """Tell whether it refuses, for those who report it."""
        return self._failures >= _FAILURES_COUNT and now - self._asked_at < _STALE_S

    def lets_through(self, now: float) -> bool:
        """Tell whether to try at all; while it is open the first one of each second is to try."""
        if self._failures < _FAILURES_COUNT:
            return True
        self._asked_at = now
        if now < self._probe_at:
            return False
        self._probe_at = now + _PROBE_S
        return True

    def failed(self, now: float) -> None:
        """Count a failure that says something about the database and nothing about who asked."""
        self._failures += 1
        self._asked_at = now
        self._probe_at = now + _PROBE_S

    def succeeded(self) -> bool:
        """Close it; return whether it was open."""
        was_open = self._failures >= _FAILURES_COUNT
        self._failures = 0
        return was_open
