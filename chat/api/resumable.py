"""Files that come in pieces and go on where a line has broken: tus 1.0, its core, creation, expiration, termination."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date
from ninja import Router
from typing_extensions import TypedDict

from chat import conf, database
from chat.api.authentication import actor
from chat.api.errors import refusal
from chat.api.requests import answer, nothing, runtime, size_bytes
from chat.api.uploads import not_taken, pieces_of
from chat.features.attachments import adding, pieces
from chat.features.attachments.pieces import Progress, WrongOffset
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.protocol.fields import Id
from chat.protocol.shapes import Attachment
from chat.queries import payloads

router = Router(tags=["files"])

_VERSION = "1.0.0"
_EXTENSIONS = "creation,expiration,termination"
_PIECE_TYPE = "application/offset+octet-stream"
_METADATA_MAX_BYTES = 16 * 1024
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,14})\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")

View = Callable[..., Awaitable[HttpResponse]]


class UploadProgress(TypedDict):
    """How far an upload in pieces is; `attachment` is null until all of it has come."""

    id: int
    offset: int
    bytes: int
    expires_at: str
    attachment: Attachment | None


def _header(name: str, description: str, required: bool = True) -> dict[str, Any]:
    return {
        "in": "header", "name": name, "required": required, "description": description, "schema": {"type": "string"}
    }  # fmt: skip


_TUS = _header("Tus-Resumable", "1.0.0")
_BEGIN = {
    "parameters": [
        _TUS,
        _header("Upload-Length", "How many bytes the file has"),
        _header("Upload-Metadata", "filename, alt, sha256 (in hexadecimal), each with its value in base64", False),
    ]
}  # fmt: skip
_ADD = {
    "parameters": [_TUS, _header("Upload-Offset", "Where this piece begins")],
    "requestBody": {
        "required": True,
        "content": {_PIECE_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    },
}


def _tus(view: View) -> View:
    """Speak the one version there is, also where something is refused."""

    @wraps(view)
    async def speaking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("Tus-Resumable") != _VERSION:
            detail = f"the header Tus-Resumable is missing or not {_VERSION}"
            response = refusal(ErrorCode.UNSUPPORTED, detail, status=412)
            response["Tus-Version"] = _VERSION
        else:
            try:
                response = await view(request, *args, **kwargs)
            except WrongOffset as wrong:
                # The one refusal after which a client knows where to go on.
                response = refusal(ErrorCode.CONFLICT, str(wrong))
                response["Upload-Offset"] = str(wrong.offset_bytes)
            except Refused as refused:
                response = refusal(refused.code, refused.detail, refused.after_ms)
            except ProtocolError as error:
                response = refusal(error.code, error.detail)
        response["Tus-Resumable"] = _VERSION
        return response

    return speaking


@router.api_operation(["OPTIONS"], "/uploads/resumable", response={204: None},
                      summary="Ask what is understood of resumable uploads")  # fmt: skip
async def options(request: HttpRequest) -> HttpResponse:
    """Version, extensions and the largest file, in headers."""
    response = nothing()
    response["Tus-Resumable"] = response["Tus-Version"] = _VERSION
    response["Tus-Extension"] = _EXTENSIONS
    response["Tus-Max-Size"] = str(conf.get().UPLOAD_MAX_BYTES)
    return response


@router.post("/uploads/resumable", response={201: None}, summary="Begin an upload in pieces",
             openapi_extra=_BEGIN)  # fmt: skip
@_tus
async def begin(request: HttpRequest) -> HttpResponse:
    """tus 1.0. The place of the file is taken at once; what has not come as a whole after 24 hours is thrown away."""
    user, length = actor(request), _number(request, "Upload-Length")
    said = _metadata(request.headers.get("Upload-Metadata", ""))
    sha256 = said.get("sha256", "").lower()
    if sha256 and not _SHA256.match(sha256):
        raise ProtocolError(ErrorCode.BAD_FRAME, "sha256 is not 64 hexadecimal digits")
    (await runtime(request)).check_send_rate(user.pk)
    name, alt = said.get("filename", ""), said.get("alt", "")
    row = await database.run(pieces.begin, user, length, name, alt, sha256, timezone.now())
    response = HttpResponse(status=201, headers={"Cache-Control": "no-store"})
    response["Location"] = f"{request.path}/{row.pk}"
    return _told(response, Progress(row, 0))


@router.api_operation(["HEAD"], "/uploads/resumable/{upload}", response={200: None},
                      summary="Ask where an upload goes on")  # fmt: skip
@_tus
async def head(request: HttpRequest, upload: Id) -> HttpResponse:
    """`Upload-Offset` is how much of it has come to stay."""
    found = await database.run(pieces.progress, actor(request), upload)
    return _told(HttpResponse(status=200, headers={"Cache-Control": "no-store"}), found)


@router.get("/uploads/resumable/{upload}", response=UploadProgress, summary="Read how far an upload is")
async def read(request: HttpRequest, upload: Id) -> HttpResponse:
    """`attachment` is null until all of it has come; its id is the one of the upload."""
    found = await database.run(pieces.progress, actor(request), upload)
    shape: UploadProgress = {
        "id": found.row.pk,
        "offset": found.offset_bytes,
        "bytes": found.row.bytes,
        "expires_at": payloads.time(found.ends_at),
        "attachment": payloads.attachment(found.row) if found.is_whole else None,
    }
    return answer(shape)


@router.patch(
    "/uploads/resumable/{upload}", response={204: None}, summary="Add to an upload", openapi_extra=_ADD
)
@_tus
async def add(request: HttpRequest, upload: Id) -> HttpResponse:
    """The piece begins at `Upload-Offset`, else `conflict` with the right one. What came before a break is kept.

    A piece has at least 262,144 bytes, unless the file ends with it. Who comes last adds; one of before is refused.
    """
    user, offset = actor(request), _number(request, "Upload-Offset")
    if request.content_type != _PIECE_TYPE:
        detail = f"content type is {(request.content_type or 'missing')[:80]}, needs {_PIECE_TYPE}"
        raise ProtocolError(ErrorCode.UNSUPPORTED, detail)
    (await runtime(request)).check_send_rate(user.pk)
    found, writer = await database.run(pieces.claim, user, upload, offset)
    try:
        await adding.take(user, found, writer, pieces_of(request), size_bytes(request))
    except OSError as error:
        raise not_taken(error) from None
    return _told(nothing(), await database.run(pieces.progress, user, upload))


@router.delete("/uploads/resumable/{upload}", response={204: None}, summary="Give an upload in pieces up")
@_tus
async def give_up(request: HttpRequest, upload: Id) -> HttpResponse:
    """One's own that no message names, whole or not."""
    row = await database.run(pieces.give_up, actor(request), upload, timezone.now())
    await adding.drop(row)
    return nothing()


def _told(response: HttpResponse, found: Progress) -> HttpResponse:
    response["Upload-Offset"] = str(found.offset_bytes)
    response["Upload-Length"] = str(found.row.bytes)
    response["Upload-Expires"] = http_date(found.ends_at.timestamp())
    return response


def _number(request: HttpRequest, name: str) -> int:
    text = request.headers.get(name, "")
    if not _NUMBER.match(text):
        raise ProtocolError(ErrorCode.BAD_FRAME, f"the header {name} is missing or no number of bytes")
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Return what is said of a file: pairs of a name and a value in base64. Raises ProtocolError."""
    if len(header) > _METADATA_MAX_BYTES:
        detail = f"Upload-Metadata is {len(header):,} bytes, at most {_METADATA_MAX_BYTES:,}"
        raise ProtocolError(ErrorCode.TOO_LONG, detail)
    said: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else ():
        name, _, value = pair.strip().partition(" ")
        try:
            said[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            detail = f"Upload-Metadata: the value of {name[:40]} is no base64 of UTF-8"
            raise ProtocolError(ErrorCode.BAD_FRAME, detail) from None
    return said
