"""Try again what was put aside."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from chat.actions import audit
from chat.models import AuditDeed, OutboxEntry, User
from chat.pipeline import outbox
from chat.protocol.errors import ErrorCode, Refused

# At once; what is left is tried by asking again.
AGAIN_MAX_COUNT = 1_000


@transaction.atomic
def one(admin: User, pk: int) -> int:
    """Make one entry due at once, with all its attempts; return how many that were. Raises Refused: not_found."""
    if not OutboxEntry.objects.filter(pk=pk, done_at=None).exists():
        raise Refused(ErrorCode.NOT_FOUND, "no such work")
    return _again(admin, [pk])


@transaction.atomic
def everything(admin: User, queue: str | None) -> int:
    """Make what was put aside, in one queue or in all, due at once; return how many these are."""
    rows = OutboxEntry.objects.filter(done_at=None, parked_at__isnull=False)
    if queue is not None:
        rows = rows.filter(queue=queue)
    pks = list(rows.order_by("pk").values_list("pk", flat=True)[:AGAIN_MAX_COUNT])
    return _again(admin, pks)


def _again(admin: User, pks: list[int]) -> int:
    rows = OutboxEntry.objects.filter(pk__in=pks, done_at=None, parked_at__isnull=False)
    tasks = sorted(set(rows.values_list("task", flat=True)))
    fresh = {"parked_at": None, "attempts": 0, "claimed_until": None, "not_before": timezone.now()}
    count = rows.update(**fresh)
    if count:
        audit.record(admin, AuditDeed.WORK_RETRIED, tasks=tasks, count=count)
        transaction.on_commit(outbox.nudge)
    return count
