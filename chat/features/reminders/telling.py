"""Tell people what is due."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils import timezone

from chat.live.envelope import UserEvent
from chat.models import Reminder
from chat.pipeline import due
from chat.pipeline.run import tell
from chat.protocol import codec
from chat.queries import reminders

SWEEP = "chat.reminders.sweep"
_RUN_S = 60.0
_TAKEN_COUNT = 100


def changed(user_id: int) -> UserEvent:
    """Return what the person's connections are told after any change."""
    return UserEvent(user_id, codec.encode({"type": "reminders.changed"}))


def sweep(clock: Callable[[], datetime] = timezone.now, running_s: float = _RUN_S) -> int:
    """Tell of what is due, and return how many that were.

    A worker that is killed after telling tells once more: better twice than never. Raises as the database does.
    """
    count, ends_at = 0, time.monotonic() + running_s
    while taken := take(clock()):
        told = [row for row in taken if row.user.is_active]
        if told:
            tell([_event(row) for row in told])
        note(clock(), taken)
        count += len(taken)
        if time.monotonic() > ends_at:
            break
    return count


def note(now: datetime, taken: Sequence[Reminder]) -> None:
    """Note what was told; what was put off or taken by another meanwhile stays as it is."""
    ours = Reminder.objects.filter(pk__in=[row.pk for row in taken], claimed_until=taken[0].claimed_until)
    ours.update(told_at=now, claimed_until=None)


def take(now: datetime) -> list[Reminder]:
    """Have due rows for this process alone for a while."""
    rows = Reminder.objects.filter(
        due.free(now), told_at=None, done_at=None, deleted_at=None, due_at__lte=now
    )
    until, found = due.claim(now), rows.select_related("user", "message").order_by("due_at", "pk")
    # One row changed: it is ours. None: another worker was first.
    taken = [row for row in found[:_TAKEN_COUNT] if rows.filter(pk=row.pk).update(claimed_until=until)]
    for row in taken:
        row.claimed_until = until
    return taken


def _event(row: Reminder) -> UserEvent:
    shape = {**reminders.shape(row), "state": Reminder.State.DUE.value}
    return UserEvent(row.user_id, codec.encode({"type": "reminder.due", "reminder": shape}))
