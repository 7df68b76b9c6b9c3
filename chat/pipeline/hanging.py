"""What hangs on messages that are put back: polls with their votes, removals, reports, and who follows their threads.

An archive may say anything: what could not have come about here is refused. One of a version before has none of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chat.models import Poll, Removal, Report, Room, ThreadFollow, Vote
from chat.protocol import limits, text_rules
from chat.protocol.polls import CastVote, NewPoll

Line = Mapping[str, Any]


def write(lines: Sequence[Line]) -> None:
    """Make what hangs on messages, which are there.

    Raises:
        ValueError, OverflowError, ProtocolError: for what could not have come about here. Others for what is torn.
    """
    asking = [line for line in lines if line.get("poll") is not None]
    Poll.objects.bulk_create(_poll(line) for line in asking)
    Vote.objects.bulk_create(_vote(line, one) for line in asking for one in line["poll"]["votes"])
    Removal.objects.bulk_create(_removal(line) for line in lines if line.get("removal") is not None)
    Report.objects.bulk_create(_report(line, one) for line in lines for one in line.get("reports", ()))
    ThreadFollow.objects.bulk_create(_follows([line for line in lines if line.get("follows")]))


def _poll(line: Line) -> Poll:
    poll = line["poll"]
    if line["deleted_at"] is not None:
        raise ValueError(f"message {line['id']} is deleted and has a poll")
    # What could not be asked here could not be shown either.
    asked = NewPoll(
        options=poll["options"],
        multiple=poll["is_multiple"],
        anonymous=poll["is_anonymous"],
        closes_at=poll["closes_at"],
    )
    return Poll(
        message_id=line["id"],
        options=list(asked.options),
        is_multiple=asked.multiple,
        is_anonymous=asked.anonymous,
        closes_at=asked.closes_at,
        closed_at=poll["closed_at"] and _time(poll["closed_at"]),
    )


def _vote(line: Line, one: Line) -> Vote:
    # A place that is no option would break the message for everybody who reads it.
    choices, poll = CastVote(message=line["id"], choices=one["choices"]).choices, line["poll"]
    count = len(poll["options"])
    if any(place >= count for place in choices):
        raise ValueError(
            f"a vote for option {max(choices)} of message {line['id']}, which has {count} from 0"
        )
    if len(choices) > 1 and not poll["is_multiple"]:
        raise ValueError(
            f"a vote for {len(choices)} options of message {line['id']}, where one can be chosen"
        )
    return Vote(poll_id=line["id"], user_id=one["user_id"], choices=sum(1 << place for place in choices))


def _removal(line: Line) -> Removal:
    removal = line["removal"]
    if line["deleted_at"] is None:
        raise ValueError(f"message {line['id']} is not deleted and has a removal")
    return Removal(message_id=line["id"], by_id=removal["by_id"], reason=_line(removal["reason"], "reason"))


def _report(line: Line, one: Line) -> Report:
    resolution = Report.Resolution(one["resolution"])
    if (resolution is Report.Resolution.OPEN) is not (one["resolved_at"] is None):
        raise ValueError(
            f"a report of message {line['id']} is resolved as {resolution.value!r} at {one['resolved_at']}"
        )
    return Report(
        id=one["id"],
        message_id=line["id"],
        room_id=line["room_id"],
        reporter_id=one["reporter_id"],
        kind=Report.Kind(one["kind"]),
        text=_line(one["text"], "text"),
        created_at=_time(one["created_at"]),
        resolution=resolution,
        resolved_at=one["resolved_at"] and _time(one["resolved_at"]),
        resolved_by_id=one["resolved_by_id"],
    )


def _follows(lines: Sequence[Line]) -> Iterator[ThreadFollow]:
    rooms = Room.objects.filter(pk__in={line["room_id"] for line in lines})
    ends: dict[int, int] = dict(rooms.values_list("pk", "last_seq"))
    for line in lines:
        if line["parent_id"] is not None:
            raise ValueError(f"message {line['id']} is a reply, which nobody can follow")
        for one in line["follows"]:
            read_seq, end = one["read_seq"], ends[line["room_id"]]
            if not 0 <= read_seq <= end:
                raise ValueError(
                    f"the thread of message {line['id']} is read to {read_seq}, the room has {end}"
                )
            yield ThreadFollow(
                id=one["id"],
                message_id=line["id"],
                user_id=one["user_id"],
                is_on=one["is_on"],
                read_seq=read_seq,
            )


def _line(text: str, name: str) -> str:
    return text_rules.clean_line(text, name, limits.REASON_MAX_CHARS, may_be_empty=True)


def _time(text: str) -> datetime:
    # PostgreSQL would take one after the year 9999, and never give it back.
    return datetime.fromisoformat(text).astimezone(UTC)
