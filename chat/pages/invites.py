"""Which invites are good, who holds one, and the one place where a use is counted."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from chat.models import Invite, InviteUse, User

_REMEMBERED = "invite"


def valid(digest: str) -> Invite | None:
    """Return the invite of a digest if it can still be used now."""
    invite = (
        Invite.objects.select_related("created_by", "room").filter(digest=digest, revoked_at=None).first()
    )
    if invite is None or invite.expires_at <= timezone.now() or invite.uses >= invite.max_uses:
        return None
    is_room_there = invite.room is None or (
        invite.room.deleted_at is None and invite.room.archived_at is None
    )
    return invite if invite.created_by.is_active and is_room_there else None


def remembered(request: HttpRequest) -> Invite | None:
    """Return the invite with which this browser came, if it is still good."""
    digest = request.session.get(_REMEMBERED)
    return valid(digest) if isinstance(digest, str) else None


def remember(request: HttpRequest, invite: Invite) -> None:
    """Keep the invite for this browser's sign-up."""
    request.session[_REMEMBERED] = invite.digest


def forget(request: HttpRequest) -> None:
    """Let the browser's invite go."""
    request.session.pop(_REMEMBERED, None)


def claim(invite: Invite) -> bool:
    """Count one use; False when the last one was just taken: the condition stands in the UPDATE."""
    free = Invite.objects.filter(
        pk=invite.pk, uses__lt=F("max_uses"), revoked_at=None, expires_at__gt=timezone.now()
    )
    return bool(free.update(uses=F("uses") + 1))


def note(invite: Invite, user: User) -> None:
    """Note who has come by an invite; once, however often they come."""
    InviteUse.objects.get_or_create(invite=invite, user=user)


def give_back(invite: Invite, user_id: int) -> None:
    """Take a use back that came to nothing."""
    InviteUse.objects.filter(invite=invite, user=user_id).delete()
    Invite.objects.filter(pk=invite.pk, uses__gt=0).update(uses=F("uses") - 1)


def role_of(invite: Invite) -> str:
    """Return the role of who comes by it; only who runs the workspace can hand out more than member."""
    is_plain = invite.role in (User.Role.MEMBER, User.Role.GUEST)
    return invite.role if is_plain or invite.created_by.is_admin else User.Role.MEMBER
