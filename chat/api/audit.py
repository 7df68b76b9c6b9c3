"""The record of what was done by who runs something."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from chat import database
from chat.actions import audit
from chat.api import pagination, rank
from chat.api.admin_shapes import AuditEntry
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer
from chat.api.shapes import Page
from chat.features.audit import reading
from chat.features.audit.reading import FILE_MAX_COUNT, Wanted
from chat.models import AuditDeed, User
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.protocol.fields import Id

router = Router(tags=["audit"])

# At once in one process: each goes through all of the record.
DOWNLOADS_MAX_COUNT = 2
_BUSY_MS = 5_000
_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl; charset=utf-8"}
_FILE = {
    "responses": {
        200: {"description": "Lines", "content": {kind: {} for kind in ("text/csv", "application/jsonl")}}
    }
}
_downloads = {"count": 0}


@router.get("/admin/audit", response=Page[AuditEntry], summary="Read the record of deeds")
async def browse(
    request: HttpRequest,
    person: Id | None = None,
    deed: str | None = None,
    room: Id | None = None,
    since: str | None = None,
    until: str | None = None,
    cursor: str | None = None,
    limit: Limit = PAGE_LIMIT_DEFAULT,
) -> HttpResponse:
    """The newest first; `person` is who did it or to whom it was done. Admins only."""
    rank.admin(request)
    wanted = _wanted(person, deed, room, since, until)
    items, last = await database.run(reading.browse, wanted, pagination.after(cursor), limit)
    return answer(pagination.page(items, last))


@router.get("/admin/audit/file", summary="Take the record away", openapi_extra=_FILE)
async def file(
    request: HttpRequest,
    kind: Literal["csv", "jsonl"] = "csv",
    person: Id | None = None,
    deed: str | None = None,
    room: Id | None = None,
    since: str | None = None,
    until: str | None = None,
) -> HttpResponseBase:
    """As many lines as the same question has entries, the newest first, at most 200,000. This too is recorded."""
    admin = rank.admin(request)
    wanted = _wanted(person, deed, room, since, until)
    if _downloads["count"] >= DOWNLOADS_MAX_COUNT:
        raise Refused(ErrorCode.BUSY, f"{DOWNLOADS_MAX_COUNT} such files are under way here", _BUSY_MS)
    await database.run(_note, admin, kind, wanted)
    response = StreamingHttpResponse(_pieces(wanted, kind), content_type=_TYPES[kind])
    name = f"maru-audit-{datetime.now(UTC):%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


async def _pieces(wanted: Wanted, kind: str) -> AsyncIterator[bytes]:
    """Read a piece when the one before has left; each in a query of its own, so that nothing is held open."""
    _downloads["count"] += 1
    try:
        yield reading.head(kind)
        before: int | None = 0
        left = FILE_MAX_COUNT
        while before is not None and left > 0:
            read = partial(reading.piece, wanted, before, kind)
            written, before = await database.run(read)
            left -= reading.PIECE_COUNT
            if written:
                yield written
    finally:
        _downloads["count"] -= 1


@transaction.atomic
def _note(admin: User, kind: str, wanted: Wanted) -> None:
    asked = {name: str(value) for name, value in _said(wanted).items() if value is not None}
    audit.record(admin, AuditDeed.AUDIT_TAKEN, kind=kind, asked=asked)


def _said(wanted: Wanted) -> dict[str, Any]:
    return {
        "person": wanted.person, "deed": wanted.deed, "room": wanted.room,
        "since": wanted.since, "until": wanted.until,
    }  # fmt: skip


def _wanted(
    person: int | None, deed: str | None, room: int | None, since: str | None, until: str | None
) -> Wanted:
    if deed is not None and deed not in set(AuditDeed):
        raise ProtocolError(ErrorCode.BAD_FRAME, "deed: is none that is recorded")
    return Wanted(person, deed, room, _time(since, "since"), _time(until, "until"))


def _time(text: str | None, name: str) -> datetime | None:
    """Read a time with its zone. Raises ProtocolError: bad_frame."""
    if text is None:
        return None
    try:
        # A plus of an address stands for a space.
        at = datetime.fromisoformat(text.replace(" ", "+"))
        if at.tzinfo is None:
            raise ValueError
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        detail = f"{name}: needs a time like 2026-01-31T12:00:00Z, with its zone"
        raise ProtocolError(ErrorCode.BAD_FRAME, detail) from None
