"""A person's own reminders: make, list, change, put off, be done with."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from chat.actions import permissions
from chat.features.reminders.commands import CreateReminder, UpdateReminder
from chat.models import Reminder, User
from chat.pipeline import due
from chat.protocol import limits
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.queries import visibility

# How many of a person that are over are kept for clients that come again.
_OVER_MAX_COUNT = 500


@transaction.atomic
def create(user: User, asked: CreateReminder, now: datetime) -> Reminder:
    """Store a reminder; the same id and content again gets the first one.

    Raises:
        Refused: not_found (the message, or a reminder that was deleted since), too_many, conflict.
        ProtocolError: bad_frame, when the time is past or too far ahead.
    """
    # The lock keeps two requests at once from both seeing room for one more, and from the same id twice.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    digest = _digest(asked)
    own = Reminder.objects.filter(user=user).select_related("message")
    first = own.filter(client_reminder_id=asked.client_reminder_id).first()
    if first is not None:
        if first.client_digest != digest:
            raise Refused(ErrorCode.CONFLICT, "client_reminder_id was used for another reminder")
        if first.deleted_at is not None:
            raise _missing()
        return first
    due_at = due.checked(asked.due_at, now)
    message = None
    if asked.message is not None:
        message = visibility.message(user, asked.message)
        if message.deleted_at is not None:
            raise permissions.missing_message()
    if (count := _open(own).count()) >= limits.REMINDERS_MAX_COUNT:
        detail = f"you have {count} reminders, at most {limits.REMINDERS_MAX_COUNT}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    _forget(own)
    return Reminder.objects.create(
        user=user,
        message=message,
        text=asked.text,
        label=asked.label,
        due_at=due_at,
        client_reminder_id=asked.client_reminder_id,
        client_digest=digest,
        created_at=now,
    )


def browse(user: User, after: int, limit: int) -> tuple[list[Reminder], int | None]:
    """Return what is not done after an id, in the order of ids, and where the next page goes on."""
    own = Reminder.objects.filter(user=user, pk__gt=after).select_related("message")
    found = list(_open(own).order_by("pk")[: limit + 1])
    return found[:limit], found[limit - 1].pk if len(found) > limit else None


@transaction.atomic
def change(user: User, pk: int, asked: UpdateReminder, now: datetime) -> Reminder:
    """Give a reminder another text, or put it off: then it is told again.

    Raises:
        Refused: not_found; conflict, when it is done.
        ProtocolError: bad_frame for a time that is past or too far ahead, empty where nothing would be left.
    """
    row = _own(user, pk)
    if row.done_at is not None:
        raise Refused(ErrorCode.CONFLICT, "it is done")
    row.text = row.text if asked.text is None else asked.text
    row.label = row.label if asked.label is None else asked.label
    if row.message is None and not row.text:
        raise ProtocolError(ErrorCode.EMPTY, "text holds nothing that can be seen")
    if asked.due_at is not None:
        row.due_at, row.told_at, row.claimed_until = due.checked(asked.due_at, now), None, None
    row.save()
    return row


@transaction.atomic
def finish(user: User, pk: int, now: datetime) -> Reminder:
    """Be done with it; again is the same. Raises Refused: not_found."""
    row = _own(user, pk)
    row.done_at = row.done_at or now
    row.save(update_fields=["done_at"])
    return row


@transaction.atomic
def delete(user: User, pk: int, now: datetime) -> None:
    """Forget it. Raises Refused: not_found."""
    row = _own(user, pk)
    row.deleted_at, row.text, row.label = now, "", ""
    row.save(update_fields=["deleted_at", "text", "label"])


def _own(user: User, pk: int) -> Reminder:
    """Lock one's own."""
    rows = Reminder.objects.select_for_update(of=("self",)).select_related("message")
    row = rows.filter(pk=pk, user=user, deleted_at=None).first()
    if row is None:
        raise _missing()
    return row


def _missing() -> Refused:
    return Refused(ErrorCode.NOT_FOUND, "no such reminder")


def _open(rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    return rows.filter(done_at=None, deleted_at=None)


def _forget(own: QuerySet[Reminder]) -> None:
    """Delete the oldest that are over, beyond the bound."""
    over = own.filter(Q(done_at__isnull=False) | Q(deleted_at__isnull=False)).order_by("-pk")
    old = list(over.values_list("pk", flat=True)[_OVER_MAX_COUNT : 2 * _OVER_MAX_COUNT])
    if old:
        Reminder.objects.filter(pk__in=old).delete()


def _digest(asked: CreateReminder) -> str:
    at = datetime.fromisoformat(asked.due_at).astimezone(UTC)
    said = repr((asked.message, asked.text, asked.label, at))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
