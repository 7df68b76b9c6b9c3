"""An author's own waiting messages: make, list, change, cancel."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import QuerySet

from chat.actions import permissions
from chat.actions.permissions import Deed
from chat.features.scheduled.commands import ScheduleMessage, UpdateScheduled
from chat.models import Membership, Message, Room, ScheduledMessage, User
from chat.pipeline import due
from chat.protocol import limits
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import payloads

# How many settled ones of an author are kept for clients that come again.
_SETTLED_MAX_COUNT = 500


@transaction.atomic
def create(user: User, asked: ScheduleMessage, now: datetime) -> ScheduledMessage:
    """Store a message for later; the same id and content again gets the first one.

    Raises:
        Refused: as for message.post, too_many, conflict; not_found also for one that was cancelled since.
        ProtocolError: bad_frame, when the time is past or too far ahead.
    """
    # The lock keeps two requests at once from both seeing room for one more, and from the same id twice.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    digest = _digest(asked)
    own = ScheduledMessage.objects.filter(author=user)
    first = own.filter(client_scheduled_id=asked.client_scheduled_id).first()
    if first is not None:
        if first.client_digest != digest:
            raise Refused(ErrorCode.CONFLICT, "client_scheduled_id was used for another message")
        if first.state is ScheduledMessage.State.CANCELLED:
            raise _missing()
        return first
    due_at = due.checked(asked.due_at, now)
    _check_place(user, asked, now)
    if (count := own.filter(settled_at=None).count()) >= limits.SCHEDULED_MAX_COUNT:
        detail = f"you have {count} messages waiting, at most {limits.SCHEDULED_MAX_COUNT}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    _forget(own.exclude(settled_at=None))
    return ScheduledMessage.objects.create(
        author=user,
        room_id=asked.room,
        parent_id=asked.parent,
        body=asked.body,
        due_at=due_at,
        time_zone=asked.time_zone,
        client_scheduled_id=asked.client_scheduled_id,
        client_digest=digest,
        created_at=now,
    )


def browse(user: User, after: int, limit: int) -> tuple[list[ScheduledMessage], int | None]:
    """Return what is not sent after an id, in the order of ids, and where the next page goes on.

    At most so many, fewer if their texts are long. What could not be sent is among them.
    """
    rows = ScheduledMessage.objects.filter(author=user, settled_at=None, pk__gt=after).order_by("pk")
    found = list(rows[: limit + 1])
    page = found[: payloads.fitting_count(len(row.body) for row in found[:limit])]
    return page, page[-1].pk if len(page) < len(found) else None


def one(user: User, pk: int) -> ScheduledMessage:
    """Return one that waits or was sent. Raises Refused: not_found."""
    return _own(ScheduledMessage.objects.all(), user, pk)


@transaction.atomic
def change(user: User, pk: int, asked: UpdateScheduled, now: datetime) -> ScheduledMessage:
    """Give a waiting message another text, time or both.

    Raises:
        Refused: not_found; conflict, when it is sent or being sent.
        ProtocolError: bad_frame, when the time is past or too far ahead.
    """
    row = _open(user, pk)
    if asked.body is not None:
        row.body = asked.body
    if asked.time_zone is not None:
        row.time_zone = asked.time_zone
    if asked.due_at is not None:
        row.due_at = due.checked(asked.due_at, now)
        row.failed_at, row.failed_code, row.failed_detail = None, "", ""
    row.claimed_until, row.tries = None, 0
    row.save()
    return row


@transaction.atomic
def cancel(user: User, pk: int, now: datetime) -> None:
    """Never send it. Raises Refused: not_found; conflict, when it is sent or being sent."""
    row = _open(user, pk)
    row.settled_at, row.body = now, ""
    row.save(update_fields=["settled_at", "body"])


def _open(user: User, pk: int) -> ScheduledMessage:
    """Lock one that can still be changed."""
    row = _own(ScheduledMessage.objects.select_for_update(), user, pk)
    if row.state is ScheduledMessage.State.SENT:
        raise Refused(ErrorCode.CONFLICT, "it was sent")
    if row.state is ScheduledMessage.State.SENDING:
        raise Refused(ErrorCode.CONFLICT, "it is being sent")
    return row


def _own(rows: QuerySet[ScheduledMessage], user: User, pk: int) -> ScheduledMessage:
    row = rows.filter(pk=pk, author=user).first()
    if row is None or row.state is ScheduledMessage.State.CANCELLED:
        raise _missing()
    return row


def _missing() -> Refused:
    return Refused(ErrorCode.NOT_FOUND, "no such scheduled message")


def _check_place(user: User, asked: ScheduleMessage, now: datetime) -> None:
    """Raise unless the author may write there now; whether that still holds is decided when it is sent."""
    room = Room.objects.filter(pk=asked.room).first()
    if room is None:
        raise permissions.missing_room()
    membership = Membership.objects.filter(room=room, user=user).first()
    permissions.require(Deed.POST, user, room, membership, now)
    parents = Message.objects.filter(room=room, deleted_at=None)
    if asked.parent is not None and not parents.filter(pk=asked.parent).exists():
        raise permissions.missing_message()


def _forget(settled: QuerySet[ScheduledMessage]) -> None:
    """Delete the oldest settled ones beyond the bound."""
    newest = settled.order_by("-settled_at", "-pk")
    old = list(newest.values_list("pk", flat=True)[_SETTLED_MAX_COUNT : 2 * _SETTLED_MAX_COUNT])
    if old:
        ScheduledMessage.objects.filter(pk__in=old).delete()


def _digest(asked: ScheduleMessage) -> str:
    at = datetime.fromisoformat(asked.due_at).astimezone(UTC)
    said = repr((asked.room, asked.body, asked.parent, at))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
