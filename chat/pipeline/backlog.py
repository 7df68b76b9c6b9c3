"""What waits to be done: follow-up work by queue, and what people have put off; three queries."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from chat.models import OutboxEntry, Reminder, ScheduledMessage
from chat.pipeline import queues

Line = dict[str, int]


def outbox(now: datetime) -> dict[str, Line]:
    """Return by queue what is `due`, for how long the oldest of it has been (`oldest_s`), and what is `parked`."""
    counts = (
        OutboxEntry.objects.filter(done_at=None)
        .values("queue")
        .annotate(
            due=Count("pk", filter=Q(parked_at=None, not_before__lte=now)),
            parked=Count("pk", filter=~Q(parked_at=None)),
            oldest=Min("not_before", filter=Q(parked_at=None, not_before__lte=now)),
        )
    )
    found = {name: {"due": 0, "parked": 0, "oldest_s": 0} for name in queues.QUEUES}
    for row in counts:
        found[row["queue"]] = {
            "due": row["due"],
            "parked": row["parked"],
            "oldest_s": _age_s(now, row["oldest"]),
        }
    return found


def later(now: datetime) -> dict[str, Line]:
    """Return what people have put off and whose time has come, and for how long it has."""
    scheduled = ScheduledMessage.objects.filter(settled_at=None, failed_at=None, due_at__lte=now)
    reminders = Reminder.objects.filter(told_at=None, done_at=None, deleted_at=None, due_at__lte=now)
    return {"scheduled": _line(scheduled, now), "reminders": _line(reminders, now)}


def _line(rows: QuerySet[ScheduledMessage] | QuerySet[Reminder], now: datetime) -> Line:
    counted = rows.aggregate(due=Count("pk"), oldest=Min("due_at"))
    return {"due": counted["due"], "oldest_s": _age_s(now, counted["oldest"])}


def _age_s(now: datetime, since: datetime | None) -> int:
    age: timedelta = now - (since or now)
    return int(age.total_seconds())
