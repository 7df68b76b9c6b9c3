"""What is answered when it is not the command's fault: come again, each after a time of its own.

Many are refused together; with one time for all they would come back together.
"""

from __future__ import annotations

import random

from chat import database
from chat.protocol.errors import ErrorCode, Refused

# How long to stay away, milliseconds. Whoever cannot know whether it is stored may ask again soon: the answer is there.
_AWAY_MS = {
    ErrorCode.BUSY: (500, 3_000),
    ErrorCode.DRAINING: (500, 3_000),
    ErrorCode.UNKNOWN_OUTCOME: (1_000, 5_000),
    ErrorCode.UNAVAILABLE: (2_000, 10_000),
}
# A connection that was lost is no outage yet: the next try finds another one.
_LOST_MS = (500, 3_000)


def busy(detail: str) -> Refused:
    """Return the refusal of what was not tried because too much is under way."""
    return _later(ErrorCode.BUSY, detail)


def draining() -> Refused:
    """Return the refusal of a process that is about to end."""
    return _later(ErrorCode.DRAINING, "this server restarts")


def unknown() -> Refused:
    """Return the answer to what was begun and whose end nobody saw."""
    return _later(ErrorCode.UNKNOWN_OUTCOME, "it may be stored")


def unavailable(detail: str) -> Refused:
    """Return the refusal of what the database was not asked to do, or gave no answer to."""
    return _later(ErrorCode.UNAVAILABLE, detail)


def not_done(detail: str) -> Refused:
    """Return the refusal of what the database did not do: an outage, or only a connection that was lost."""
    return _later(ErrorCode.UNAVAILABLE, detail, None if database.is_away() else _LOST_MS)


def _later(code: ErrorCode, detail: str, away_ms: tuple[int, int] | None = None) -> Refused:
    return Refused(code, detail, random.randint(*(away_ms or _AWAY_MS[code])))
