"""Second factors: whether an account has one, and whether it must."""

from __future__ import annotations

from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import QuerySet

from chat.actions import audit
from chat.models import AuditDeed, User
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import sign_in

_RANK = {User.Role.GUEST: 0, User.Role.MEMBER: 0, User.Role.ADMIN: 1, User.Role.OWNER: 2}


def strong(user_id: int) -> QuerySet[Authenticator]:
    """Return the factors of an account that count: recovery codes alone are none."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=user_id)
    return found.exclude(type=Authenticator.Type.RECOVERY_CODES)


class Factors(NamedTuple):
    """What an account has."""

    has_app: bool
    recovery_codes_count: int
    passkeys: list[Any]


def of(user_id: int) -> Factors:
    """Return the second factors of an account."""
    rows: list[Any] = list(Authenticator.objects.filter(user_id=user_id).order_by("pk"))
    kinds = Authenticator.Type
    codes = [row for row in rows if row.type == kinds.RECOVERY_CODES]
    return Factors(
        any(row.type == kinds.TOTP for row in rows),
        len(codes[0].wrap().get_unused_codes()) if codes else 0,
        [row for row in rows if row.type == kinds.WEBAUTHN],
    )


def is_required(user: User) -> bool:
    """Tell whether an account must have a second factor."""
    return sign_in.needs_second_factor(user)


def note(user_id: int) -> None:
    """Write down whether an account has a factor, where a sign-in looks without another query."""
    has = strong(user_id).exists()
    User.objects.filter(pk=user_id).exclude(has_second_factor=has).update(has_second_factor=has)


@transaction.atomic
def reset(user_id: int) -> int:
    """Take all factors of an account away, and end its sessions; return how many factors there were."""
    count: int = strong(user_id).count()
    Authenticator.objects.filter(user_id=user_id).delete()
    note(user_id)
    User.objects.get(pk=user_id).end_sessions()
    return count


def is_connected(user_id: int) -> bool:
    """Tell whether an account is connected with one of the provider."""
    return bool(SocialAccount.objects.filter(user_id=user_id).exists())


@transaction.atomic
def disconnect(user: User) -> None:
    """Take the account of the provider away. Raises Refused: conflict, where nothing else lets the person in."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    has_passkey = Authenticator.objects.filter(user=locked, type=Authenticator.Type.WEBAUTHN).exists()
    if is_connected(locked.pk) and not locked.has_usable_password() and not has_passkey:
        raise Refused(ErrorCode.CONFLICT, "without it nothing would let you in: choose a password first")
    SocialAccount.objects.filter(user=locked).delete()


@transaction.atomic
def reset_below(by: User, user_id: int, reason: str = "") -> User:
    """Reset the factors of an account that stands below, and return it. Raises Refused: not_found, forbidden."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such user")
    if _RANK[User.Role(by.role)] <= _RANK[User.Role(user.role)]:
        raise Refused(ErrorCode.FORBIDDEN, "only who stands above an account may reset its factors")
    count = reset(user.pk)
    audit.record(by, AuditDeed.PERSON_FACTORS, subject=user, reason=reason, factors=count)
    return user


def listen() -> None:
    """Begin to hear of factors that come and go."""
    for signal in (authenticator_added, authenticator_removed):
        signal.connect(_hear, dispatch_uid=f"chat.features.sign_ins.{id(signal)}")


def _hear(user: User, **_: Any) -> None:
    note(user.pk)
