"""The tokens with which programs speak as me."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import AfterValidator

from chat import database
from chat.actions import audit
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.requests import answer, command, nothing, runtime
from chat.api.shapes import AccessToken, NewAccessToken, Page
from chat.live.envelope import SignedOut
from chat.models import AuditDeed, Token, User
from chat.protocol import text_rules
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.queries import payloads

router = Router(tags=["tokens"])

LABEL_MAX_CHARS = 80
TOKENS_PER_USER_MAX_COUNT = 50


def _label(value: str) -> str:
    return text_rules.clean_line(value, "label", LABEL_MAX_CHARS)


class CreateToken(Command):
    """A token by the name under which one finds it again."""

    label: Annotated[str, AfterValidator(_label)]


@router.get("/tokens", response=Page[AccessToken], summary="List my tokens")
async def browse(request: HttpRequest) -> HttpResponse:
    """Those that are not revoked; the secrets are not stored."""
    return answer(pagination.page(await database.run(_present, actor(request)), None))


@router.post("/tokens", response={201: NewAccessToken}, summary="Make a token",
             openapi_extra=body(CreateToken))  # fmt: skip
async def create(request: HttpRequest) -> HttpResponse:
    """The secret stands in `token`, this one time."""
    asked = command(request, CreateToken)
    return answer(await database.run(_make, actor(request), asked.label), 201)


@router.delete("/tokens/{token}", response={204: None}, summary="Revoke a token")
async def revoke(request: HttpRequest, token: Id) -> HttpResponse:
    """The next request with it is refused, and the sockets that were opened with it are closed."""
    digest = await database.run(_revoke, actor(request), token)
    (await runtime(request)).tell([SignedOut(actor(request).pk, digest)])
    return nothing()


def _present(user: User) -> list[AccessToken]:
    rows = Token.objects.filter(user=user, revoked_at=None).order_by("pk")
    return [_shape(row) for row in rows[:TOKENS_PER_USER_MAX_COUNT]]


@transaction.atomic
def _make(user: User, label: str) -> NewAccessToken:
    # The lock keeps two requests at once from both seeing room for one more.
    User.objects.select_for_update().get(pk=user.pk)
    count = Token.objects.filter(user=user, revoked_at=None).count()
    if count >= TOKENS_PER_USER_MAX_COUNT:
        detail = f"you have {count} tokens, at most {TOKENS_PER_USER_MAX_COUNT}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    secret = Token.new_secret()
    row = Token.objects.create(user=user, label=label, digest=Token.digest_of(secret))
    audit.record(user, AuditDeed.TOKEN_MADE, subject=user, label=label)
    return {**_shape(row), "token": secret}


@transaction.atomic
def _revoke(user: User, token_id: int) -> str:
    row = Token.objects.filter(pk=token_id, user=user).first()
    if row is None or not Token.objects.filter(pk=token_id, revoked_at=None).update(
        revoked_at=timezone.now()
    ):
        raise Refused(ErrorCode.NOT_FOUND, "no such token")
    audit.record(user, AuditDeed.TOKEN_REVOKED, subject=user, label=row.label)
    return row.digest


def _shape(row: Token) -> AccessToken:
    return {
        "id": row.pk,
        "label": row.label,
        "created_at": payloads.time(row.created_at),
        "last_used_at": payloads.time(row.last_used_at) if row.last_used_at else None,
    }
