"""Who is kept out of rooms, or only reads there, over all rooms: for those who run the workspace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from chat.models import Membership, Room
from chat.protocol.fields import NO_END
from chat.queries import payloads


def browse(
    kind: str, text: str, after: int, limit: int, now: datetime
) -> tuple[list[dict[str, Any]], int | None, int]:
    """Return a page, the newest bans first and then mutes; where the next one goes on, and how many there are in all.

    `kind` is ban, mute or all; each word of `text` is in the name or handle of the person, or in the room's name.
    """
    rows = _rows(kind, now)
    for word in text.split():
        rows = rows.filter(
            Q(user__name__icontains=word) | Q(user__handle__icontains=word) | Q(room__name__icontains=word)
        )
    ordered = rows.select_related("user", "room").order_by(F("banned_at").desc(nulls_last=True), "-pk")
    found = list(ordered[after : after + limit + 1])
    following = after + limit if len(found) > limit else None
    return [_shape(row, now) for row in found[:limit]], following, rows.count()


def _rows(kind: str, now: datetime) -> QuerySet[Membership]:
    banned = Membership.banned(now)
    # Of who is out already only a ban says anything.
    muted = Q(muted_until__gt=now, left_seq=None) & ~banned
    wanted = {"ban": banned, "mute": muted}.get(kind, banned | muted)
    # As the index has it.
    some = Membership.objects.filter(Q(banned_at__isnull=False) | Q(muted_until__isnull=False))
    return some.filter(wanted, room__deleted_at=None).exclude(room__kind=Room.Kind.DIRECT)


def _shape(row: Membership, now: datetime) -> dict[str, Any]:
    is_ban = row.is_banned(now)
    until = row.banned_until if is_ban else row.muted_until
    return {
        "id": row.pk,
        "kind": "ban" if is_ban else "mute",
        "user": payloads.user(row.user),
        "room": {"id": row.room_id, "name": row.room.name, "kind": row.room.kind},
        "since": payloads.time(row.banned_at) if is_ban and row.banned_at else None,
        "until": payloads.time(until) if until is not None and until < NO_END else None,
    }
