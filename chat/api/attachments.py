"""Files of messages, for who may read the message."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, Literal

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Router

from chat import database
from chat.api.authentication import actor
from chat.files import kinds, storage
from chat.models import Attachment
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.queries import attachments

router = Router(tags=["files"])
_log = structlog.get_logger(__name__)

_PIECE_BYTES = 64 * 1024
_AGAIN_MS = 2_000
# One range; who asks for several gets the whole, as RFC 9110 allows.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")
_FILE = {
    "responses": {
        200: {"description": "The file", "content": {"*/*": {}}},
        206: {"description": "The part of it that was asked for", "content": {"*/*": {}}},
        304: {"description": "As it was"},
        416: {"description": "There is no such part"},
    }
}
_PICTURE = {"responses": {200: {"description": "A WebP picture", "content": {"image/webp": {}}}}}


@router.get("/attachments/{attachment}", summary="Read a file", openapi_extra=_FILE)
async def read(request: HttpRequest, attachment: Id) -> HttpResponseBase:
    """Of a picture what was made anew; while it is made, `busy`. Ranges and `If-None-Match` are understood."""
    row = await database.run(attachments.readable, actor(request), attachment)
    if row.state == Attachment.State.WAITING:
        raise Refused(ErrorCode.BUSY, "the picture is being prepared", _AGAIN_MS)
    is_shown = row.is_picture or row.type in kinds.PLAYED
    response = await _sent(request, row, storage.shown(row), row.type)
    response["Content-Disposition"] = content_disposition_header(not is_shown, row.name) or "attachment"
    return response


@router.get("/attachments/{attachment}/thumbnail", summary="Read a picture in small", openapi_extra=_PICTURE)
async def thumbnail(
    request: HttpRequest, attachment: Id, size: Literal["small", "large"] = "small"
) -> HttpResponseBase:
    """WebP, upright, at most 480 pixels a side; with `size=large` 1,600. Of an animation the first picture."""
    row = await database.run(attachments.readable, actor(request), attachment)
    if not row.is_picture:
        raise _missing()
    response = await _sent(request, row, storage.LARGE if size == "large" else storage.SMALL, "image/webp")
    response["Content-Disposition"] = "inline"
    return response


async def _sent(request: HttpRequest, row: Attachment, rendition: str, kind: str) -> HttpResponseBase:
    """Build the response with a file or the part of it that is asked for; nothing of it is read yet."""
    etag = f'"{row.key.rpartition("/")[2]}-{rendition}"'
    response: HttpResponseBase
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponse(status=304)
    else:
        response = await _opened(request, row, rendition, etag)
    response["Content-Type"] = kind
    response["ETag"] = etag
    # Kept by the browser alone, and asked for anew each time: who has left the room does not go on seeing it.
    response["Cache-Control"] = "private, no-cache"
    response["Accept-Ranges"] = "bytes"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


async def _opened(request: HttpRequest, row: Attachment, rendition: str, etag: str) -> HttpResponseBase:
    try:
        # Off the loop, and not in a thread of the database: the storage may be another machine.
        file, size = await asyncio.to_thread(storage.open_file, row.key, rendition)
    except FileNotFoundError:
        _log.warning("attachments.lost", attachment=row.pk)
        raise _missing() from None
    is_same = request.headers.get("If-Range", etag) == etag
    asked = _RANGE.match(request.headers.get("Range", "")) if is_same else None
    is_part = asked is not None and any(asked.groups())
    first, last = _ends(asked[1], asked[2], size) if asked is not None and is_part else (0, size - 1)
    if is_part and first > last:
        await asyncio.to_thread(file.close)
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    response = StreamingHttpResponse(_pieces(file, first, last), status=206 if is_part else 200)
    response["Content-Length"] = str(last - first + 1)
    if is_part:
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _ends(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the first and the last byte of a range; the first is larger where there are none."""
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


async def _pieces(file: Any, first: int, last: int) -> AsyncIterator[bytes]:
    """Yield a part of a file. A thread has it only while it reads: a slow reader holds none."""
    try:
        await asyncio.to_thread(file.seek, first)
        left = last - first + 1
        while left > 0 and (piece := await asyncio.to_thread(file.read, min(left, _PIECE_BYTES))):
            left -= len(piece)
            yield piece
    finally:
        await asyncio.to_thread(file.close)


def _missing() -> Refused:
    return Refused(ErrorCode.NOT_FOUND, "no such attachment")
