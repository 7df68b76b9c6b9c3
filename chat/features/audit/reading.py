"""Read the record: a page of it, or all of it as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from chat.models import AuditEntry, Room
from chat.protocol import codec
from chat.queries import payloads

# Rows of a file that are read at a time, and of one file: a year of a busy workspace.
PIECE_COUNT = 500
FILE_MAX_COUNT = 200_000
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = (
    "id", "at", "actor", "actor_handle", "deed", "subject", "subject_handle", "room", "room_name", "message",
    "reason", "origin", "facts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: each field narrows, None does not. `person` is who did it or to whom it was done."""

    person: int | None = None
    deed: str | None = None
    room: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def browse(wanted: Wanted, before: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page, the newest first, and where the next one goes on."""
    rows = _rows(wanted).order_by("-pk")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: limit + 1])
    return [shape(row) for row in found[:limit]], found[limit - 1].pk if len(found) > limit else None


def shape(row: AuditEntry) -> dict[str, Any]:
    """Return an entry with the names of now; its people and its room must be loaded."""
    return {
        "id": row.pk,
        "at": payloads.time(row.at),
        "actor": payloads.sender(row.actor) if row.actor else None,
        "deed": row.deed,
        "subject": payloads.sender(row.subject) if row.subject else None,
        "room": _room(row.room) if row.room else None,
        "message": row.message,
        "reason": row.reason,
        "origin": row.origin,
        "facts": row.facts,
    }


def piece(wanted: Wanted, before: int, kind: str) -> tuple[bytes, int | None]:
    """Return the next rows of a file as `csv` or `jsonl`, the newest first, and where to go on; None at the end."""
    items, following = browse(wanted, before, PIECE_COUNT)
    if kind == "jsonl":
        return b"".join(codec.encode(item) + b"\n" for item in items), following
    return "".join(_csv(items)).encode(), following


def head(kind: str) -> bytes:
    """Return the first line of a file. The mark at its beginning lets spreadsheets read it as UTF-8."""
    return b"" if kind == "jsonl" else ("\ufeff" + ",".join(_COLUMNS) + "\r\n").encode()


def _rows(wanted: Wanted) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.select_related("actor", "subject", "room")
    if wanted.person is not None:
        rows = rows.filter(Q(actor=wanted.person) | Q(subject=wanted.person))
    if wanted.deed is not None:
        rows = rows.filter(deed=wanted.deed)
    if wanted.room is not None:
        rows = rows.filter(room=wanted.room)
    if wanted.since is not None:
        rows = rows.filter(at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(at__lt=wanted.until)
    return rows


def _room(row: Room) -> dict[str, Any]:
    # The names of a conversation are those of its people, and nobody else's business.
    return {"id": row.pk, "name": row.name, "kind": row.kind}


def _csv(items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        line = io.StringIO()
        csv.writer(line).writerow([_cell(value) for value in _line(item)])
        yield line.getvalue()


def _line(item: Mapping[str, Any]) -> tuple[Any, ...]:
    actor, subject, room = item["actor"] or {}, item["subject"] or {}, item["room"] or {}
    return (
        item["id"], item["at"], actor.get("id"), actor.get("handle"), item["deed"], subject.get("id"),
        subject.get("handle"), room.get("id"), room.get("name"), item["message"], item["reason"],
        item["origin"], codec.encode_object(item["facts"]).decode(),
    )  # fmt: skip


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
