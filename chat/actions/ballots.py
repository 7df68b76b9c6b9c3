"""The polls of messages that are posted: made, and stored with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from chat.models import Poll, statements
from chat.models.statements import Statement
from chat.protocol import codec
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.polls import NewPoll


def asked(new: NewPoll, now: datetime) -> Poll:
    """Make the poll of a message that is not stored yet. Refuses with bad_frame a time that is past."""
    closes_at = datetime.fromisoformat(new.closes_at).astimezone(UTC) if new.closes_at else None
    if closes_at is not None and closes_at <= now:
        raise Refused(ErrorCode.BAD_FRAME, "poll.closes_at is past")
    return Poll(
        options=list(new.options), is_multiple=new.multiple, is_anonymous=new.anonymous, closes_at=closes_at
    )


def insert(polls: Sequence[Poll]) -> Statement:
    """Return what stores new polls; their messages are stored before."""
    names = ("message_id", "options", "is_multiple", "is_anonymous", "closes_at")
    rows = [
        (one.message_id, codec.encode_object(one.options).decode(), one.is_multiple, one.is_anonymous, one.closes_at)
        for one in polls
    ]  # fmt: skip
    return statements.insert(Poll, names, rows)
