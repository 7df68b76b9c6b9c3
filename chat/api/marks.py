"""Pins of a room, and the earlier texts of a message."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.requests import answer, built, submit
from chat.api.shapes import Page, Place, Version
from chat.protocol import commands, limits, shapes
from chat.protocol.fields import Id
from chat.queries import messages

router = Router(tags=["messages"])

VersionLimit = Annotated[int, Field(ge=1, le=limits.VERSIONS_MAX_COUNT)]
PinLimit = Annotated[int, Field(ge=1, le=limits.PINS_PER_ROOM_MAX_COUNT)]


@router.put("/messages/{message}/pin", response=Place, summary="Pin a message")
async def pin(request: HttpRequest, message: Id) -> HttpResponse:
    """For everybody in the room; moderators may, in a direct conversation both. A repeat changes nothing."""
    return answer(await submit(request, built(commands.PinMessage, message=message)))


@router.delete("/messages/{message}/pin", response=Place, summary="Take a pin off")
async def unpin(request: HttpRequest, message: Id) -> HttpResponse:
    """A repeat changes nothing."""
    return answer(await submit(request, built(commands.UnpinMessage, message=message)))


@router.get("/rooms/{room}/pins", response=Page[shapes.Message], summary="List the pins of a room")
async def pins(
    request: HttpRequest, room: Id, cursor: str | None = None, limit: PinLimit = 50
) -> HttpResponse:
    """Messages and replies, the one that was posted last first; `pinned` tells by whom and when."""
    found = await database.run(messages.pinned, actor(request), room, pagination.after(cursor), limit)
    return answer(pagination.page(*found))


@router.get(
    "/messages/{message}/versions", response=Page[Version], summary="Read the earlier texts of a message"
)
async def versions(
    request: HttpRequest, message: Id, cursor: str | None = None, limit: VersionLimit = 20
) -> HttpResponse:
    """For who may read the message, the newest first, the present one not among them."""
    found = await database.run(messages.versions, actor(request), message, pagination.after(cursor), limit)
    return answer(pagination.page(*found))
