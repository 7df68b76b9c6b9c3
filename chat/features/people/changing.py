"""Change what an account may, switch it off and on, and end what it is signed in with."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction
from django.utils import timezone

from chat.actions import audit
from chat.features.people import finding
from chat.features.people.commands import SignOutPerson, UpdatePerson
from chat.live.envelope import SignedOut
from chat.models import AuditDeed, Erasure, Token, User
from chat.pipeline import accounts
from chat.protocol.errors import ErrorCode, Refused


@transaction.atomic
def update(admin: User, user_id: int, asked: UpdatePerson) -> dict[str, Any]:
    """Change what is given; each thing that is another now is an entry of the record.

    Raises:
        Refused: not_found; forbidden (oneself, an owner, a role above one's own); conflict (erased).
    """
    actor, user = both(admin, user_id)
    reason = asked.reason or ""
    _require_no_rise(actor, asked)
    if Erasure.objects.filter(user=user).exists():
        raise Refused(ErrorCode.CONFLICT, "the account was erased: there is nothing left of it to change")
    if asked.is_active is not None and asked.is_active != user.is_active:
        user.is_active = asked.is_active
        deed = AuditDeed.PERSON_ON if user.is_active else AuditDeed.PERSON_OFF
        audit.record(admin, deed, subject=user, reason=reason)
    if asked.role is not None and asked.role != user.role:
        audit.record(
            admin, AuditDeed.PERSON_ROLE, subject=user, reason=reason, was=user.role, role=asked.role
        )
        user.role = asked.role
    if asked.name is not None and asked.name != user.name:
        audit.record(admin, AuditDeed.PERSON_CHANGED, subject=user, reason=reason, fields=["name"])
        user.name = asked.name
    user.save(update_fields=["is_active", "role", "name"])
    return finding.one(user.pk)


@transaction.atomic
def sign_out(admin: User, user_id: int, asked: SignOutPerson) -> dict[str, Any]:
    """End all sessions at once, and all sockets; with `tokens` programs are out too. Raises as `update` does."""
    _, user = both(admin, user_id, may_be_oneself=True)
    user.end_sessions()
    count = 0
    if asked.tokens:
        count = Token.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    audit.record(admin, AuditDeed.PERSON_SIGNED_OUT, subject=user, reason=asked.reason or "", tokens=count)
    return finding.one(user.pk)


@transaction.atomic
def revoke_token(admin: User, user_id: int, token_id: int) -> None:
    """End one token of an account, and the sockets that were opened with it. Raises as `update` does."""
    _, user = both(admin, user_id, may_be_oneself=True)
    row = Token.objects.select_for_update().filter(pk=token_id, user=user, revoked_at=None).first()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such token")
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    audit.record(admin, AuditDeed.TOKEN_REVOKED, subject=user, label=row.label)
    transaction.on_commit(lambda: accounts.tell([SignedOut(user.pk, row.digest)]))


@transaction.atomic
def password_path(admin: User, user_id: int, *, is_mailed: bool) -> tuple[User, str, str]:
    """Return the account and the two parts of a link by which it gets another password, good for one use.

    Raises:
        Refused: as `update` does; conflict, for one that is switched off or a bot.
    """
    _, user = both(admin, user_id)
    if not user.is_active or user.is_bot:
        raise Refused(ErrorCode.CONFLICT, "only people whose account is on have a password")
    audit.record(admin, AuditDeed.PERSON_PASSWORD, subject=user, is_mailed=is_mailed)
    return user, user_pk_to_url_str(user), default_token_generator.make_token(user)


def both(admin: User, user_id: int, *, may_be_oneself: bool = False) -> tuple[User, User]:
    """Lock both accounts in the order of their ids, and return them as they are now; for who may do that to whom.

    Raises:
        Refused: not_found; forbidden (oneself, an owner).
    """
    rows = User.objects.select_for_update(of=("self",)).filter(pk__in=[admin.pk, user_id]).order_by("pk")
    found = {row.pk: row for row in rows}
    actor, user = found.get(admin.pk), found.get(user_id)
    # Of two who take the other's role at the same time the second has lost the right to it.
    if actor is None or not actor.is_active or not actor.is_admin:
        raise Refused(ErrorCode.FORBIDDEN, "only who runs the workspace may do that")
    if user is None:
        raise finding.missing()
    if user.pk == actor.pk:
        if may_be_oneself:
            return actor, user
        raise Refused(ErrorCode.FORBIDDEN, "not to oneself: that could leave nobody in charge")
    if user.role == User.Role.OWNER and actor.role != User.Role.OWNER:
        raise Refused(ErrorCode.FORBIDDEN, "only an owner may do that to an owner")
    return actor, user


def _require_no_rise(actor: User, asked: UpdatePerson) -> None:
    if asked.role == "owner" and actor.role != User.Role.OWNER:
        raise Refused(ErrorCode.FORBIDDEN, "only an owner makes owners")
