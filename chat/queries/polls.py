"""What was chosen in polls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from chat.models import Message, Poll, User, Vote
from chat.protocol import limits, shapes
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import visibility


def of(messages: Sequence[Message]) -> dict[int, shapes.Poll]:
    """Return the polls of messages that have one, by message, in two queries; of one just posted in none."""
    fresh = {row.id: row._state.fields_cache["poll"] for row in messages if "poll" in row._state.fields_cache}
    known: dict[int, Poll] = {pk: poll for pk, poll in fresh.items() if poll._state.adding}
    asked = [row.id for row in messages if row.id not in known]
    votes: dict[int, list[Vote]] = defaultdict(list)
    if asked:
        known |= {row.pk: row for row in Poll.objects.filter(message__in=asked)}
        for vote in Vote.objects.filter(poll__in=asked, choices__gt=0).order_by("pk"):
            votes[vote.poll_id].append(vote)
    return {pk: _shape(poll, votes[pk]) for pk, poll in known.items()}


def mine(user: User, message_id: int) -> list[int]:
    """Return what a user has chosen in a poll, by place. Raises Refused: not_found."""
    message = visibility.message(user, message_id)
    if not message.has_poll:
        raise Refused(ErrorCode.NOT_FOUND, "no such poll")
    vote = Vote.objects.filter(poll=message.pk, user=user).first()
    return vote.places if vote else []


def _shape(poll: Poll, votes: Sequence[Vote]) -> shapes.Poll:
    chosen: list[list[int]] = [[] for _ in poll.options]
    for vote in votes:
        for place in vote.places:
            chosen[place].append(vote.user_id)
    named = 0 if poll.is_anonymous else limits.POLL_NAMED_MAX_COUNT
    return {
        "options": [
            {"text": text, "votes": len(users), "users": users[:named]}
            for text, users in zip(poll.options, chosen, strict=True)
        ],
        "multiple": poll.is_multiple,
        "anonymous": poll.is_anonymous,
        "voters": len(votes),
        "closes_at": _time(poll.closes_at),
        "closed_at": _time(poll.closed_at),
    }


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
