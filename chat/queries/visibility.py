"""Where every read starts: what a user may see."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Membership, Message, Room, User
from chat.protocol.errors import ErrorCode, Refused


def memberships(user: User | int) -> QuerySet[Membership]:
    """Return the present memberships of a user, or of the one with an id, in rooms that exist."""
    return Membership.objects.filter(user=user, left_seq=None, room__deleted_at=None).select_related("room")


def rooms(user: User) -> QuerySet[Room]:
    """Return the rooms that the user may see and read: those joined, and the open ones unless a guest or banned."""
    existing = Room.objects.filter(deleted_at=None)
    joined = Membership.objects.filter(user=user, left_seq=None).values("room_id")
    if user.is_guest:
        return existing.filter(pk__in=joined)
    banned = Membership.objects.filter(Membership.banned(timezone.now()), user=user).values("room_id")
    return existing.filter(pk__in=joined) | existing.filter(kind=Room.Kind.OPEN).exclude(pk__in=banned)


def room(user: User, room_id: int) -> Room:
    """Return a room that the user may read.

    Raises:
        Refused: not_found, the same for a missing and a hidden room.
    """
    found = rooms(user).filter(pk=room_id).first()
    if found is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such room")
    return found


def message(user: User, message_id: int) -> Message:
    """Return a message that the user may read.

    Raises:
        Refused: not_found, the same for a missing and a hidden message.
    """
    found = Message.objects.filter(pk=message_id).select_related("sender").first()
    if found is None or not rooms(user).filter(pk=found.room_id).exists():
        raise Refused(ErrorCode.NOT_FOUND, "no such message")
    return found


def users(user: User) -> QuerySet[User]:
    """Return the active users whom the user may know: all, for a guest those of the guest's rooms."""
    active = User.objects.filter(is_active=True)
    if not user.is_guest:
        return active
    joined = Membership.objects.filter(user=user, left_seq=None).values("room_id")
    mates = Membership.objects.filter(room_id__in=joined, left_seq=None).values("user_id")
    return active.filter(pk__in=mates)
