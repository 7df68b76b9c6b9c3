"""Who is in a room."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.actions import permissions
from chat.actions.permissions import Deed
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, built, command, runtime, submit
from chat.api.shapes import Page, Place
from chat.models import Membership, Room, User
from chat.protocol import commands, shapes, text_rules
from chat.protocol.fields import Id
from chat.protocol.limits import NAME_MAX_CHARS
from chat.queries import members

router = Router(tags=["members"])


@router.get("/rooms/{room}/members", response=Page[shapes.Member], summary="List the members")
async def browse(
    request: HttpRequest,
    room: Id,
    q: str = "",
    role: members.MemberKind | None = None,
    sort: members.MemberSort = "joined",
    cursor: str | None = None,
    limit: Limit = PAGE_LIMIT_DEFAULT,
) -> HttpResponse:
    """In the order in which they first came, by name, or who is online first.

    `q` narrows to those whose name or handle holds it, `role` to those who have it; bots are asked for by `bot` alone.
    """
    text = text_rules.clean_line(q, "q", NAME_MAX_CHARS, may_be_empty=True)
    presence = (await runtime(request)).presence
    online = presence.online() if sort == "online" else ()
    found = partial(members.of_room, text=text, kind=role, sort=sort, online=online)
    items, last = await database.run(found, actor(request), room, pagination.after(cursor), limit)
    presence.fill_in([item["user"] for item in items])
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
async def remove(request: HttpRequest, room: Id, user: Id, reason: str | None = None) -> HttpResponse:
    """Only below one's own role. To remove oneself is to leave."""
    return answer(await submit(request, built(commands.RemoveMember, room=room, user=user, reason=reason)))


@router.put("/rooms/{room}/members/{user}/mute", response=shapes.Member, summary="Mute a member",
            openapi_extra=body(commands.MuteMember, ["room", "user"]))  # fmt: skip
async def mute(request: HttpRequest, room: Id, user: Id) -> HttpResponse:
    """Until a time, for some minutes, or with neither until unmuted; only below one's own role."""
    await submit(request, command(request, commands.MuteMember, room=room, user=user))
    return await _answer(request, room, user)


@router.delete("/rooms/{room}/members/{user}/mute", response=shapes.Member, summary="Unmute a member")
async def unmute(request: HttpRequest, room: Id, user: Id) -> HttpResponse:
    """Who is not muted stays as they are."""
    await submit(request, built(commands.UnmuteMember, room=room, user=user))
    return await _answer(request, room, user)


@router.get("/rooms/{room}/bans", response=Page[shapes.Ban], summary="List who is banned")
async def browse_bans(
    request: HttpRequest, room: Id, cursor: str | None = None, limit: Limit = PAGE_LIMIT_DEFAULT
) -> HttpResponse:
    """For those who may ban."""
    items, last = await database.run(_bans, actor(request), room, pagination.after(cursor), limit)
    return answer(pagination.page(items, last))


@router.put("/rooms/{room}/bans/{user}", response=Place, summary="Ban somebody",
            openapi_extra=body(commands.BanMember, ["room", "user"]))  # fmt: skip
async def ban(request: HttpRequest, room: Id, user: Id) -> HttpResponse:
    """Takes a member out, and keeps out who is not in, until a time if one is given; only below one's own role."""
    return answer(await submit(request, command(request, commands.BanMember, room=room, user=user)))


@router.delete("/rooms/{room}/bans/{user}", response=Place, summary="Lift a ban")
async def unban(request: HttpRequest, room: Id, user: Id) -> HttpResponse:
    """The user is not in again by this, but may come."""
    return answer(await submit(request, built(commands.UnbanMember, room=room, user=user)))


def _bans(user: User, room_id: int, after: int, limit: int) -> tuple[list[shapes.Ban], int | None]:
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        raise permissions.missing_room()
    own = Membership.objects.filter(room=room, user=user).first()
    permissions.require(Deed.BAN, user, room, own, timezone.now())
    return members.banned(room_id, after, limit)


async def _answer(request: HttpRequest, room: int, user: int, status: int = 200) -> HttpResponse:
    found = await database.run(members.written, room, user)
    (await runtime(request)).presence.fill_in([found["user"]])
    return answer(found, status)
