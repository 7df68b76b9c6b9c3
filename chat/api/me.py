"""The signed-in user, and what one tells of oneself."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api import pictures
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, command, runtime
from chat.features.notifications import preferences
from chat.features.profile import service
from chat.features.profile.commands import SetDoing, UpdateMe, time_zones
from chat.live.bucket import Buckets
from chat.models import User
from chat.protocol import shapes
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.queries import members, payloads

router = Router(tags=["me"])

# Everybody who is connected hears of a change: of one account in this process so many.
_CHANGES_PER_S, _CHANGES_BURST = 0.5, 20
_CHANGES_KEPT_COUNT = 10_000


@cache
def _changes() -> Buckets:
    return Buckets(_CHANGES_PER_S, _CHANGES_BURST, _CHANGES_KEPT_COUNT)


@router.get("/me", response=shapes.Me, summary="Read who I am")
async def read(request: HttpRequest) -> HttpResponse:
    """The account that the token or session belongs to."""
    return await _answer(request, actor(request))


@router.patch("/me", response=shapes.Me, summary="Change what I tell of myself",
              openapi_extra=body(UpdateMe))  # fmt: skip
async def update(request: HttpRequest) -> HttpResponse:
    """Fields that are left out stay as they are. A handle that somebody has is a `conflict`."""
    # The first look at the list of time zones reads the disk.
    await database.run(time_zones)
    asked = command(request, UpdateMe)
    given = {
        name: value for name, value in asked.model_dump().items() if name != "type" and value is not None
    }
    if given:
        _count_change(request)
    return await _answer(request, await database.run(_write, actor(request).pk, given))


@router.put("/me/doing", response=shapes.Me, summary="Say what I am doing", openapi_extra=body(SetDoing))
async def say_doing(request: HttpRequest) -> HttpResponse:
    """It stands beside my name until `until`, and then ends by itself."""
    asked = command(request, SetDoing)
    _count_change(request)
    return await _answer(
        request, await database.run(service.say_doing, actor(request).pk, asked, timezone.now())
    )


@router.delete("/me/doing", response=shapes.Me, summary="Take back what I am doing")
async def stop_doing(request: HttpRequest) -> HttpResponse:
    """A repeat changes nothing."""
    _count_change(request)
    return await _answer(request, await database.run(service.stop_doing, actor(request).pk))


@router.put("/me/avatar", response=shapes.Me, summary="Give myself a face", openapi_extra=pictures.SENT)
async def put_face(request: HttpRequest) -> HttpResponse:
    """A PNG, JPEG, GIF or WebP of at most 1,000,000 bytes; made anew as a square, cut out of the middle."""
    picture = pictures.read(request, service.AVATAR_MAX_BYTES)
    _count_change(request)
    user = actor(request)
    made = await pictures.make(user.pk, picture, service.make_face)
    return await _answer(request, await database.run(service.keep_face, user.pk, made, timezone.now()))


@router.delete("/me/avatar", response=shapes.Me, summary="Take my face away")
async def drop_face(request: HttpRequest) -> HttpResponse:
    """A repeat changes nothing."""
    _count_change(request)
    return await _answer(request, await database.run(service.drop_face, actor(request).pk))


@router.get("/users/{user}/avatar/{key}", summary="Read a face", openapi_extra=pictures.SHOWN)
async def face(
    request: HttpRequest, user: Id, key: str, size: Literal["small", "large"] = "small"
) -> HttpResponse:
    """WebP, 128 pixels a side, with `size=large` 512; for who may know the person."""
    found = await database.run(members.face, actor(request), user, key, is_large=size == "large")
    return pictures.show(found)


def _count_change(request: HttpRequest) -> None:
    wait_s = _changes().take(actor(request).pk, asyncio.get_running_loop().time())
    if wait_s:
        raise Refused(ErrorCode.RATE_LIMITED, "too many changes of the profile", int(wait_s * 1_000) + 1)


def _write(user_id: int, given: dict[str, Any]) -> User:
    user = service.change(user_id, given)
    if "time_zone" in given:
        preferences.plan_again(user)
    return user


async def _answer(request: HttpRequest, user: User) -> HttpResponse:
    me = payloads.me(user)
    (await runtime(request)).presence.fill_in([me])
    return answer(me)
