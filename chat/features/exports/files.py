"""Files of messages in an export: which are next, what is said of each, and under which name it is there."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Sum

from chat.features.exports.paging import File, Place
from chat.files import storage
from chat.models import Attachment

KIND = "attachments"
# Those that could not be read; they stand among the attachments too.
MISSING = "missing"
FOLDER = "files/"
# A page ends behind so many files, or so many bytes: then others may have their turn.
_PAGE_COUNT = 50
_PAGE_BYTES = 16 * 1024 * 1024
# So much of a file is as much work as a row.
_BYTES_PER_ROW = 8 * 1024
_LINE = (
    "id", "message_id", "uploader_id", "place", "name", "type", "bytes", "alt", "state", "width", "height",
    "uploaded_at",
)  # fmt: skip


def page(rows: QuerySet[Attachment], place: Place, *, has_raw: bool) -> tuple[list[File], Place, bool]:
    """Read the files behind a place, and return them, the place behind them and whether there are more.

    `has_raw`: also the pictures as they came that no worker has made anew yet. Else these count as missing: they carry
    what their people did not mean to tell.
    """
    rows = rows.filter(pk__gt=place["after"], dropped_at=None).exclude(state=Attachment.State.ARRIVING)
    found = list(rows.order_by("pk")[: _PAGE_COUNT + 1])
    chosen: list[File] = []
    size_bytes = 0
    for row in found[:_PAGE_COUNT]:
        chosen.append(_file(row, has_raw))
        size_bytes += row.bytes
        if size_bytes >= _PAGE_BYTES:
            break
    after = chosen[-1].line["id"] if chosen else place["after"]
    following = {**place, "after": after, "bytes": place["bytes"] + size_bytes}
    return chosen, following, len(found) > len(chosen)


def size_of(rows: QuerySet[Attachment]) -> int:
    """Return how many bytes files take."""
    found: int | None = rows.filter(dropped_at=None).aggregate(sum=Sum("bytes"))["sum"]
    return found or 0


def as_rows(size_bytes: int) -> int:
    """Return how many rows are as much work as so many bytes of files."""
    return size_bytes // _BYTES_PER_ROW


def _file(row: Attachment, has_raw: bool) -> File:
    line: dict[str, Any] = {name: getattr(row, name) for name in _LINE}
    is_left_out = row.state == Attachment.State.WAITING and not has_raw
    line["file"] = None if is_left_out else f"{FOLDER}{row.pk}-{row.name}"
    return File(line, row.key, storage.shown(row))
