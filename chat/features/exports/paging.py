"""A page of an export: rows after a place, read by an index, never more than a few hundred at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from chat.models import Mention, Preview, Quote, Reaction, Revision

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


def reactions(messages: Collection[int]) -> dict[int, list[Line]]:
    """Return the emoji under messages, in the order of choosing."""
    found: dict[int, list[Line]] = defaultdict(list)
    rows = Reaction.objects.filter(message__in=messages).order_by("pk")
    for message, user, emoji in rows.values_list("message_id", "user_id", "emoji"):
        found[message].append({"user": user, "emoji": emoji})
    return found


def previews(messages: Collection[int]) -> dict[int, list[Line]]:
    """Return what is shown for the links of messages, without the pictures; removed ones are marked."""
    found: dict[int, list[Line]] = defaultdict(list)
    rows = Preview.objects.filter(message__in=messages).order_by("pk")
    names = ("url", "title", "description", "site", "removed_at")
    for message, *shown in rows.values_list("message_id", *names):
        found[message].append(dict(zip(names, shown, strict=True)))
    return found
