"""Take a report, and tell those in charge that there is one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from chat.actions import permissions
from chat.features.reports.commands import ReportMessage
from chat.live.envelope import UserEvent
from chat.models import Membership, Report, Room, User
from chat.protocol import codec
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import visibility

# Of one person: within an hour, and that nobody has looked at yet.
PER_H_MAX_COUNT = 20
OPEN_MAX_COUNT = 100
# More are not told at once; they see it when they look.
_TOLD_MAX_COUNT = 500
_HOUR = timedelta(hours=1)


@transaction.atomic
def report(user: User, message_id: int, asked: ReportMessage, now: datetime) -> tuple[Report, bool]:
    """Store what somebody says about a message, and tell whether that is new; a repeat gets the first one.

    Raises:
        Refused: not_found; forbidden, for one's own; rate_limited; too_many.
    """
    # The lock keeps two requests at once from both seeing room for one more.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    message = visibility.message(user, message_id)
    if message.deleted_at is not None:
        raise permissions.missing_message()
    if message.sender_id == user.pk:
        raise Refused(ErrorCode.FORBIDDEN, "one's own message can be deleted")
    own = Report.objects.filter(reporter=user)
    if (first := own.filter(message=message).first()) is not None:
        return first, False
    recent = list(own.filter(created_at__gt=now - _HOUR).order_by("-created_at")[:PER_H_MAX_COUNT])
    if len(recent) >= PER_H_MAX_COUNT:
        after = recent[-1].created_at + _HOUR - now
        detail = f"{len(recent)} reports in an hour, at most {PER_H_MAX_COUNT}"
        raise Refused(ErrorCode.RATE_LIMITED, detail, int(after.total_seconds() * 1_000) + 1)
    if (count := own.filter(resolved_at=None).count()) >= OPEN_MAX_COUNT:
        raise Refused(ErrorCode.TOO_MANY, f"{count} reports of yours wait, at most {OPEN_MAX_COUNT}")
    row = Report.objects.create(
        message=message,
        room_id=message.room_id,
        reporter=user,
        kind=asked.kind,
        text=asked.text,
        created_at=now,
    )
    return row, True


def changed(room_id: int) -> list[UserEvent]:
    """Return what the connections of those are told who may see to the reports of a room."""
    running = Q(role__in=[User.Role.OWNER, User.Role.ADMIN])
    moderating = Membership.objects.filter(
        room=room_id, left_seq=None, role__in=[Membership.Role.OWNER, Membership.Role.MODERATOR]
    ).exclude(room__kind=Room.Kind.DIRECT)
    able = User.objects.filter(running | Q(pk__in=moderating.values("user")), is_active=True)
    frame = codec.encode({"type": "reports.changed"})
    pks = able.order_by("pk").values_list("pk", flat=True)[:_TOLD_MAX_COUNT]
    return [UserEvent(pk, frame) for pk in pks]
