"""Files on their way into messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import conf, database
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, command, nothing, runtime, size_bytes
from chat.features.attachments import arrival, multipart, service
from chat.features.attachments.commands import DescribeUpload
from chat.files import storage
from chat.models import Attachment
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.protocol.fields import Id
from chat.protocol.shapes import Attachment as AttachmentShape
from chat.queries import payloads

router = Router(tags=["files"])

_PIECE_BYTES = 64 * 1024
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "alt": {"type": "string", "description": "What is to be seen, in words"},
                    },
                }
            }
        },
    }
}
# What goes on when its client has gone.
_undoing: set[asyncio.Task[None]] = set()


@router.post("/uploads", response={201: AttachmentShape}, summary="Upload a file", openapi_extra=_BODY)
async def upload(request: HttpRequest) -> HttpResponse:
    """It is one's own until a `message.post` names its id, and is thrown away after 24 hours without one.

    The part `file` with its name, and if wanted `alt`. What is too large is refused by its Content-Length.
    """
    user, size = actor(request), size_bytes(request)
    service.check_size(size)
    boundary = multipart.boundary_of(request.META.get("CONTENT_TYPE", ""))
    (await runtime(request)).check_send_rate(user.pk)
    most = conf.get().UPLOAD_MAX_BYTES
    row = await database.run(service.reserve, user, size or most, timezone.now())
    try:
        async with arrival.taken(pieces_of(request), boundary, most) as arrived:
            await arrival.in_thread(partial(service.keep, row, arrived))
        row = await database.run(service.stored, row)
    except OSError as error:
        await _undo(row)
        raise not_taken(error) from None
    except BaseException:
        await _undo(row)
        raise
    return answer(payloads.attachment(row), 201)


@router.patch("/uploads/{upload}", response=AttachmentShape, summary="Describe an upload",
              openapi_extra=body(DescribeUpload))  # fmt: skip
async def describe(request: HttpRequest, upload: Id) -> HttpResponse:
    """Say in words what is to be seen on a picture, before it is in a message."""
    asked = command(request, DescribeUpload)
    row = await database.run(service.describe, actor(request), upload, asked.alt)
    return answer(payloads.attachment(row))


@router.delete("/uploads/{upload}", response={204: None}, summary="Take an upload back")
async def discard(request: HttpRequest, upload: Id) -> HttpResponse:
    """One's own that no message names."""
    row = await database.run(service.discard, actor(request), upload, timezone.now())
    await _undo(row)
    return nothing()


async def pieces_of(request: HttpRequest) -> AsyncIterator[bytes]:
    """Yield the body: as it comes where the server is ours, else from where the server has put it."""
    scope = request.scope  # type: ignore[attr-defined]
    intake = (scope.get("extensions") or {}).get("maru.body")
    while piece := await (intake.read() if intake else asyncio.to_thread(request.read, _PIECE_BYTES)):
        yield piece


def not_taken(error: OSError) -> Exception:
    """Return the refusal of what the line or the disk did not carry."""
    if isinstance(error, ConnectionError):
        return ProtocolError(ErrorCode.BAD_FRAME, "the body ends before its last boundary")
    return Refused(ErrorCode.UNAVAILABLE, "the server cannot store files at the moment", 5_000)


async def _undo(row: Attachment) -> None:
    """Take out what has come of an upload, also when who has begun it is gone; a failure is left to the tidying."""
    task = asyncio.create_task(_take_out(row))
    _undoing.add(task)
    task.add_done_callback(_ended)
    await asyncio.shield(task)


async def _take_out(row: Attachment) -> None:
    await asyncio.to_thread(storage.drop, row.key)
    await database.run(service.forget, row)


def _ended(task: asyncio.Task[Any]) -> None:
    _undoing.discard(task)
    if not task.cancelled():
        # Looked at: who waits for it has it too, and who does not needs none.
        task.exception()
