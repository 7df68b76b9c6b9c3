"""Where every read starts: what a user may see."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import QuerySet
from django.utils import timezone

from chat.models import Membership, Message, Room, User
from chat.models.prepared import Prepared
from chat.models.rows import names_of, stored
from chat.protocol import limits
from chat.protocol.errors import ErrorCode, Refused


def memberships(user: User | int) -> QuerySet[Membership]:
    """Return the present memberships of a user, or of the one with an id, in rooms that exist."""
    return Membership.objects.filter(user=user, left_seq=None, room__deleted_at=None).select_related("room")


def rooms(user: User) -> QuerySet[Room]:
    """Return the rooms that the user may see and read: those joined, and the open ones unless a guest or banned."""
    return _joined(user.pk) if user.is_guest else _readable(user.pk, timezone.now())


def _joined(user: int) -> QuerySet[Room]:
    joined = Membership.objects.filter(user=user, left_seq=None).values("room_id")
    return Room.objects.filter(deleted_at=None, pk__in=joined)


def _readable(user: int, now: datetime) -> QuerySet[Room]:
    banned = Membership.objects.filter(Membership.banned(now), user=user).values("room_id")
    unlocked = Room.objects.filter(deleted_at=None, kind=Room.Kind.OPEN).exclude(pk__in=banned)
    return _joined(user) | unlocked


# Asked before nearly everything else.
_ONE_JOINED = Prepared(lambda user, room: _joined(user).filter(pk=room), -7, -8)
_ONE_READABLE = Prepared(
    lambda user, now, room: _readable(user, now).filter(pk=room), -7, datetime(1901, 2, 3, tzinfo=UTC), -8
)
_ROOM = names_of(Room)


def room(user: User, room_id: int) -> Room:
    """Return a room that the user may read.

    Raises:
        Refused: not_found, the same for a missing and a hidden room.
    """
    if abs(room_id) > limits.INTEGER_MAX:
        # More than the database can be asked for.
        raise Refused(ErrorCode.NOT_FOUND, "no such room")
    query, when = (_ONE_JOINED, ()) if user.is_guest else (_ONE_READABLE, (timezone.now(),))
    rows = query.rows(user.pk, *when, room_id)
    if not rows:
        raise Refused(ErrorCode.NOT_FOUND, "no such room")
    return stored(Room, _ROOM, rows)[0]


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
