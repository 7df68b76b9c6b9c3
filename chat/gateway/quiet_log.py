"""Log lines that a stranger can cause, at most one of a kind in a second."""

import time
from typing import Any

import structlog


class QuietLog:
    """Writes the first line of a kind in each second, and how many it kept to itself since.

    Kinds are written in our code, never taken from input, so the table stays small.
    """

    def __init__(self, name: str) -> None:
        self._log = structlog.get_logger(name)
        self._last: dict[str, tuple[float, int]] = {}

    def warning(self, kind: str, /, **fields: Any) -> None:
        """Write one line about what a client did."""
        self._write("warning", kind, fields)

    def error(self, kind: str, /, **fields: Any) -> None:
        """Write one line about a fault of ours."""
        self._write("error", kind, fields)

    def _write(self, level: str, kind: str, fields: dict[str, Any]) -> None:
        now = time.monotonic()
        written_at, suppressed_count = self._last.get(kind, (-1.0, 0))
        if written_at >= 0 and now - written_at < 1.0:
            self._last[kind] = (written_at, suppressed_count + 1)
            return
        self._last[kind] = (now, 0)
        if suppressed_count:
            fields["suppressed_count"] = suppressed_count
        getattr(self._log, level)(kind, **fields)
