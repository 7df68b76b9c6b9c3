"""Who is in a room."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, built, command, runtime, submit
from chat.api.shapes import Page, Place
from chat.protocol import commands, shapes
from chat.protocol.commands import Id
from chat.queries import members

router = Router(tags=["members"])


@router.get("/rooms/{room}/members", response=Page[shapes.Member], summary="List the members")
async def browse(
    request: HttpRequest, room: Id, cursor: str | None = None, limit: Limit = PAGE_LIMIT_DEFAULT
) -> HttpResponse:
    """In the order in which they first came."""
    items, last = await database.run(members.of_room, actor(request), room, pagination.after(cursor), limit)
    (await runtime(request)).presence.fill_in([item["user"] for item in items])
    return answer(pagination.page(items, last))


@router.post("/rooms/{room}/members", response={200: shapes.Member, 201: shapes.Member},
             summary="Add a member", openapi_extra=body(commands.AddMember, ["room"]))  # fmt: skip
async def add(request: HttpRequest, room: Id) -> HttpResponse:
    """201; or 200 for somebody who is in already, which changes nothing."""
    asked = command(request, commands.AddMember, room=room)
    was_in = await database.run(members.is_in, room, asked.user)
    await submit(request, asked)
    return await _answer(request, room, asked.user, 200 if was_in else 201)


@router.patch("/rooms/{room}/members/{user}", response=shapes.Member, summary="Give a member a role",
              openapi_extra=body(commands.UpdateMember, ["room", "user"]))  # fmt: skip
async def update(request: HttpRequest, room: Id, user: Id) -> HttpResponse:
    """Owners and admins."""
    await submit(request, command(request, commands.UpdateMember, room=room, user=user))
    return await _answer(request, room, user)


@router.delete("/rooms/{room}/members/{user}", response=Place, summary="Remove a member")
async def remove(request: HttpRequest, room: Id, user: Id) -> HttpResponse:
    """Only below one's own role. To go oneself, leave the room."""
    return answer(await submit(request, built(commands.RemoveMember, room=room, user=user)))


async def _answer(request: HttpRequest, room: int, user: int, status: int = 200) -> HttpResponse:
    found = await database.run(members.written, room, user)
    (await runtime(request)).presence.fill_in([found["user"]])
    return answer(found, status)
