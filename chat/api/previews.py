"""What is shown for the links of a message."""

from __future__ import annotations

import asyncio

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api.authentication import actor
from chat.api.requests import answer, built, submit
from chat.api.shapes import Place
from chat.protocol import commands
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.queries import previews

router = Router(tags=["previews"])

_PICTURE = {
    "responses": {200: {"description": "A WebP picture", "content": {"image/webp": {}}}},
}


@router.delete("/messages/{message}/previews", response=Place, summary="Take a preview away")
async def remove(request: HttpRequest, message: Id, url: str) -> HttpResponse:
    """Of one's own message; moderators those of others too. It does not come back. A repeat changes nothing."""
    return answer(await submit(request, built(commands.RemovePreview, message=message, url=url)))


@router.get(
    "/messages/{message}/previews/{preview}/image",
    summary="Read the picture of a preview",
    openapi_extra=_PICTURE,
)
async def picture(request: HttpRequest, message: Id, preview: Id) -> HttpResponse:
    """WebP, at most 600 pixels a side; for who may read the message."""
    file = await database.run(previews.image_file, actor(request), message, preview)
    try:
        # Off the loop, and not in a thread of the database: the storage may be another machine.
        body = await asyncio.to_thread(_read, file)
    except FileNotFoundError:
        raise Refused(ErrorCode.NOT_FOUND, "no such message") from None
    response = HttpResponse(body, content_type="image/webp")
    # Asked for again after a while: who has left the room does not go on seeing it.
    response["Cache-Control"] = "private, max-age=600"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = "inline"
    return response


def _read(file: str) -> bytes:
    with default_storage.open(file) as found:
        return bytes(found.read())
