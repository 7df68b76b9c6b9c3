"""A person's drafts: write, list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from chat.actions import permissions
from chat.features.drafts.commands import WriteDraft
from chat.live.envelope import UserEvent
from chat.models import DraftText, User
from chat.protocol import codec, limits
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.shapes import Draft
from chat.queries import payloads, visibility

# How many that were let go are remembered, and for how long: a device that was away for longer brings its own back.
_GONE_MAX_COUNT = 200
_GONE_DAYS = 30


@transaction.atomic
def write(user: User, asked: WriteDraft, now: datetime) -> tuple[Draft, bool]:
    """Store what was written last, and return what is stored now and whether it is this one.

    A time that is not yet is now: a clock that is ahead does not win over all others.

    Raises:
        Refused: not_found (the room or the thread), too_many.
    """
    # The lock keeps two devices at once from both making the row, and from both seeing room for one more.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    written_at = min(datetime.fromisoformat(asked.written_at).astimezone(UTC), now)
    own = DraftText.objects.filter(user=user)
    row = _at(own, asked)
    if asked.body:
        _check_place(user, asked)
    if row is None and not asked.body:
        return _gone(asked, written_at), False
    if row is not None and row.written_at >= written_at:
        return shape_of(row), False
    if asked.body and not (row and row.body) and own.exclude(body="").count() >= limits.DRAFTS_MAX_COUNT:
        raise Refused(ErrorCode.TOO_MANY, f"you have {limits.DRAFTS_MAX_COUNT} drafts, the most there can be")
    row = row or DraftText(user=user, room_id=asked.room, parent_id=asked.parent)
    row.body, row.written_at = asked.body, written_at
    row.save()
    if not asked.body:
        _forget(own, now)
    return shape_of(row), True


def browse(user: User, after: int, limit: int) -> tuple[list[Draft], int | None]:
    """Return the drafts after an id, in the order of ids, and where the next page goes on; of rooms one is in."""
    inside = visibility.memberships(user).values("room_id")
    rows = DraftText.objects.filter(user=user, pk__gt=after, room__in=inside).exclude(body="")
    found = list(rows.order_by("pk")[: limit + 1])
    return [shape_of(row) for row in found[:limit]], found[limit - 1].pk if len(found) > limit else None


def changed(user_id: int, draft: Draft) -> UserEvent:
    """Return what the person's connections are told after a change."""
    return UserEvent(user_id, codec.encode({"type": "draft.changed", "draft": draft}))


def shape_of(row: DraftText) -> Draft:
    """Return a draft as on the wire."""
    return {
        "room": row.room_id,
        "parent": row.parent_id,
        "body": row.body,
        "written_at": payloads.time(row.written_at),
    }


def _at(own: QuerySet[DraftText], asked: WriteDraft) -> DraftText | None:
    place = own.filter(room=asked.room)
    return (place.filter(parent=asked.parent) if asked.parent else place.filter(parent=None)).first()


def _check_place(user: User, asked: WriteDraft) -> None:
    """Refuse what lies where the person is not, all in the same way."""
    if not visibility.memberships(user).filter(room=asked.room).exists():
        raise permissions.missing_room()
    if asked.parent is not None:
        first = visibility.message(user, asked.parent)
        if first.room_id != asked.room or first.parent_id is not None:
            raise permissions.missing_message()


def _gone(asked: WriteDraft, written_at: datetime) -> Draft:
    """Return the draft that is not there: whether there is such a room is not said."""
    return {
        "room": asked.room,
        "parent": asked.parent,
        "body": "",
        "written_at": payloads.time(written_at),
    }


def _forget(own: QuerySet[DraftText], now: datetime) -> None:
    """Delete what was let go long ago, and the oldest beyond the bound."""
    gone = own.filter(body="")
    gone.filter(written_at__lt=now - timedelta(days=_GONE_DAYS)).delete()
    old = list(
        gone.order_by("-written_at").values_list("pk", flat=True)[_GONE_MAX_COUNT : 2 * _GONE_MAX_COUNT]
    )
    if old:
        own.filter(pk__in=old).delete()
