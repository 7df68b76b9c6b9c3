"""What waits for a time of its own: which times are taken, and who may do it when its time has come.

The rows themselves are the queue; a sweep looks every few seconds for those that are due.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Q

from chat.protocol import limits
from chat.protocol.errors import ErrorCode, ProtocolError

# A process that has taken a row has it for so long; much longer than the writing of a message takes.
LEASE_S = 60
# Longer ahead no claim can end, whatever the clocks of two machines are apart: the clock has gone back since.
_CLAIM_MAX_S = 2 * LEASE_S


def checked(text: str, now: datetime) -> datetime:
    """Return the time that a client names, in UTC.

    Raises:
        ProtocolError: bad_frame, when it is past or too far ahead.
    """
    at = datetime.fromisoformat(text).astimezone(UTC)
    if at <= now:
        raise ProtocolError(ErrorCode.BAD_FRAME, f"due_at is {_said(at)}, here it is {_said(now)} already")
    most = now + timedelta(days=limits.AHEAD_MAX_DAYS)
    if at > most:
        detail = f"due_at is {_said(at)}, at most {limits.AHEAD_MAX_DAYS} days ahead: {_said(most)}"
        raise ProtocolError(ErrorCode.BAD_FRAME, detail)
    return at


def claim(now: datetime) -> datetime:
    """Return when a claim that is made now ends by itself."""
    return now + timedelta(seconds=LEASE_S)


def free(now: datetime) -> Q:
    """Return the condition for rows that nobody has.

    A claim of a clock that has gone back since holds nothing up.
    """
    lost = now + timedelta(seconds=_CLAIM_MAX_S)
    return Q(claimed_until=None) | Q(claimed_until__lte=now) | Q(claimed_until__gt=lost)


def _said(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
