"""With what somebody is signed in, for those who run the workspace: seen, and ended where it must be."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from ninja import Router

from chat import database
from chat.actions import audit
from chat.api import rank
from chat.api.admin_shapes import PersonSignIns
from chat.api.requests import answer, built, nothing
from chat.api.sign_ins import listed
from chat.features.mail import service as mail
from chat.features.people import changing
from chat.features.people.commands import GiveReason
from chat.features.sign_ins import factors, sessions
from chat.models import AuditDeed, User
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import Id
from chat.queries import workspace

router = Router(tags=["people"])


@router.get(
    "/admin/people/{user}/sign-ins", response=PersonSignIns, summary="Read with what an account is signed in"
)
async def read(request: HttpRequest, user: Id) -> HttpResponse:
    """Its browsers, the one used last first, and what its sign-in asks for beside the password. Admins only."""
    rank.admin(request)
    return answer(await database.run(_read, user))


@router.delete(
    "/admin/people/{user}/sessions/{session}", response={204: None}, summary="End a session of an account"
)
async def end(request: HttpRequest, user: Id, session: Id, reason: str | None = None) -> HttpResponse:
    """With its sockets; an owner's only by an owner. What the person has open there leads to the sign-in."""
    said = built(GiveReason, reason=reason)
    await database.run(_end, rank.admin(request), user, session, said.reason or "")
    return nothing()


@router.delete("/users/{user}/factors", response={204: None}, summary="Reset somebody's second factors")
async def reset(request: HttpRequest, user: Id, reason: str | None = None) -> HttpResponse:
    """Admins, of whom stands below them and has lost theirs; all its sessions end, and it is told by mail."""
    said = built(GiveReason, reason=reason)
    await database.run(_reset, request, rank.admin(request), user, said.reason or "")
    return nothing()


def _read(user_id: int) -> PersonSignIns:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such user")
    found = factors.of(user.pk)
    return {
        "sessions": listed(user.pk, None),
        "has_password": user.has_usable_password(),
        "app": found.has_app,
        "recovery_codes": found.recovery_codes_count,
        "passkeys": len(found.passkeys),
        "required": factors.is_required(user),
    }


@transaction.atomic
def _end(admin: User, user_id: int, session_id: int, reason: str) -> None:
    _, user = changing.both(admin, user_id, may_be_oneself=True)
    session = sessions.end(user.pk, session_id)
    audit.record(admin, AuditDeed.SESSION_ENDED, subject=user, reason=reason, agent=session.agent)


def _reset(request: HttpRequest, admin: User, user_id: int, reason: str) -> None:
    user = factors.reset_below(admin, user_id, reason)
    if not user.email:
        return
    details = {
        "request": request, "user": user, "by": admin.get_full_name(), "reason": reason,
        "workspace": workspace.name(),
    }  # fmt: skip
    with translation.override(user.language or workspace.language()):
        subject = render_to_string("chat/mail/factors_reset_subject.txt", details).strip()
        text = render_to_string("chat/mail/factors_reset.txt", details).strip()
    mail.post(
        EmailMessage(f"[{details['workspace']}] {subject}", text, settings.DEFAULT_FROM_EMAIL, [user.email])
    )
