"""Groups of people, and what a call would reach."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from chat import database
from chat.api.authentication import actor
from chat.api.group_shapes import Groups, GroupWithPeople, Reaches
from chat.api.openapi import body
from chat.api.requests import answer, command, nothing, runtime
from chat.features.groups import reach, service
from chat.features.groups.commands import MakeGroup, UpdateGroup
from chat.models import User
from chat.protocol import limits, text_rules
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import Id

router = Router(tags=["groups"])


@router.get("/groups", response=Groups, summary="List groups")
async def browse(request: HttpRequest) -> HttpResponse:
    """All there are, at most 500. A guest of the workspace is shown none."""
    return answer(await database.run(_browse, actor(request)))


@router.post(
    "/groups", response={201: GroupWithPeople}, summary="Make a group", openapi_extra=body(MakeGroup)
)
async def make(request: HttpRequest) -> HttpResponse:
    """Admins, and members where the workspace lets them. Its handle is one that no person and no group has."""
    found = await database.run(service.make, actor(request), command(request, MakeGroup))
    return answer(await _with_status(request, found), 201)


@router.get("/groups/{group}", response=GroupWithPeople, summary="Read a group")
async def read(request: HttpRequest, group: Id) -> HttpResponse:
    """With its people by name."""
    return answer(await _with_status(request, await database.run(service.one, actor(request), group)))


@router.patch(
    "/groups/{group}", response=GroupWithPeople, summary="Change a group", openapi_extra=body(UpdateGroup)
)
async def update(request: HttpRequest, group: Id) -> HttpResponse:
    """Admins, and who has made it. `members` are all who are in it from now on."""
    found = await database.run(service.update, actor(request), group, command(request, UpdateGroup))
    return answer(await _with_status(request, found))


@router.delete("/groups/{group}", response={204: None}, summary="Delete a group")
async def delete(request: HttpRequest, group: Id) -> HttpResponse:
    """Admins, and who has made it. Its handle is free again; messages that called it keep whom they have told."""
    await database.run(service.delete, actor(request), group)
    return nothing()


@router.get("/rooms/{room}/calls", response=Reaches, summary="See whom a message would call")
async def look(request: HttpRequest, room: Id, name: Annotated[list[str], Query()] = []) -> HttpResponse:  # noqa: B006
    """For each `name` (an @word, at most 10) that calls many: how many it would tell, or that it is not allowed."""
    if len(name) > reach.NAMES_MAX_COUNT:
        detail = f"name is given {len(name):,} times, at most {reach.NAMES_MAX_COUNT}"
        raise ProtocolError(ErrorCode.TOO_MANY, detail)
    names = [text_rules.clean_line(one, "name", limits.HANDLE_MAX_CHARS + 1) for one in name]
    here = (await runtime(request)).presence.online()
    return answer({"items": await database.run(reach.look, actor(request), room, names, here)})


def _browse(user: User) -> dict[str, object]:
    return {"items": service.browse(user), "next": None, "may_make": service.may_make(user)}


async def _with_status(request: HttpRequest, found: dict[str, object]) -> dict[str, object]:
    (await runtime(request)).presence.fill_in(found["people"])  # type: ignore[arg-type]
    return found
