"""The signed-in user."""

from __future__ import annotations

import zoneinfo
from functools import cache
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AfterValidator

from chat import database
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, command, runtime
from chat.features.notifications import preferences
from chat.models import User
from chat.protocol import shapes
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import Name
from chat.queries import payloads

router = Router(tags=["me"])


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _language(value: str) -> str:
    codes = [code for code, _ in settings.LANGUAGES]
    if value and value not in codes:
        raise ProtocolError(ErrorCode.BAD_FRAME, f"language: is none of {', '.join(codes)}")
    return value


def _time_zone(value: str) -> str:
    if value and value not in _time_zones():
        raise ProtocolError(ErrorCode.BAD_FRAME, "time_zone: is no name of the IANA database")
    return value


class UpdateMe(Command):
    """Change what is given, leave the rest; an empty language or time zone means the browser's."""

    name: Name | None = None
    language: Annotated[str, AfterValidator(_language)] | None = None
    time_zone: Annotated[str, AfterValidator(_time_zone)] | None = None


@router.get("/me", response=shapes.Me, summary="Read who I am")
async def read(request: HttpRequest) -> HttpResponse:
    """The account that the token or session belongs to."""
    return await _answer(request, actor(request))


@router.patch("/me", response=shapes.Me, summary="Change my name, language or time zone",
              openapi_extra=body(UpdateMe))  # fmt: skip
async def update(request: HttpRequest) -> HttpResponse:
    """Fields that are left out stay as they are."""
    # The first look at the list of time zones reads the disk.
    await database.run(_time_zones)
    asked = command(request, UpdateMe)
    given = {name: value for name, value in asked.model_dump().items() if value is not None}
    return await _answer(request, await database.run(_write, actor(request).pk, given))


def _write(user_id: int, given: dict[str, Any]) -> User:
    if given:
        User.objects.filter(pk=user_id).update(**given)
    user = User.objects.get(pk=user_id)
    if "time_zone" in given:
        preferences.plan_again(user)
    return user


async def _answer(request: HttpRequest, user: User) -> HttpResponse:
    me = payloads.me(user)
    (await runtime(request)).presence.fill_in([me])
    return answer(me)
