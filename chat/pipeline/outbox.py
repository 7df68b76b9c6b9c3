"""Follow-up work: claim due entries, run their tasks, wake the workers up once a batch."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from chat import metrics
from chat.actions.state import Draft
from chat.models import OutboxEntry
from chat.models.statements import Statement, insert
from chat.pipeline import follow_ups, queues
from chat.pipeline.queues import Queue
from chat.protocol import codec

_log = structlog.get_logger(__name__)

SWEEP = "chat.outbox.sweep"
# One run of a worker goes on for so long at most; what is left is for the next run, so that a worker that is
# asked to stop stops.
_RUN_S = 60.0
_ENTRY = ("task", "queue", "key", "payload", "created_at", "not_before", "attempts", "last_error")
_BACKOFF_S = (5, 3_600)

RunTask = Callable[[str, dict[str, Any]], None]


class GiveUp(Exception):
    """Another try would come to the same: the work is put aside at once, with this as its reason."""


def entry(task: str, key: str, payload: dict[str, Any], not_before: datetime | None = None) -> OutboxEntry:
    """Return a row for a task, to be inserted in the transaction of its cause."""
    row = OutboxEntry(task=task, key=key, payload=payload, queue=queues.of(task).name)
    if not_before is not None:
        row.not_before = not_before
    return row


def entries(drafts: Iterable[Draft], now: datetime) -> Statement | None:
    """Return the insertion of the work that follows numbered changes, or None when nothing does."""
    found = [
        (
            task,
            queues.of(task).name,
            f"{task}:{draft.room.room.id}:{draft.seq}",
            codec.encode_object({"room": draft.room.room.id, "seq": draft.seq}).decode(),
            now,
            now,
            0,
            "",
        )
        for draft in drafts
        for task in follow_ups.of(draft)
    ]
    return insert(OutboxEntry, _ENTRY, found, ignores_conflicts=True) if found else None


def nudge(names: Iterable[str] = tuple(queues.QUEUES)) -> None:
    """Wake the workers of these queues up; when the broker is down the next sweep finds the work."""
    from celery import current_app

    if not settings.HAS_WORKERS:
        return
    try:
        for name in names:
            current_app.send_task(SWEEP, kwargs={"queue": name}, queue=name, expires=30)
    except Exception as error:
        _log.warning("outbox.nudge_failed", error=type(error).__name__)


def claim(queue: Queue = queues.FAST) -> list[OutboxEntry]:
    """Take due entries of a queue for this worker alone for a while; a worker that dies gives them back by time.

    The attempt is counted here, so that work that takes its worker down is not begun for ever.
    """
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    due = OutboxEntry.objects.filter(
        free, queue=queue.name, done_at=None, parked_at=None, not_before__lte=now
    ).order_by("not_before")[: queue.claim_count]
    taken = {"claimed_until": now + timedelta(seconds=queue.lease_s), "attempts": F("attempts") + 1}
    if connection.features.has_select_for_update_skip_locked:
        with transaction.atomic():
            entries = list(due.select_for_update(skip_locked=True))
            OutboxEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(**taken)
    else:
        # One row changed: it is ours. None: another worker was first.
        entries = [
            entry
            for entry in due
            if OutboxEntry.objects.filter(free, pk=entry.pk, done_at=None).update(**taken)
        ]
    for row in entries:
        row.attempts += 1
        row.claimed_until = now + timedelta(seconds=queue.lease_s)
    return entries


def sweep(run_task: RunTask, queue: Queue = queues.FAST, running_s: float = _RUN_S) -> tuple[int, bool]:
    """Run what is due in a queue, and tell how many entries were tried and whether some may be left.

    `run_task` runs a task by its name and raises when it failed; it must bear being run twice.
    """
    count = 0
    ends_at = time.monotonic() + running_s
    while entries := claim(queue):
        for number, row in enumerate(entries):
            if time.monotonic() > ends_at:
                _give_back(entries[number:])
                return count, True
            count += 1
            _try(row, queue, run_task)
    return count, False


def _give_back(entries: Sequence[OutboxEntry]) -> None:
    """Let others have what was claimed and not begun."""
    pks = [row.pk for row in entries]
    OutboxEntry.objects.filter(pk__in=pks).update(claimed_until=None, attempts=F("attempts") - 1)


def _try(row: OutboxEntry, queue: Queue, run_task: RunTask) -> None:
    row.claimed_until = None
    began, name = time.perf_counter(), queues.label(row.task)
    try:
        if row.attempts > queue.attempts_max_count:
            raise RuntimeError(f"its worker ended {queue.attempts_max_count} times while at it")
        run_task(row.task, row.payload)
    except Exception as error:
        _failed(row, queue, error)
    else:
        row.done_at = timezone.now()
        row.last_error = ""
        # What was said in it is of no more use; the key stays, so that the same cause has the same work once.
        row.payload = {}
        metrics.TASKS.labels(name, "done").inc()
    metrics.TASK_SECONDS.labels(name).observe(time.perf_counter() - began)
    row.save(update_fields=["payload", "claimed_until", "not_before", "last_error", "parked_at", "done_at"])


def _failed(row: OutboxEntry, queue: Queue, error: Exception) -> None:
    low, high = _BACKOFF_S
    wait_s = min(high, low * 2 ** (row.attempts - 1)) * random.uniform(0.8, 1.2)
    row.not_before = timezone.now() + timedelta(seconds=wait_s)
    row.last_error = f"{type(error).__name__}: {error}"[:1_000]
    is_parked = row.attempts >= queue.attempts_max_count or isinstance(error, GiveUp)
    row.parked_at = timezone.now() if is_parked else None
    metrics.TASKS.labels(queues.label(row.task), "parked" if is_parked else "retried").inc()
    _log.warning("outbox.task_failed", task=row.task, attempts=row.attempts, error=type(error).__name__)
