"""The changes of a room, for programs that poll."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.requests import answer, built
from chat.api.shapes import Page
from chat.models import User
from chat.protocol import limits
from chat.protocol.changes import Change
from chat.protocol.commands import GetChanges
from chat.protocol.fields import Id, Position
from chat.queries import changes, visibility

router = Router(tags=["changes"])

ChangesLimit = Annotated[int, Field(ge=1, le=limits.CHANGES_LIMIT_MAX)]


@router.get("/rooms/{room}/changes", response=Page[Change], summary="Read changes of a room")
async def browse(
    request: HttpRequest,
    room: Id,
    after: Position = 0,
    cursor: str | None = None,
    limit: ChangesLimit = limits.CHANGES_LIMIT_DEFAULT,
) -> HttpResponse:
    """What happened after a `seq`, ascending, without gaps; a message comes as it is now."""
    if cursor is not None:
        after = pagination.after(cursor)
    asked = built(GetChanges, room=room, after=after, limit=limit)
    return answer(await database.run(_page, actor(request), asked))


def _page(user: User, asked: GetChanges) -> dict[str, Any]:
    """Raises Refused: not_found, gone."""
    head = visibility.room(user, asked.room).last_seq
    items = changes.since(asked.room, asked.after, asked.limit)
    last = items[-1]["seq"] if items else head
    return pagination.page(items, last if last < head else None)
