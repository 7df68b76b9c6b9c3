"""Messages: read, post, edit, delete, and the threads under them."""

from __future__ import annotations

import re
import uuid
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, built, command, runtime, submit
from chat.api.shapes import History, Page, Place
from chat.protocol import commands, limits, shapes
from chat.protocol.commands import GetHistory
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import Id, Position
from chat.queries import messages

router = Router(tags=["messages"])

HistoryLimit = Annotated[int, Field(ge=1, le=limits.HISTORY_LIMIT_MAX)]

# A history goes both ways, so its cursors say which.
_CURSOR = re.compile(r"(before|after)-([0-9]{1,16})\Z")


@router.get("/rooms/{room}/messages", response=History, summary="Read messages of a room")
async def browse(
    request: HttpRequest,
    room: Id,
    before: Position | None = None,
    after: Position | None = None,
    around: Position | None = None,
    cursor: str | None = None,
    limit: HistoryLimit = limits.HISTORY_LIMIT_DEFAULT,
) -> HttpResponse:
    """A page by `seq`, ascending, replies in threads included; without an anchor the newest.

    `next` goes on in the direction asked for: to older ones, with `after` to newer ones.
    """
    if cursor is not None:
        before, after, around = (*_anchors(cursor), None)
    asked = built(GetHistory, room=room, before=before, after=after, around=around, limit=limit)
    found = await database.run(messages.history, actor(request), asked)
    items, following = found["items"], None
    if items and around is None:
        if after is not None:
            following = f"after-{items[-1]['seq']}" if found["has_after"] else None
        else:
            following = f"before-{items[0]['seq']}" if found["has_before"] else None
    return answer({**found, "next": following})


@router.post("/rooms/{room}/messages", response={201: shapes.Message}, summary="Post a message",
             openapi_extra=body(commands.PostMessage, ["room"], optional=["client_message_id"]))  # fmt: skip
async def post(request: HttpRequest, room: Id) -> HttpResponse:
    """The same as over a socket: a repeat with the same `client_message_id` answers with the first message.

    Without one the server makes it, and a repeat is a second message.
    """
    own_id = {"client_message_id": str(uuid.uuid4())}
    asked = command(request, commands.PostMessage, own_id, room=room)
    user, running = actor(request), await runtime(request)
    running.check_send_rate(user.pk)
    running.typing.stop(room, user.pk)
    result = await submit(request, asked)
    return await _answer(result["id"], 201)


@router.get("/messages/{message}", response=shapes.Message, summary="Read a message")
async def read(request: HttpRequest, message: Id) -> HttpResponse:
    """As it is now; a deleted one has an empty body."""
    return answer(await database.run(messages.one, actor(request), message))


@router.patch("/messages/{message}", response=shapes.Message, summary="Edit a message",
              openapi_extra=body(commands.EditMessage, ["message"]))  # fmt: skip
async def edit(request: HttpRequest, message: Id) -> HttpResponse:
    """One's own only."""
    await submit(request, command(request, commands.EditMessage, message=message))
    return await _answer(message)


@router.delete("/messages/{message}", response=Place, summary="Delete a message")
async def delete(request: HttpRequest, message: Id, reason: str | None = None) -> HttpResponse:
    """It keeps its place with an empty body. One's own; moderators those of others too, with a `reason`."""
    return answer(await submit(request, built(commands.DeleteMessage, message=message, reason=reason)))


@router.get("/messages/{message}/thread", response=Page[shapes.Message], summary="Read a thread")
async def thread(
    request: HttpRequest,
    message: Id,
    cursor: str | None = None,
    limit: HistoryLimit = limits.HISTORY_LIMIT_MAX,
) -> HttpResponse:
    """The replies to a message, or all those of the thread it stands in, ascending."""
    after = pagination.after(cursor)
    found = await database.run(messages.thread, actor(request), message, after, limit)
    last = found[limit - 1]["seq"] if len(found) > limit else None
    return answer(pagination.page(found[:limit], last))


def _anchors(cursor: str) -> tuple[int | None, int | None]:
    """Return before and after of a cursor. Raises ProtocolError: bad_frame."""
    match = _CURSOR.match(cursor)
    if match is None:
        raise ProtocolError(ErrorCode.BAD_FRAME, "cursor: it is not one that was given as next")
    seq = int(match[2])
    return (seq, None) if match[1] == "before" else (None, seq)


async def _answer(message: int, status: int = 200) -> HttpResponse:
    return answer(await database.run(messages.written, message), status)
