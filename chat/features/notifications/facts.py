"""What is so now about messages that somebody may be told of."""

from __future__ import annotations

from collections.abc import Sequence

from chat.features.notifications.rules import Facts
from chat.models import Membership, Notification, ThreadFollow, User


def of(user: User, rows: Sequence[Notification]) -> list[Facts]:
    """Return the facts of rows of one person, in their order; messages and rooms must be loaded."""
    rooms = {row.message.room_id for row in rows}
    memberships = {row.room_id: row for row in Membership.objects.filter(user=user, room__in=rooms)}
    read_threads = _read_threads(user, rows)
    found = []
    for row in rows:
        message, membership = row.message, memberships.get(row.message.room_id)
        is_read = (
            message.msg_no is not None and membership is not None and message.msg_no <= membership.read_msg_no
        )
        if message.parent_id is not None:
            # A reply that was said to the room too may be read in either place.
            is_read = is_read or message.seq <= read_threads.get(message.parent_id, 0)
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


def _read_threads(user: User, rows: Sequence[Notification]) -> dict[int, int]:
    """Return up to which seq somebody has read the threads in which replies stand, by first message."""
    roots = {row.message.parent_id for row in rows if row.message.parent_id is not None}
    if not roots:
        return {}
    return dict(
        ThreadFollow.objects.filter(user=user, message__in=roots).values_list("message_id", "read_seq")
    )
