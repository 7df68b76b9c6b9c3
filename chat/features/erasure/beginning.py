"""Make an account nobody's, in one transaction: from then on nobody comes in with it."""

from __future__ import annotations

import secrets
from datetime import datetime

import structlog
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from chat.actions import audit
from chat.features.erasure import remains
from chat.models import (
    AuditDeed,
    AuditEntry,
    Avatar,
    BrowserSession,
    Erasure,
    Guest,
    Invite,
    Message,
    NotificationSettings,
    RoomRetention,
    Token,
    User,
    Workspace,
)
from chat.pipeline import outbox
from chat.protocol.errors import ErrorCode, Refused

_log = structlog.get_logger(__name__)

NAME = "Deleted user"
# The rank in the workspace; nobody erases whom they do not stand above, but themselves.
_RANK = {User.Role.GUEST: 0, User.Role.MEMBER: 0, User.Role.ADMIN: 1, User.Role.OWNER: 2}


@transaction.atomic
def erase(user_id: int, by: User | None, *, removes_messages: bool, now: datetime) -> Erasure:
    """Erase an account; a repeat gets the first one. `by`: who asks, None for a script.

    Raises:
        Refused: not_found, forbidden (not below one's own rank), conflict (the last owner or admin; a legal hold
            where messages are to go).
    """
    # All who run the workspace: of two who go at once the second finds the first gone.
    running = {
        row.pk: row
        for row in User.objects.select_for_update(of=("self",))
        .filter(role__in=[User.Role.OWNER, User.Role.ADMIN], is_active=True)
        .order_by("pk")
    }
    user = running.get(user_id) or User.objects.select_for_update(of=("self",)).filter(pk=user_id).first()
    if user is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such user")
    if by is not None and by.pk != user.pk:
        _require_above(running.get(by.pk), user)
    if (done := Erasure.objects.filter(user=user).first()) is not None:
        return done
    _require_another(user, list(running.values()))
    if removes_messages:
        _require_no_hold(user)
    erasure = Erasure.objects.create(user=user, asked_by=by, asked_at=now, removes_messages=removes_messages)
    _empty(user)
    Token.objects.filter(user=user).delete()
    Avatar.objects.filter(user=user).delete()
    BrowserSession.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    NotificationSettings.objects.filter(user=user).delete()
    Guest.objects.filter(user=user).delete()
    Invite.objects.filter(created_by=user, revoked_at=None).update(revoked_at=now)
    outbox.entry(remains.ERASE, f"{remains.ERASE}:{user.pk}:0", {"user": user.pk, "step": 0}).save()
    remains.hand_over(user.pk, "begun")
    transaction.on_commit(lambda: outbox.nudge(["cpu", "fast"]))
    # Where they acted from goes with them; what they did stays, as that of nobody.
    AuditEntry.objects.filter(actor=user).exclude(origin="").update(origin="")
    audit.record(
        by,
        AuditDeed.PERSON_ERASED,
        subject=user,
        origin="" if by == user else None,
        messages=removes_messages,
    )
    facts = {"user": user.pk, "by": by.pk if by else None, "removes_messages": removes_messages}
    transaction.on_commit(lambda: _log.info("erasure.begun", **facts))
    return erasure


def _empty(user: User) -> None:
    """Leave nothing of the person in the row; whoever is connected with it is cut off."""
    # Neither the old handle, which somebody else may choose now, nor one that somebody could have chosen before.
    user.handle = f"deleted-{user.pk}-{secrets.token_hex(3)}"
    user.name, user.email, user.language, user.time_zone = NAME, "", "", ""
    user.title, user.pronouns, user.avatar = "", "", ""
    user.doing_emoji, user.doing_text, user.doing_until = "", "", None
    user.role, user.is_superuser, user.is_active, user.last_login = User.Role.MEMBER, False, False, None
    user.has_second_factor = False
    user.set_unusable_password()
    user.save()
    user.groups.clear()
    user.user_permissions.clear()


def _require_above(by: User | None, user: User) -> None:
    if by is None or _RANK[User.Role(by.role)] <= _RANK[User.Role(user.role)]:
        raise Refused(ErrorCode.FORBIDDEN, "only who stands above an account may erase it")


def _require_another(user: User, running: list[User]) -> None:
    """Raise unless somebody can still run the workspace: another owner after an owner, else another admin."""
    if user.role not in (User.Role.OWNER, User.Role.ADMIN) or not user.is_active:
        return
    others = [other for other in running if other.pk != user.pk and not other.is_bot]
    if user.role == User.Role.OWNER:
        others = [other for other in others if other.role == User.Role.OWNER]
    if not others:
        raise Refused(
            ErrorCode.CONFLICT, f"the last {user.role} of the workspace cannot go: make another first"
        )


def _require_no_hold(user: User) -> None:
    is_held = Workspace.objects.filter(pk=1, held_at__isnull=False).exists()
    held = RoomRetention.objects.filter(held_at__isnull=False).values("room")
    if is_held or Message.objects.filter(sender=user, room__in=held).exists():
        raise Refused(ErrorCode.CONFLICT, "a legal hold stands: the messages must be kept")
