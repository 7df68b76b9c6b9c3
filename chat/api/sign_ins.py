"""With which browsers I am signed in, and what is asked beside my password."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat import database
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.requests import answer, nothing
from chat.api.shapes import BrowserSession, Page, Provider, SecondFactors
from chat.features.sign_ins import factors, sessions
from chat.models import User
from chat.protocol.fields import Id
from chat.queries import payloads

router = Router(tags=["sign-ins"])


@router.get("/me/sessions", response=Page[BrowserSession], summary="List my sessions")
async def browse(request: HttpRequest) -> HttpResponse:
    """The browsers I am signed in with, the one used last first; `current` is the one that asks."""
    user = actor(request)
    return answer(pagination.page(await database.run(listed, user.pk, _key(request)), None))


@router.delete("/me/sessions", response={204: None}, summary="End my other sessions")
async def end_others(request: HttpRequest) -> HttpResponse:
    """All but the one that asks, with their sockets. The tokens of programs stay good."""
    await database.run(sessions.end_others, actor(request).pk, _key(request))
    return nothing()


@router.delete("/me/sessions/{session}", response={204: None}, summary="End a session")
async def end(request: HttpRequest, session: Id) -> HttpResponse:
    """One of mine, with its sockets."""
    await database.run(sessions.end, actor(request).pk, session)
    return nothing()


@router.get("/me/factors", response=SecondFactors, summary="Read my second factors")
async def read_factors(request: HttpRequest) -> HttpResponse:
    """What a sign-in asks for beside the password; they are set up and taken away by the pages, with the password."""
    return answer(await database.run(_factors, actor(request)))


@router.delete("/me/provider", response={204: None}, summary="Disconnect my account of the provider")
async def disconnect(request: HttpRequest) -> HttpResponse:
    """Where nothing else would let me in it is a `conflict`. A repeat changes nothing."""
    await database.run(factors.disconnect, actor(request))
    return nothing()


def _key(request: HttpRequest) -> str | None:
    # A program with a token is no session, whatever cookie it sends beside.
    has_token = "Authorization" in request.headers
    return None if has_token else request.COOKIES.get(settings.SESSION_COOKIE_NAME)


def listed(user_id: int, key: str | None) -> list[BrowserSession]:
    """Return the sessions of an account; `key` is that of the one that asks."""
    return [
        {
            "id": row.pk,
            "agent": row.agent,
            "address": row.address,
            "created_at": payloads.time(row.created_at),
            "last_seen_at": payloads.time(row.last_seen_at),
            "current": row.session_key == key,
        }
        for row in sessions.living(user_id)[: sessions.SESSIONS_MAX_COUNT]
    ]


def _factors(user: User) -> SecondFactors:
    found = factors.of(user.pk)
    return {
        "has_password": user.has_usable_password(),
        "provider": _provider(user),
        "required": factors.is_required(user),
        "app": found.has_app,
        "recovery_codes": found.recovery_codes_count,
        "passkeys": [
            {
                "id": row.pk,
                "name": row.wrap().name,
                "created_at": payloads.time(row.created_at),
                "last_used_at": payloads.time(row.last_used_at) if row.last_used_at else None,
            }
            for row in found.passkeys
        ],
    }


def _provider(user: User) -> Provider | None:
    if not settings.OIDC_ISSUER:
        return None
    return {"name": settings.OIDC_NAME, "connected": factors.is_connected(user.pk)}
