"""How long messages are kept, what is held, and what would go: for admins."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import Field

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, command
from chat.api.shapes import Going, Page, Retention, RoomRetention
from chat.features.retention import forecast, policy
from chat.features.retention.commands import SetRetention, SetRoomRetention
from chat.models import User
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id

router = Router(tags=["retention"])

# Each of them is counted, which takes its time.
_ROOMS_MAX_COUNT = 20
RoomsLimit = Annotated[int, Field(ge=1, le=_ROOMS_MAX_COUNT)]


@router.get("/retention", response=Retention, summary="Read how long messages are kept")
async def read(request: HttpRequest) -> HttpResponse:
    """Of the workspace; `days` is null where everything is kept. Admins only, as all of this."""
    _admin(request)
    return answer(await database.run(policy.read))


@router.patch("/retention", response=Retention, summary="Set how long messages are kept",
              openapi_extra=body(SetRetention))  # fmt: skip
async def update(request: HttpRequest) -> HttpResponse:
    """In all rooms that say nothing else; `days` null: for ever. At least 7: so long clients send again."""
    admin = _admin(request)
    return answer(await database.run(policy.set_days, admin, command(request, SetRetention)))


@router.put("/retention/hold", response=Retention, summary="Hold the workspace")
async def hold(request: HttpRequest) -> HttpResponse:
    """From the answer on nothing expires anywhere. A repeat changes nothing."""
    return answer(await database.run(policy.hold, _admin(request), timezone.now()))


@router.delete("/retention/hold", response=Retention, summary="End the hold of the workspace")
async def release(request: HttpRequest) -> HttpResponse:
    """Rooms with a hold of their own stay held."""
    return answer(await database.run(policy.release, _admin(request)))


@router.get(
    "/retention/rooms", response=Page[RoomRetention], summary="List rooms with a rule or hold of their own"
)
async def browse(
    request: HttpRequest, cursor: str | None = None, limit: Limit = PAGE_LIMIT_DEFAULT
) -> HttpResponse:
    """By id; all others are kept as long as the workspace says."""
    _admin(request)
    items, last = await database.run(policy.browse, pagination.after(cursor), limit)
    return answer(pagination.page(items, last))


@router.get("/retention/dry-run", response=Page[Going], summary="See what would go")
async def dry_run(
    request: HttpRequest, cursor: str | None = None, limit: RoomsLimit = _ROOMS_MAX_COUNT
) -> HttpResponse:
    """Looks at so many rooms; those in which nothing would go are left out. Removes nothing."""
    _admin(request)
    found = await database.run(forecast.page, timezone.now(), pagination.after(cursor), limit)
    return answer(pagination.page(*found))


@router.get("/rooms/{room}/retention", response=RoomRetention, summary="Read how long a room is kept")
async def read_room(request: HttpRequest, room: Id) -> HttpResponse:
    """`days` is what holds, null where everything is kept; `is_held` counts the hold of the workspace too."""
    _admin(request)
    return answer(await database.run(policy.read_room, room))


@router.patch("/rooms/{room}/retention", response=RoomRetention, summary="Set how long a room is kept",
              openapi_extra=body(SetRoomRetention))  # fmt: skip
async def update_room(request: HttpRequest, room: Id) -> HttpResponse:
    """`keep` is `workspace`, `forever`, or `days` with `days`."""
    admin = _admin(request)
    return answer(await database.run(policy.set_room, admin, room, command(request, SetRoomRetention)))


@router.put("/rooms/{room}/retention/hold", response=RoomRetention, summary="Hold a room")
async def hold_room(request: HttpRequest, room: Id) -> HttpResponse:
    """From the answer on nothing expires there. A repeat changes nothing."""
    return answer(await database.run(policy.hold_room, _admin(request), room, timezone.now()))


@router.delete("/rooms/{room}/retention/hold", response=RoomRetention, summary="End the hold of a room")
async def release_room(request: HttpRequest, room: Id) -> HttpResponse:
    """A hold of the workspace still stands."""
    return answer(await database.run(policy.release_room, _admin(request), room))


def _admin(request: HttpRequest) -> User:
    """Return who asks. Raises Refused: forbidden, the same for every room, there or not."""
    user = actor(request)
    if not user.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, "only admins see and set how long messages are kept")
    return user
