"""What I have not read yet, and where I am named, across all rooms."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.requests import answer
from chat.api.shapes import Page, UnreadMention, UnreadRoom
from chat.protocol.fields import Id
from chat.queries import unread

router = Router(tags=["unread"])

ROOMS_LIMIT_MAX = 20
MENTIONS_LIMIT_MAX = 50

Rooms = Annotated[int, Field(ge=1, le=ROOMS_LIMIT_MAX)]
Mentions = Annotated[int, Field(ge=1, le=MENTIONS_LIMIT_MAX)]


@router.get("/unread", response=Page[UnreadRoom], summary="Read what I have not read yet")
async def rooms(
    request: HttpRequest,
    room: Annotated[list[Id], Query(max_length=ROOMS_LIMIT_MAX)] = [],  # noqa: B006
    cursor: str | None = None,
    limit: Rooms = 10,
) -> HttpResponse:
    """By room, in the order of their ids; each with its newest unread messages, ascending, 10 at most.

    `room` (repeated) asks for these alone; without it all that are not muted. Replies in threads are not among them.
    How much is unread stands in the room. Nothing is marked as read by this.
    """
    items, last = await database.run(unread.rooms, actor(request), room, pagination.after(cursor), limit)
    return answer(pagination.page(items, last))


@router.get("/mentions", response=Page[UnreadMention], summary="Read where I am named")
async def mentions(request: HttpRequest, cursor: str | None = None, limit: Mentions = 20) -> HttpResponse:
    """In the rooms that I am in, messages and replies of others, the newest first."""
    below = pagination.after(cursor) or None
    items, last = await database.run(unread.mentions, actor(request), below, limit)
    return answer(pagination.page(items, last))
