"""A person's own saved messages: put aside, list, be done with, forget."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from chat.actions import permissions
from chat.live.envelope import UserEvent
from chat.models import Saved, User
from chat.protocol import codec, limits
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import visibility


def changed(user_id: int) -> UserEvent:
    """Return what the person's connections are told after any change."""
    return UserEvent(user_id, codec.encode({"type": "saved.changed"}))


@transaction.atomic
def save(user: User, message_id: int, is_done: bool, now: datetime) -> Saved:
    """Put a message aside, or note that one is done with it; the same again changes nothing.

    Where there are too many, the one that was done first makes room.

    Raises:
        Refused: not_found; too_many, when so many are still to be done.
    """
    # The lock keeps two requests at once from both seeing room for one more, and from the same message twice.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    message = visibility.message(user, message_id)
    if message.deleted_at is not None:
        raise permissions.missing_message()
    row = Saved.objects.filter(user=user, message=message).first()
    if row is None:
        _make_room(user)
        row = Saved(user=user, message=message, saved_at=now)
    row.message = message
    if is_done != (row.done_at is not None) or row.pk is None:
        row.done_at = now if is_done else None
        row.save()
    return row


def forget(user: User, message_id: int) -> None:
    """Take a message out of the list, whatever has become of it. Raises Refused: not_found."""
    count, _ = Saved.objects.filter(user=user, message=message_id).delete()
    if not count:
        raise Refused(ErrorCode.NOT_FOUND, "no such message")


def browse(user: User, is_done: bool, before: int, limit: int) -> tuple[list[Saved], int | None]:
    """Return what was saved before an id (0: from the newest on), and where the next page goes on."""
    rows = _readable(user).filter(done_at__isnull=not is_done).select_related("message__sender")
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


def ids(user: User) -> list[int]:
    """Return the messages that are still to be done, by id."""
    rows = _readable(user).filter(done_at=None).order_by("message")
    return list(rows.values_list("message", flat=True)[: limits.SAVED_MAX_COUNT])


def _readable(user: User) -> QuerySet[Saved]:
    rooms = visibility.rooms(user).values("pk")
    return Saved.objects.filter(user=user, message__deleted_at=None, message__room__in=rooms)


def _make_room(user: User) -> None:
    own = Saved.objects.filter(user=user)
    if (count := own.count()) < limits.SAVED_MAX_COUNT:
        return
    oldest = own.exclude(done_at=None).order_by("done_at", "pk").first()
    if oldest is None:
        detail = f"you have saved {count:,} messages, at most {limits.SAVED_MAX_COUNT:,}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    oldest.delete()
