"""Erase an account: one's own, or, for admins, another's."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from chat import database
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, command
from chat.api.shapes import Erased
from chat.features.erasure import beginning
from chat.features.erasure.commands import EraseMe, EraseUser
from chat.live.bucket import Buckets
from chat.models import Erasure
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.queries import payloads

router = Router(tags=["erasure"])

# Tries at a password, of one account in this process.
_TRIES_PER_S, _TRIES_BURST = 5 / 60, 5
_TRIES_KEPT_COUNT = 10_000


@cache
def _tries() -> Buckets:
    return Buckets(_TRIES_PER_S, _TRIES_BURST, _TRIES_KEPT_COUNT)


@cache
def _hashing() -> ThreadPoolExecutor:
    # A hash takes 100 MB for a tenth of a second: one after the other, and not in a thread of the database.
    return ThreadPoolExecutor(1, thread_name_prefix="password")


@router.post("/me/erase", response={202: Erased}, summary="Erase my account", openapi_extra=body(EraseMe))
async def erase_me(request: HttpRequest) -> HttpResponse:
    """With my password; there is no way back. All sign-ins, tokens and sockets end at once, the rest follows.

    `messages`: `keep` leaves them under "Deleted user", `remove` empties them. The last owner or admin is a `conflict`.
    """
    me, asked = actor(request), command(request, EraseMe)
    loop = asyncio.get_running_loop()
    wait_s = _tries().take(me.pk, loop.time())
    if wait_s:
        raise Refused(ErrorCode.RATE_LIMITED, "too many tries at the password", int(wait_s * 1_000) + 1)
    if not await loop.run_in_executor(_hashing(), check_password, asked.password, me.password):
        raise Refused(ErrorCode.FORBIDDEN, "this is not your password")
    removes = asked.messages == "remove"
    erasure = await database.run(beginning.erase, me.pk, me, removes_messages=removes, now=timezone.now())
    return _answer(erasure)


@router.post("/users/{user}/erase", response={202: Erased}, summary="Erase an account",
             openapi_extra=body(EraseUser))  # fmt: skip
async def erase(request: HttpRequest, user: Id) -> HttpResponse:
    """Admins, of whom stands below them; as `POST /me/erase`. A repeat answers with the first."""
    admin = actor(request)
    if not admin.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, "only admins erase the accounts of others")
    if user == admin.pk:
        raise Refused(ErrorCode.FORBIDDEN, "one's own account is erased with the password")
    removes = command(request, EraseUser).messages == "remove"
    erasure = await database.run(beginning.erase, user, admin, removes_messages=removes, now=timezone.now())
    return _answer(erasure)


def _answer(erasure: Erasure) -> HttpResponse:
    shape: Erased = {
        "user": erasure.user_id,
        "at": payloads.time(erasure.asked_at),
        "messages": "remove" if erasure.removes_messages else "keep",
        "finished_at": payloads.time(erasure.finished_at) if erasure.finished_at else None,
    }
    return answer(shape, 202)
