"""What I am told by mail, and why I was not."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AfterValidator

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, command
from chat.api.shapes import Notification, NotificationSettings, Page, SentTo
from chat.features.notifications import preferences, trial
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.fields import Id

router = Router(tags=["notifications"])

_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")


def _clock(value: str) -> str:
    if value and not _CLOCK.match(value):
        raise ProtocolError(ErrorCode.BAD_FRAME, "a quiet hour is a time like 22:00, or empty")
    return value


Clock = Annotated[str, AfterValidator(_clock)]


class UpdateNotifications(Command):
    """Change what is given, leave the rest; empty quiet hours are none."""

    mail: bool | None = None
    quiet_from: Clock | None = None
    quiet_to: Clock | None = None
    digest: Literal["off", "daily", "weekly"] | None = None


@router.get("/me/notifications", response=NotificationSettings, summary="Read what I am told by mail")
async def read(request: HttpRequest) -> HttpResponse:
    """`no_mail` says why no mail can reach me, whatever is chosen; null when it can."""
    return answer(await database.run(preferences.read, actor(request)))


@router.patch("/me/notifications", response=NotificationSettings, summary="Choose what I am told by mail",
              openapi_extra=body(UpdateNotifications))  # fmt: skip
async def update(request: HttpRequest) -> HttpResponse:
    """Fields that are left out stay. Quiet hours are by the clock of my time zone, also past midnight."""
    asked = command(request, UpdateNotifications)
    given = {name: value for name, value in asked.model_dump().items() if value is not None}
    return answer(await database.run(preferences.write, actor(request), given))


@router.post("/me/notifications/test", response={202: SentTo}, summary="Send myself a test mail")
async def test(request: HttpRequest) -> HttpResponse:
    """Five an hour. What became of it stands in `test` of my settings."""
    return answer({"email": await database.run(trial.ask, actor(request))}, 202)


@router.get("/notifications", response=Page[Notification], summary="See what I was told of, and why not")
async def browse(
    request: HttpRequest,
    message: Id | None = None,
    cursor: str | None = None,
    limit: Limit = PAGE_LIMIT_DEFAULT,
) -> HttpResponse:
    """My own rows of the last 30 days, the newest first; of one message with `message`."""
    before = pagination.after(cursor)
    items, last = await database.run(preferences.page, actor(request), message, before, limit)
    return answer(pagination.page(items, last))
