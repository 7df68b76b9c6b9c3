"""What is so now about messages that somebody may be told of."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max

from chat.features.notifications.rules import Facts
from chat.models import Membership, Message, Notification, User


def of(user: User, rows: Sequence[Notification]) -> list[Facts]:
    """Return the facts of rows of one person, in their order; messages and rooms must be loaded."""
    rooms = {row.message.room_id for row in rows}
    memberships = {row.room_id: row for row in Membership.objects.filter(user=user, room__in=rooms)}
    answered = _answered(user, rows)
    found = []
    for row in rows:
        message, membership = row.message, memberships.get(row.message.room_id)
        if message.msg_no is None:
            is_read = message.seq < answered.get(message.room_id, 0)
        else:
            is_read = membership is not None and message.msg_no <= membership.read_msg_no
        found.append(
            Facts(
                rule=row.rule,
                level=membership.level if membership else Membership.Level.NONE,
                is_own=message.sender_id == user.pk,
                is_deleted=message.deleted_at is not None or message.room.deleted_at is not None,
                is_in=membership is not None and membership.is_in,
                is_read=is_read,
            )
        )
    return found


def _answered(user: User, rows: Sequence[Notification]) -> dict[int, int]:
    """Return the seq of what somebody has said last in the rooms with replies in threads.

    Threads have no read marker: who has written in the room since has seen what came before.
    """
    first: dict[int, int] = {}
    for row in rows:
        if row.message.msg_no is None:
            first[row.message.room_id] = min(row.message.seq, first.get(row.message.room_id, row.message.seq))
    said = {
        room: Message.objects.filter(room=room, seq__gt=seq, sender=user).aggregate(last=Max("seq"))["last"]
        for room, seq in first.items()
    }
    return {room: last for room, last in said.items() if last is not None}
