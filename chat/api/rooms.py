"""Rooms: list, create, read, change, delete, join, leave."""

from __future__ import annotations

from functools import partial
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, built, command, submit
from chat.api.shapes import Level, Mark, Page, Place
from chat.protocol import commands, shapes, text_rules
from chat.protocol.fields import Id
from chat.protocol.limits import NAME_MAX_CHARS
from chat.queries import rooms

router = Router(tags=["rooms"])


@router.get("/rooms", response=Page[shapes.RoomState], summary="List rooms")
async def browse(
    request: HttpRequest,
    scope: Literal["mine", "all"] = "mine",
    q: str = "",
    sort: rooms.RoomSort = "id",
    joined: bool | None = None,
    archived: bool | None = None,
    directs: bool = True,
    cursor: str | None = None,
    limit: Limit = PAGE_LIMIT_DEFAULT,
) -> HttpResponse:
    """My rooms, or with `scope=all` also the open ones that I could join (`role` is null); by id.

    `q` narrows to rooms whose name holds it; a direct conversation has no name of its own. With `scope=all` it is
    looked for in topics too, and there is more to choose: the order (`sort`: by name, most members, newest, last
    activity; archived ones come last), only those that I am in or not in, or that are archived or not, and none that
    are direct.
    """
    text = text_rules.clean_line(q, "q", NAME_MAX_CHARS, may_be_empty=True)
    after, user = pagination.after(cursor), actor(request)
    if scope == "mine":
        items, last = await database.run(rooms.mine_page, user, text, after, limit)
    else:
        browse = partial(rooms.browse, sort=sort, is_joined=joined, is_archived=archived, has_directs=directs)
        items, last = await database.run(browse, user, text, after, limit)
    return answer(pagination.page(items, last))


@router.post("/rooms", response={201: shapes.RoomState}, summary="Create a room",
             openapi_extra=body(commands.CreateRoom))  # fmt: skip
async def create(request: HttpRequest) -> HttpResponse:
    """I am its owner. Without a `slug` one is made of the name; a taken one is a `conflict`."""
    result = await submit(request, command(request, commands.CreateRoom))
    return await _answer(request, result["room"], 201)


@router.get("/rooms/{room}", response=shapes.RoomState, summary="Read a room")
async def read(request: HttpRequest, room: Id) -> HttpResponse:
    """A room that I am in, or an open one."""
    return answer(await database.run(rooms.one, actor(request), room))


@router.patch("/rooms/{room}", response=shapes.RoomState, summary="Change a room",
              openapi_extra=body(commands.UpdateRoom, ["room"]))  # fmt: skip
async def update(request: HttpRequest, room: Id) -> HttpResponse:
    """Owners and admins; fields that are left out stay as they are."""
    await submit(request, command(request, commands.UpdateRoom, room=room))
    return await _answer(request, room)


@router.delete("/rooms/{room}", response=Place, summary="Delete a room")
async def delete(request: HttpRequest, room: Id) -> HttpResponse:
    """It is gone for everybody; its slug is free again."""
    return answer(await submit(request, built(commands.DeleteRoom, room=room)))


@router.post("/rooms/{room}/join", response=shapes.RoomState, summary="Join a room")
async def join(request: HttpRequest, room: Id) -> HttpResponse:
    """An open one, or as an admin any. Who is in already changes nothing."""
    await submit(request, built(commands.JoinRoom, room=room))
    return await _answer(request, room)


@router.post("/rooms/{room}/leave", response=Place, summary="Leave a room")
async def leave(request: HttpRequest, room: Id) -> HttpResponse:
    """Who is not in changes nothing."""
    return answer(await submit(request, built(commands.LeaveRoom, room=room)))


@router.post("/rooms/{room}/read", response=Mark, summary="Say how far one has read",
             openapi_extra=body(commands.MarkRead, ["room"]))  # fmt: skip
async def mark_read(request: HttpRequest, room: Id) -> HttpResponse:
    """Up to a message of the main timeline, by its `msg_no`; the highest wins, never backwards."""
    return answer(await submit(request, command(request, commands.MarkRead, room=room)))


@router.put("/rooms/{room}/level", response=Level, summary="Choose of what one is told",
            openapi_extra=body(commands.SetLevel, ["room"]))  # fmt: skip
async def set_level(request: HttpRequest, room: Id) -> HttpResponse:
    """Of everything, of mentions alone, or of nothing; for me, on all devices."""
    return answer(await submit(request, command(request, commands.SetLevel, room=room)))


@router.post("/rooms/{room}/unread", response=Mark, summary="Mark as unread again",
             openapi_extra=body(commands.MarkUnread, ["room"]))  # fmt: skip
async def mark_unread(request: HttpRequest, room: Id) -> HttpResponse:
    """What comes after the message with `msg_no` is unread again, on all devices.

    `backs` is the room's `read_backs` as one holds it: what comes late, or twice, changes nothing.
    """
    return answer(await submit(request, command(request, commands.MarkUnread, room=room)))


async def _answer(request: HttpRequest, room: int, status: int = 200) -> HttpResponse:
    return answer(await database.run(rooms.written, actor(request), room), status)
