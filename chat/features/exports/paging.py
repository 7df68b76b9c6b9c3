"""A page of an export: rows after a place, read by an index, never more than a few hundred at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from chat.models import (
    Call,
    Mention,
    Poll,
    Preview,
    Quote,
    Reaction,
    Removal,
    Report,
    Revision,
    ThreadFollow,
    Vote,
)
from chat.models.polls import places_of

PAGE_COUNT = 500

Line = Mapping[str, Any]
Place = dict[str, Any]


class File(NamedTuple):
    """A file to be copied from the storage, and the line about it: its `file` is the name that it is to have."""

    line: dict[str, Any]
    key: str
    rendition: str


@dataclass(frozen=True, slots=True)
class Page:
    """Lines by kind and files, and where the next page begins: None after the last one."""

    lines: Mapping[str, list[Line]]
    place: Place | None
    step: str
    percent: int
    files: Sequence[File] = ()


def percent_of(done_count: int, total_count: int) -> int:
    """Return how far it is, rounded up; never all of it before the file is whole."""
    return min(99, -(-100 * done_count // max(1, total_count)))


def after(rows: QuerySet[Any, Line], key: str, last: int) -> list[Line]:
    """Read the next rows behind a value of a column that is ascending and unique among them."""
    return list(rows.filter(**{f"{key}__gt": last}).order_by(key)[:PAGE_COUNT])


def revisions(messages: Collection[int]) -> dict[int, list[Line]]:
    """Return the earlier texts of messages."""
    found: dict[int, list[Line]] = defaultdict(list)
    rows = Revision.objects.filter(message__in=messages).order_by("pk")
    for message, body, at in rows.values_list("message_id", "body", "at"):
        found[message].append({"body": body, "at": at})
    return found


def quotes(messages: Collection[int]) -> dict[int, Line]:
    """Return what messages quote, which of them do."""
    names = ("source_id", "body", "withdrawn_at")
    rows = Quote.objects.filter(message__in=messages).values("message_id", *names)
    return {row["message_id"]: {name: row[name] for name in names} for row in rows}


def mentions(messages: Collection[int]) -> dict[int, list[int]]:
    """Return who is named in messages."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Mention.objects.filter(message__in=messages).order_by("pk")
    for message, user in rows.values_list("message_id", "user_id"):
        found[message].append(user)
    return found


def calls(messages: Collection[int]) -> dict[int, list[Line]]:
    """Return whom messages call at once; a group by its id, with the handle that it has now."""
    found: dict[int, list[Line]] = defaultdict(list)
    rows = Call.objects.filter(message__in=messages).order_by("pk")
    for row in rows.select_related("group"):
        handle = row.group.handle if row.group is not None else None
        said = {"kind": row.kind, "group": row.group_id, "handle": handle, "seq": row.seq, "people": row.ids}
        found[row.message_id].append(said)
    return found


def reactions(messages: Collection[int]) -> dict[int, list[Line]]:
    """Return the emoji under messages, in the order of choosing."""
    found: dict[int, list[Line]] = defaultdict(list)
    rows = Reaction.objects.filter(message__in=messages).order_by("pk")
    for message, user, emoji in rows.values_list("message_id", "user_id", "emoji"):
        found[message].append({"user": user, "emoji": emoji})
    return found


def previews(messages: Collection[int]) -> dict[int, list[Line]]:
    """Return what is shown for the links of messages, without the pictures; removed ones are marked."""
    rows = Preview.objects.filter(message__in=messages)
    return _by_message(rows, ("url", "title", "description", "site", "removed_at"))


def polls(messages: Collection[int]) -> dict[int, Line]:
    """Return the polls of messages that have one, each with its votes, also those that were taken back.

    Those of an anonymous poll too: else whoever has voted could vote a second time once it was read in.
    """
    votes: dict[int, list[Line]] = defaultdict(list)
    rows = Vote.objects.filter(poll__in=messages).order_by("pk")
    for poll, user, choices in rows.values_list("poll_id", "user_id", "choices"):
        votes[poll].append({"user_id": user, "choices": places_of(choices)})
    names = ("options", "is_multiple", "is_anonymous", "closes_at", "closed_at")
    found = Poll.objects.filter(message__in=messages).values("message_id", *names)
    return {
        row["message_id"]: {name: row[name] for name in names} | {"votes": votes.get(row["message_id"], [])}
        for row in found
    }


def removals(messages: Collection[int]) -> dict[int, Line]:
    """Return who has deleted messages of others, and why."""
    rows = Removal.objects.filter(message__in=messages)
    return {
        message: {"by_id": by, "reason": reason}
        for message, by, reason in rows.values_list("message_id", "by_id", "reason")
    }


def reports(messages: Collection[int]) -> dict[int, list[Line]]:
    """Return what was reported of messages; by their ids the reports stand in order across messages."""
    names = ("id", "reporter_id", "kind", "text", "created_at", "resolution", "resolved_at", "resolved_by_id")
    return _by_message(Report.objects.filter(message__in=messages), names)


def follows(messages: Collection[int]) -> dict[int, list[Line]]:
    """Return who follows threads, by their first messages, or does not any more; a person's last ones by their ids."""
    rows = ThreadFollow.objects.filter(message__in=messages)
    return _by_message(rows, ("id", "user_id", "is_on", "read_seq"))


def _by_message(rows: QuerySet[Any], names: Sequence[str]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = defaultdict(list)
    for message, *facts in rows.order_by("pk").values_list("message_id", *names):
        found[message].append(dict(zip(names, facts, strict=True)))
    return found
