"""Tasks of exports. Their queue is the table; what goes through the broker only wakes a worker up."""

from __future__ import annotations

import time
from typing import Any

import structlog
from celery import shared_task
from celery.result import AsyncResult
from django.conf import settings
from django.utils import timezone

from chat.features.exports import keeping, running, service
from chat.features.exports.running import Outcome
from chat.models import Export
from chat.pipeline import queues

_log = structlog.get_logger(__name__)

PROGRESS = "PROGRESS"
# A message that no worker has taken within this is void: the sweep writes another.
_EXPIRES_S = 30
# The result backend hears so often how far it is.
_REPORT_S = 0.3


@shared_task(name="chat.exports.run", bind=True)
def run(self: Any, export: int, name: str) -> str:
    """Go on with an export for a while, and wake somebody up for the next one."""
    progress = _Progress(self, name)
    # Well before it is asked to end: what comes in the middle of a page would count as a fault.
    running_s = min(running.RUN_S, settings.CELERY_TASK_SOFT_TIME_LIMIT / 2)
    outcome = running.work(export, progress.tell, running_s=running_s)
    if outcome in (Outcome.READY, Outcome.FAILED):
        progress.end(Export.objects.get(pk=export))
    if outcome is not Outcome.NOT_OURS:
        wake()
    return outcome.name


@shared_task(name="chat.exports.sweep")
def sweep() -> None:
    """Take up what nobody is at: its wake-up was lost, or its worker."""
    wake()


@shared_task(name="chat.exports.tidy")
def tidy() -> int:
    """Remove the files whose time is over."""
    return keeping.tidy()


@shared_task(name="chat.exports.forget")
def forget(user: int) -> None:
    """Be rid of the exports of an erased account."""
    service.forget(user, timezone.now())


def wake() -> None:
    """Have a worker take up the export whose turn it is; when the broker is down the next sweep does."""
    row = running.next_in_line(timezone.now())
    if row is None or not settings.HAS_WORKERS:
        return
    try:
        wanted = {"export": row.pk, "name": row.name}
        run.apply_async(kwargs=wanted, queue=queues.CPU.name, expires=_EXPIRES_S)
    except Exception as error:
        _log.warning("exports.wake_failed", error=type(error).__name__)


class _Progress:
    """Writes into the result backend how far an export is, under the name of the export.

    Not under the id of one task: it takes several. And a worker remembers the id of a message that has expired as
    one that is never to be run. Nor by Celery itself, which would have each web process that wakes a worker
    listen for the end.
    """

    def __init__(self, task: Any, name: str) -> None:
        self._task = task
        self._name = name
        self._told_at = 0.0
        self._is_heard = True

    def tell(self, step: str, percent: int, rows_count: int) -> None:
        """Tell of a page, not of each one."""
        now = time.monotonic()
        if now - self._told_at >= _REPORT_S:
            self._told_at = now
            self._store(PROGRESS, {"step": step, "percent": percent, "rows_count": rows_count})

    def end(self, row: Export) -> None:
        """Tell of the end. The row knew it before."""
        facts = {"state": row.state, "failure": row.failure, "size_bytes": row.size_bytes}
        self._store("SUCCESS", {**facts, "percent": row.percent, "rows_count": row.rows_count})

    def _store(self, state: str, facts: dict[str, Any]) -> None:
        if not self._is_heard:
            return
        try:
            self._task.update_state(task_id=self._name, state=state, meta=facts)
        except Exception as error:
            # Not waited for at each page: the row is the truth.
            self._is_heard = False
            _log.warning("exports.not_told", error=type(error).__name__)


def progress_of(row: Export) -> dict[str, Any]:
    """Return what the result backend knows of a running export; nothing where it has forgotten or is down."""
    if row.state != Export.State.RUNNING or not settings.HAS_WORKERS or time.monotonic() < _away.until:
        return {}
    try:
        result: AsyncResult[Any] = AsyncResult(row.name)
        state, info = result.state, result.info
    except Exception as error:
        _away.until = time.monotonic() + _Away.PAUSE_S
        _log.warning("exports.progress_unknown", error=type(error).__name__)
        return {}
    return dict(info) if state == PROGRESS and isinstance(info, dict) else {}


class _Away:
    """Until when the result backend is not asked, after it did not answer."""

    PAUSE_S = 15.0
    until = 0.0


_away = _Away()
