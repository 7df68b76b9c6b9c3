"""Follow-up work: claim due entries, run their tasks, wake Celery up once a batch."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from chat import metrics
from chat.models import OutboxEntry

_log = structlog.get_logger(__name__)

SWEEP = "chat.outbox.sweep"
_CLAIM_COUNT = 20
_CLAIM_S = 300
_MAX_ATTEMPTS = 8
_BACKOFF_S = (5, 3_600)


def nudge() -> None:
    """Wake a worker up; when the broker is down the next sweep finds the work."""
    from celery import current_app

    if not settings.HAS_WORKERS:
        return
    try:
        current_app.send_task(SWEEP, expires=30)
    except Exception as error:
        _log.warning("outbox.nudge_failed", error=type(error).__name__)


def claim() -> list[OutboxEntry]:
    """Take due entries for this worker alone for a while; a worker that dies gives them back by time."""
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    due = OutboxEntry.objects.filter(free, done_at=None, parked_at=None, not_before__lte=now).order_by(
        "not_before"
    )
    until = now + timedelta(seconds=_CLAIM_S)
    if connection.features.has_select_for_update_skip_locked:
        with transaction.atomic():
            entries = list(due.select_for_update(skip_locked=True)[:_CLAIM_COUNT])
            OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(claimed_until=until)
        return entries
    # One row changed: it is ours. None: another worker was first.
    return [
        entry
        for entry in due[:_CLAIM_COUNT]
        if OutboxEntry.objects.filter(free, pk=entry.pk, done_at=None).update(claimed_until=until)
    ]


def sweep(run_task: Callable[[str, dict[str, object]], None]) -> int:
    """Run everything that is due and return how many entries were tried.

    `run_task` runs a task by its name and raises when it failed; it must bear being run twice.
    """
    count = 0
    while entries := claim():
        for entry in entries:
            count += 1
            _try(entry, run_task)
    return count


def _try(entry: OutboxEntry, run_task: Callable[[str, dict[str, object]], None]) -> None:
    entry.attempts += 1
    entry.claimed_until = None
    try:
        run_task(entry.task, entry.payload)
    except Exception as error:
        low, high = _BACKOFF_S
        wait_s = min(high, low * 2 ** (entry.attempts - 1)) * random.uniform(0.8, 1.2)
        entry.not_before = timezone.now() + timedelta(seconds=wait_s)
        entry.last_error = f"{type(error).__name__}: {error}"[:1_000]
        is_parked = entry.attempts >= _MAX_ATTEMPTS
        entry.parked_at = timezone.now() if is_parked else None
        metrics.OUTBOX_TASKS.labels("parked" if is_parked else "failed").inc()
        _log.warning(
            "outbox.task_failed", task=entry.task, attempts=entry.attempts, error=type(error).__name__
        )
    else:
        entry.done_at = timezone.now()
        entry.last_error = ""
        metrics.OUTBOX_TASKS.labels("done").inc()
    entry.save(
        update_fields=["attempts", "claimed_until", "not_before", "last_error", "parked_at", "done_at"]
    )
