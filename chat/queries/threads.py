"""The threads that a user follows: what is unread in them, and what was said last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chat.models import Message, ThreadFollow, User
from chat.protocol import shapes
from chat.queries import payloads, visibility

# Of one person, those that were followed last; older ones are not looked at any more.
FOLLOWED_MAX_COUNT = 1_000
# The last replies of each thread of a page.
REPLIES_COUNT = 3
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# When its last message came, and its first one: the order of the list, and where a page goes on.
Cursor = tuple[datetime, int]


def states(user: User) -> list[shapes.ThreadState]:
    """Return all threads that the user follows, the newest activity first."""
    return [_state(row) for row in _counted(user).order_by("-last_at", "-message_id")]


def page(
    user: User, *, is_unread: bool, after: Cursor | None, limit: int
) -> tuple[list[shapes.Thread], Cursor | None]:
    """Return a page of the threads with something unread, or of the others, and where the next one goes on.

    The newest activity first, each with its first message and its last replies.
    """
    rows = _counted(user).filter(unread__gt=0) if is_unread else _counted(user).filter(unread=0)
    if after is not None:
        at, message = after
        rows = rows.filter(Q(last_at__lt=at) | Q(last_at=at, message_id__lt=message))
    found = list(rows.order_by("-last_at", "-message_id")[: limit + 1])
    following = (found[limit - 1].last_at, found[limit - 1].message_id) if len(found) > limit else None
    return _whole(found[:limit]), following


def cursor_of(place: Cursor) -> str:
    """Write a place as a client gets it."""
    at, message = place
    return f"{(at - _BEGINNING) // timedelta(microseconds=1)}.{message}"


def place_of(cursor: str) -> Cursor:
    """Read what `cursor_of` has written. Raises ValueError, OverflowError."""
    at, _, message = cursor.partition(".")
    if not (at.isascii() and at.isdigit() and message.isascii() and message.isdigit() and len(message) <= 16):
        raise ValueError(cursor)
    return _BEGINNING + timedelta(microseconds=int(at)), int(message)


def _counted(user: User) -> QuerySet[Any]:
    """Return the follows of a user in rooms that the user is in, with what was counted and when."""
    inside = visibility.memberships(user).values("room_id")
    last = (
        ThreadFollow.objects.filter(user=user, is_on=True).order_by("-pk").values("pk")[:FOLLOWED_MAX_COUNT]
    )
    replies = Message.objects.filter(parent=OuterRef("message"))
    new = replies.filter(seq__gt=OuterRef("read_seq"), deleted_at=None).exclude(sender=user).order_by()
    return ThreadFollow.objects.filter(pk__in=Subquery(last), message__room__in=inside).annotate(
        room_id=F("message__room"),
        # In the same statement as the replies are counted: both are of one moment.
        counted_seq=F("message__room__last_seq"),
        unread=Coalesce(Subquery(new.values("parent").annotate(count=Count("pk")).values("count")), 0),
        last_at=Coalesce(Subquery(replies.order_by("-seq").values("at")[:1]), F("message__at")),
        shown_from=Coalesce(
            Subquery(replies.order_by("-seq").values("seq")[REPLIES_COUNT - 1 : REPLIES_COUNT]), 0
        ),
    )


def _whole(rows: list[Any]) -> list[shapes.Thread]:
    if not rows:
        return []
    asked = Q(pk__in=[row.message_id for row in rows])
    for row in rows:
        asked |= Q(parent=row.message_id, seq__gte=row.shown_from)
    found = payloads.messages(list(Message.objects.filter(asked).select_related("sender").order_by("seq")))
    first = {shape["id"]: shape for shape in found if shape["parent"] is None}
    return [
        {
            **_state(row),
            "first": first[row.message_id],
            "replies": [shape for shape in found if shape["parent"] == row.message_id],
        }
        for row in rows
    ]


def _state(row: Any) -> shapes.ThreadState:
    return {
        "message": row.message_id,
        "room": row.room_id,
        "read_seq": row.read_seq,
        "unread": row.unread,
        "counted_seq": row.counted_seq,
        "last_at": payloads.time(row.last_at),
    }
