"""Links with which people come in."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated, Literal, cast

from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import Field

from chat import database
from chat.actions import audit, permissions
from chat.actions.permissions import Deed
from chat.api import pagination
from chat.api.authentication import actor
from chat.api.openapi import body
from chat.api.pagination import PAGE_LIMIT_DEFAULT, Limit
from chat.api.requests import answer, command, nothing
from chat.api.shapes import Invitation, InviteLink, InviteUse, Page
from chat.models import AuditDeed, Invite, Membership, Room, Token, User
from chat.models import InviteUse as Use
from chat.protocol import limits
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.protocol.fields import Id
from chat.queries import payloads, workspace

router = Router(tags=["invites"])

INVITES_PER_USER_MAX_COUNT = 100


class CreateInvite(Command):
    """An invitation to the workspace and, if one is named, to a room."""

    room: Id | None = None
    role: Literal["admin", "member", "guest"] = "member"
    days: Annotated[int, Field(ge=1, le=limits.INVITE_MAX_DAYS)] = 7
    max_uses: Annotated[int, Field(ge=1, le=limits.INVITE_MAX_USES)] = 25


@router.post("/invites", response={201: InviteLink}, summary="Make an invite link",
             openapi_extra=body(CreateInvite))  # fmt: skip
async def create(request: HttpRequest) -> HttpResponse:
    """Admins, and members unless sign-up is closed. A guest must be invited to a room."""
    asked = command(request, CreateInvite)
    secret = secrets.token_urlsafe(24)
    row = await database.run(_make, actor(request), asked, Token.digest_of(secret))
    link: InviteLink = {
        "id": row.pk,
        "url": request.build_absolute_uri(f"/invite/{secret}/"),
        "expires_at": payloads.time(row.expires_at),
        "max_uses": row.max_uses,
    }
    return answer(link, 201)


@router.get("/invites", response=Page[Invitation], summary="List invite links")
async def browse(
    request: HttpRequest,
    scope: Literal["all", "mine"] = "all",
    cursor: str | None = None,
    limit: Limit = PAGE_LIMIT_DEFAULT,
) -> HttpResponse:
    """Those that can still be used: of everybody, for admins; with `scope=mine` those that I have made."""
    user = actor(request)
    if scope == "all" and not user.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, "only admins see the invites of others")
    maker = user if scope == "mine" else None
    items, last = await database.run(_page, maker, pagination.after(cursor), limit)
    return answer(pagination.page(items, last))


@router.delete("/invites/{invite}", response={204: None}, summary="Revoke an invite link")
async def revoke(request: HttpRequest, invite: Id) -> HttpResponse:
    """One's own, or as an admin any. Who came in by it stays."""
    await database.run(_revoke, actor(request), invite)
    return nothing()


@router.get("/invites/{invite}/uses", response=Page[InviteUse], summary="List who came by an invite link")
async def browse_uses(
    request: HttpRequest, invite: Id, cursor: str | None = None, limit: Limit = PAGE_LIMIT_DEFAULT
) -> HttpResponse:
    """Of one's own, or as an admin of any; in the order in which they came."""
    items, last = await database.run(_uses, actor(request), invite, pagination.after(cursor), limit)
    return answer(pagination.page(items, last))


@transaction.atomic
def _make(user: User, asked: CreateInvite, digest: str) -> Invite:
    _check(user, asked)
    User.objects.select_for_update().get(pk=user.pk)
    count = _usable().filter(created_by=user).count()
    if count >= INVITES_PER_USER_MAX_COUNT:
        detail = f"you have {count} invites that can be used, at most {INVITES_PER_USER_MAX_COUNT}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    row = Invite.objects.create(
        digest=digest,
        created_by=user,
        room_id=asked.room,
        role=asked.role,
        expires_at=timezone.now() + timedelta(days=asked.days),
        max_uses=asked.max_uses,
    )
    audit.record(user, AuditDeed.INVITE_MADE, room=asked.room, invite=row.pk, role=row.role)
    return row


def _check(user: User, asked: CreateInvite) -> None:
    """Raise unless the user may make this invite."""
    if user.is_guest or user.is_bot:
        raise Refused(ErrorCode.FORBIDDEN, "guests and bots may not invite")
    policy = workspace.policy()
    if policy.signup == "closed" and not user.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, "sign-up is closed: only admins may invite")
    if not policy.members_invite and not user.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, "only admins invite here")
    if asked.role == "admin" and not user.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, "only admins may invite admins")
    if asked.room is not None:
        room = Room.objects.filter(pk=asked.room).first()
        if room is None:
            raise permissions.missing_room()
        membership = Membership.objects.filter(room=room, user=user).first()
        permissions.require(Deed.INVITE, user, room, membership, timezone.now())
    elif asked.role == "guest":
        raise ProtocolError(ErrorCode.BAD_FRAME, "room: a guest is invited to a room")


def _usable() -> QuerySet[Invite]:
    return Invite.objects.filter(revoked_at=None, expires_at__gt=timezone.now(), uses__lt=F("max_uses"))


def _known(user: User) -> QuerySet[Invite]:
    """Return the invites that somebody may look at and end."""
    return Invite.objects.all() if user.is_admin else Invite.objects.filter(created_by=user)


def _uses(user: User, invite_id: int, after: int, limit: int) -> tuple[list[InviteUse], int | None]:
    invite = _known(user).filter(pk=invite_id).first()
    if invite is None:
        raise _missing()
    rows = Use.objects.filter(invite=invite, pk__gt=after).select_related("user").order_by("pk")
    found = list(rows[: limit + 1])
    items: list[InviteUse] = [
        {"user": payloads.user(row.user), "at": payloads.time(row.at)} for row in found[:limit]
    ]
    return items, found[limit - 1].pk if len(found) > limit else None


def _page(maker: User | None, after: int, limit: int) -> tuple[list[Invitation], int | None]:
    usable = _usable() if maker is None else _usable().filter(created_by=maker)
    rows = list(usable.filter(pk__gt=after).order_by("pk")[: limit + 1])
    return [_shape(row) for row in rows[:limit]], rows[limit - 1].pk if len(rows) > limit else None


@transaction.atomic
def _revoke(user: User, invite_id: int) -> None:
    if not _known(user).filter(pk=invite_id, revoked_at=None).update(revoked_at=timezone.now()):
        raise _missing()
    audit.record(user, AuditDeed.INVITE_REVOKED, invite=invite_id)


def _missing() -> Refused:
    return Refused(ErrorCode.NOT_FOUND, "no such invite")


def _shape(row: Invite) -> Invitation:
    return {
        "id": row.pk,
        "created_by": row.created_by_id,
        "room": row.room_id,
        "role": cast(Literal["admin", "member", "guest"], row.role),
        "created_at": payloads.time(row.created_at),
        "expires_at": payloads.time(row.expires_at),
        "max_uses": row.max_uses,
        "uses": row.uses,
    }
