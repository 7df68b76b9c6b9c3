"""Who has read how far, as far as it may be shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from chat.models import Membership, Message, Room
from chat.protocol import limits, shapes
from chat.queries import payloads


@dataclass(frozen=True, slots=True)
class Moved:
    """How far some have read a room by now, and who is to hear of it."""

    readers: list[shapes.Reader]
    hearers: tuple[int, ...]


def showing(room_ids: Collection[int]) -> QuerySet[Membership]:
    """Return the memberships of who shows what they have read: people in rooms that show it, and no bots."""
    return Membership.objects.filter(
        room__in=room_ids,
        room__seen=True,
        room__deleted_at=None,
        left_seq=None,
        user__is_active=True,
        user__is_bot=False,
        user__hides_reading=False,
    )


def moved(read: Mapping[int, Collection[int]]) -> tuple[dict[int, Moved], list[int]]:
    """Return what is to be told of who has read on, by room, and the rooms that are too large for that.

    Two queries, however many rooms.

    Args:
        read: users by room.
    """
    counts = payloads.member_counts(read.keys())
    large = [room for room in read if counts.get(room, 0) > limits.SEEN_SHOWN_MAX_COUNT]
    small = read.keys() - set(large)
    hearers: dict[int, list[int]] = {}
    readers: dict[int, list[shapes.Reader]] = {}
    rows = showing(small).order_by("room_id", "user_id") if small else Membership.objects.none()
    for room, user, msg_no in rows.values_list("room_id", "user_id", "read_msg_no"):
        hearers.setdefault(room, []).append(user)
        if user in read[room]:
            readers.setdefault(room, []).append({"user": user, "msg_no": msg_no})
    return {room: Moved(found, tuple(hearers[room])) for room, found in readers.items()}, large


def readers(room: Room, viewer_id: int) -> list[shapes.Reader]:
    """Return how far the others have read a room, by their ids; the caller says who may look."""
    rows = showing([room.pk]).exclude(user=viewer_id).order_by("user_id")
    found = rows.values_list("user_id", "read_msg_no")[: limits.SEEN_SHOWN_MAX_COUNT]
    return [{"user": user, "msg_no": msg_no} for user, msg_no in found]


def of_message(
    message: Message, viewer_id: int, after: int, limit: int
) -> tuple[list[shapes.User], int | None, int, int]:
    """Return a page of who has read a message, its cursor, how many have, and of how many that is told.

    Neither its author nor who asks is counted; the caller says who may look.
    """
    rows = showing([message.room_id]).exclude(user__in={viewer_id, message.sender_id})
    have = rows.filter(read_msg_no__gte=message.msg_no)
    found = list(have.filter(pk__gt=after).select_related("user").order_by("pk")[: limit + 1])
    last = found[limit - 1].pk if len(found) > limit else None
    return [payloads.user(row.user) for row in found[:limit]], last, have.count(), rows.count()
