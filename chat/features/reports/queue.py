"""The reports that somebody may see to, by message, and that they were seen to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from chat.actions import audit, permissions
from chat.models import AuditDeed, Membership, Message, Report, Revision, Room, User
from chat.queries import payloads, visibility

# On each side of a reported message, for who may read the room.
_AROUND_COUNT = 3
# Of one message, the newest; the number tells of the others.
_SHOWN_MAX_COUNT = 20


def browse(user: User, before: int, limit: int, *, is_open: bool) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of reported messages, the one that was reported last first, and where the next page goes on."""
    rows = visible(user).filter(resolved_at__isnull=is_open)
    grouped = rows.values("message").annotate(last=Max("pk")).order_by("-last")
    if before:
        grouped = grouped.filter(last__lt=before)
    found = list(grouped.values_list("message", "last")[: limit + 1])
    items = _items(user, [pk for pk, _ in found[:limit]], is_open=is_open)
    return items, found[limit - 1][1] if len(found) > limit else None


def open_count(user: User) -> int:
    """Return how many messages wait to be seen to by somebody."""
    return visible(user).filter(resolved_at=None).values("message").distinct().count()


def visible(user: User) -> QuerySet[Report]:
    """Return the reports that somebody may see: of all rooms or of those that one moderates, never about oneself."""
    rows = Report.objects.exclude(message__sender=user).filter(room__deleted_at=None)
    if user.is_admin:
        return rows
    own = Membership.objects.filter(
        user=user, left_seq=None, role__in=[Membership.Role.OWNER, Membership.Role.MODERATOR]
    )
    if user.is_guest:
        own = own.none()
    return rows.filter(room__in=own.values("room")).exclude(room__kind=Room.Kind.DIRECT)


def message_of(user: User, message_id: int) -> Message:
    """Return a reported message that somebody may see to. Raises Refused: not_found, the same for all others."""
    if not visible(user).filter(message=message_id, resolved_at=None).exists():
        raise permissions.missing_message()
    return Message.objects.select_related("room").get(pk=message_id)


@transaction.atomic
def resolve(user: User, message: Message, resolution: str, reason: str, now: datetime) -> int:
    """Note that a message was seen to; return how many reports that settles."""
    rows = Report.objects.filter(message=message, resolved_at=None)
    count = rows.update(resolution=resolution, resolved_at=now, resolved_by=user)
    if count:
        audit.record(
            user, AuditDeed.REPORT_RESOLVED, subject=message.sender_id, room=message.room_id,
            message=message.pk, reason=reason, resolution=resolution, reports=count,
        )  # fmt: skip
    return count


def _items(user: User, pks: list[int], *, is_open: bool) -> list[dict[str, Any]]:
    rows = {row.pk: row for row in Message.objects.filter(pk__in=pks).select_related("sender", "room")}
    shapes = {shape["id"]: shape for shape in payloads.messages(list(rows.values()))}
    reports: dict[int, list[Report]] = defaultdict(list)
    told = Report.objects.filter(message__in=pks, resolved_at__isnull=is_open)
    for row in told.select_related("reporter", "resolved_by").order_by("-pk"):
        reports[row.message_id].append(row)
    readable = set(
        visibility.rooms(user)
        .filter(pk__in={row.room_id for row in rows.values()})
        .values_list("pk", flat=True)
    )
    said = _as_reported(rows.values(), reports)
    return [
        {
            "message": shapes[pk],
            "said": said[pk],
            "room": {"id": rows[pk].room_id, "name": rows[pk].room.name, "kind": rows[pk].room.kind},
            "may_read": rows[pk].room_id in readable,
            "context": _around(rows[pk]) if rows[pk].room_id in readable and is_open else [],
            "count": len(reports[pk]),
            "reports": [_report(row) for row in reports[pk][:_SHOWN_MAX_COUNT]],
        }
        for pk in pks
        if pk in rows
    ]


def _as_reported(rows: Iterable[Message], reports: dict[int, list[Report]]) -> dict[int, str]:
    """Return the texts as they were when they were reported first: who edits a message takes nothing back by it."""
    found = {row.pk: row.body for row in rows}
    firsts = {pk: told[-1].created_at for pk, told in reports.items()}
    earlier = Revision.objects.filter(message__in=found).order_by("-at")
    # The newest first, so that the first one after the report is the last word here.
    replaced = earlier.values_list("message", "body", "at")
    return found | {pk: body for pk, body, at in replaced if pk in firsts and at >= firsts[pk]}


def _around(row: Message) -> list[dict[str, Any]]:
    near = Message.objects.filter(room=row.room_id, parent=row.parent_id, deleted_at=None).select_related(
        "sender"
    )
    before = list(near.filter(seq__lt=row.seq).order_by("-seq")[:_AROUND_COUNT])
    after = list(near.filter(seq__gt=row.seq).order_by("seq")[:_AROUND_COUNT])
    return [
        {
            "id": one.pk,
            "sender": payloads.sender(one.sender),
            "body": one.body,
            "at": payloads.time(one.at),
            "is_before": one.seq < row.seq,
        }
        for one in [*reversed(before), *after]
    ]


def _report(row: Report) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "text": row.text,
        "by": payloads.sender(row.reporter),
        "at": payloads.time(row.created_at),
        "resolution": row.resolution or None,
        "resolved_at": payloads.time(row.resolved_at) if row.resolved_at else None,
        "resolved_by": payloads.sender(row.resolved_by) if row.resolved_by else None,
    }
