"""What I take away: my own data, or the workspace that I run."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Literal, cast

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pagination, shapes
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, command, nothing
from chat.api.shapes import Page
from chat.features.exports import service, tasks
from chat.features.exports.commands import AskForExport
from chat.features.exports.service import Download
from chat.models import Export, User
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.queries import payloads

router = Router(tags=["exports"])

_PIECE_BYTES = 256 * 1024
# At once in one process: each holds a piece of its file.
DOWNLOADS_MAX_COUNT = 20
_BUSY_MS = 5_000
_RANGE = re.compile(r"bytes=([0-9]{1,15})-([0-9]{1,15})?\Z")
_ZIP = {
    "responses": {
        200: {"description": "A ZIP", "content": {"application/zip": {}}},
        206: {"description": "A part of it", "content": {"application/zip": {}}},
    },
}
_Item = tuple[Export, shapes.Export]
_downloads = {"count": 0}


@router.get("/exports", response=Page[shapes.Export], summary="List exports")
async def browse(
    request: HttpRequest,
    scope: Literal["mine", "workspace"] = "mine",
    cursor: str | None = None,
    limit: Limit = PAGE_LIMIT_DEFAULT,
) -> HttpResponse:
    """Mine, the newest first. With `scope=workspace` who runs the workspace sees who took it, and when."""
    user, before = actor(request), pagination.after(cursor)
    items, last = await database.run(_browse, user, scope, before, limit)
    return answer(pagination.page([await _with_progress(*item) for item in items], last))


@router.post("/exports", response={202: shapes.Export}, summary="Ask for an export",
             openapi_extra=body(AskForExport))  # fmt: skip
async def ask(request: HttpRequest) -> HttpResponse:
    """One at a time. `directs` (with a `reason`, which is kept) is for the owner of the workspace alone."""
    asked = command(request, AskForExport)
    return answer(_shape(await database.run(_ask, actor(request), asked)), 202)


@router.get("/exports/{export}", response=shapes.Export, summary="Read an export")
async def read(request: HttpRequest, export: Id) -> HttpResponse:
    """How far it is; with a new `download` each time, once it is ready."""
    row = await database.run(service.one, actor(request), export)
    return answer(await _with_progress(row, _shape(row, is_own=True)))


@router.delete("/exports/{export}", response={204: None}, summary="Cancel or delete an export")
async def remove(request: HttpRequest, export: Id) -> HttpResponse:
    """Also in the middle. Its file is gone at once. A repeat is the same."""
    await database.run(service.remove, actor(request), export, timezone.now())
    return nothing()


@router.get("/exports/{export}/file", summary="Download an export", openapi_extra=_ZIP)
async def file(request: HttpRequest, export: Id, key: str) -> HttpResponseBase:
    """At the address of `download`, for who has asked for it. A download that broke off goes on with `Range`."""
    if _downloads["count"] >= DOWNLOADS_MAX_COUNT:
        raise Refused(ErrorCode.BUSY, f"{DOWNLOADS_MAX_COUNT} downloads are under way here", _BUSY_MS)
    wanted = _RANGE.match(request.headers.get("Range", ""))
    start = int(wanted[1]) if wanted else 0
    found = await database.run(
        service.fetch, actor(request), export, key, timezone.now(), is_begin=start == 0
    )
    end = found.size_bytes
    if wanted and wanted[2]:
        end = min(end, int(wanted[2]) + 1)
    if wanted and not start < end:
        return _out_of_range(found)
    response = StreamingHttpResponse(_pieces(found, start, end - start), content_type="application/zip")
    response["Content-Length"] = str(end - start)
    response["Content-Disposition"] = f'attachment; filename="{found.name}"'
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    # nginx would lay all of it onto its own disk, for a reader who is slower than we are.
    response["X-Accel-Buffering"] = "no"
    if wanted:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{found.size_bytes}"
    return response


def _out_of_range(found: Download) -> HttpResponse:
    headers = {"Content-Range": f"bytes */{found.size_bytes}", "Content-Length": "0"}
    return HttpResponse(status=416, headers=headers)


async def _pieces(found: Download, start: int, count: int) -> AsyncIterator[bytes]:
    """Read a file off the loop, a piece at a time; the server asks for the next when the last one has left."""
    _downloads["count"] += 1
    try:
        opened = await asyncio.to_thread(found.path.open, "rb")
        try:
            await asyncio.to_thread(opened.seek, start)
            while count > 0:
                piece = await asyncio.to_thread(opened.read, min(_PIECE_BYTES, count))
                if not piece:
                    # Shorter than it was: the length tells the reader that this is not all.
                    return
                count -= len(piece)
                yield piece
        finally:
            opened.close()
    finally:
        _downloads["count"] -= 1


def _browse(user: User, scope: str, before: int, limit: int) -> tuple[list[_Item], int | None]:
    rows, last = service.browse(user, scope, before, limit)
    return [(row, _shape(row, is_own=row.user_id == user.pk)) for row in rows], last


def _ask(user: User, asked: AskForExport) -> Export:
    row = service.ask(user, asked, timezone.now())
    tasks.wake()
    return row


async def _with_progress(row: Export, shape: shapes.Export) -> shapes.Export:
    """Put in what the workers have told since the row was written last."""
    if row.state != Export.State.RUNNING:
        return shape
    # Off the loop, and not in a thread of the database: it is another server.
    told = await asyncio.to_thread(tasks.progress_of, row)
    if told:
        shape["step"], shape["percent"], shape["rows"] = told["step"], told["percent"], told["rows_count"]
    return shape


def _shape(row: Export, *, is_own: bool = True) -> shapes.Export:
    shape = {
        "id": row.pk,
        "kind": row.kind,
        "directs": row.has_directs,
        "reason": row.reason,
        "by": payloads.sender(row.user),
        "state": row.state,
        "failure": row.failure or None,
        "step": row.step,
        "percent": row.percent,
        "rows": row.rows_count,
        "bytes": row.size_bytes,
        "created_at": payloads.time(row.created_at),
        "ended_at": payloads.time(row.ended_at) if row.ended_at else None,
        "expires_at": payloads.time(row.expires_at) if row.expires_at else None,
        "downloads": row.downloads_count,
        "downloaded_at": payloads.time(row.downloaded_at) if row.downloaded_at else None,
        "download": service.link(row, timezone.now()) if is_own else None,
    }
    return cast(shapes.Export, shape)
