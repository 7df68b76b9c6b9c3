"""The browsers in which I want to be told while the page is closed."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import conf, database
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, command, nothing
from chat.api.shapes import Push, PushSubscription
from chat.features.notifications.push import keys, subscriptions, trial
from chat.features.notifications.push.commands import AddPush
from chat.models import PushSubscription as Row
from chat.models import User
from chat.outside import guard
from chat.protocol.fields import Id
from chat.queries import payloads, sign_in
from chat.queries.sign_in import Held

router = Router(tags=["push"])


@router.get("/me/push", response=Push, summary="List the browsers that I am told in")
async def browse(request: HttpRequest) -> HttpResponse:
    """`key` is what a browser needs to subscribe; null where push is off on this server."""
    return answer(await database.run(_read, actor(request)))


@router.post("/me/push", response={201: PushSubscription}, summary="Tell me in this browser",
             openapi_extra=body(AddPush))  # fmt: skip
async def add(request: HttpRequest) -> HttpResponse:
    """A repeat renews it. It ends with the session or token that asks; beyond ten the oldest goes."""
    asked = command(request, AddPush)
    label = subscriptions.label_of(request.headers.get("User-Agent", ""))
    own_names = guard.names_of(conf.get().ALLOWED_ORIGINS)
    row = await database.run(
        subscriptions.add, actor(request), asked, _held(request), label, own_names, timezone.now()
    )
    return answer(_shape(row), 201)


@router.delete("/me/push/{subscription}", response={204: None}, summary="Tell me no more in a browser")
async def remove(request: HttpRequest, subscription: Id) -> HttpResponse:
    """Nothing more is sent there."""
    await database.run(subscriptions.remove, actor(request), subscription, timezone.now())
    return nothing()


@router.post(
    "/me/push/{subscription}/test", response={202: PushSubscription}, summary="Send myself a test push"
)
async def test(request: HttpRequest, subscription: Id) -> HttpResponse:
    """One in 30 s. What became of it stands in `last_used_at` and `said` a moment later."""
    row = await database.run(trial.ask, actor(request), subscription, timezone.now())
    return answer(_shape(row), 202)


def _held(request: HttpRequest) -> Held:
    """Return with what the request is signed in, as an open socket holds it."""
    user = actor(request)
    header = request.headers.get("Authorization")
    if header is not None:
        return Held(user.pk, sign_in.proof_of(header.partition(" ")[2].strip()), "", "")
    key = request.COOKIES[settings.SESSION_COOKIE_NAME]
    return Held(user.pk, sign_in.proof_of(key), key, user.get_session_auth_hash())


def _read(user: User) -> Push:
    key = keys.public() if keys.is_on() else None
    return {"key": key, "subscriptions": [_shape(row) for row in subscriptions.of(user)]}


def _shape(row: Row) -> PushSubscription:
    shape = {
        "id": row.pk,
        "label": row.label,
        "created_at": payloads.time(row.created_at),
        "last_used_at": payloads.time(row.last_used_at) if row.last_used_at else None,
        "said": row.said,
    }
    return cast(PushSubscription, shape)
