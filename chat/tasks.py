"""Every Celery task, so that the worker finds them; features add theirs by import."""

from __future__ import annotations

from datetime import timedelta

from celery import current_app, shared_task
from django.utils import timezone

from chat.models import OutboxEntry
from chat.pipeline import outbox

_KEEP_DONE_DAYS = 7


@shared_task(name=outbox.SWEEP)
def sweep_outbox() -> int:
    """Run due follow-up work and forget what was done a week ago."""
    count = outbox.sweep(_run)
    OutboxEntry.objects.filter(done_at__lt=timezone.now() - timedelta(days=_KEEP_DONE_DAYS)).delete()
    return count


def _run(name: str, payload: dict[str, object]) -> None:
    current_app.tasks[name](**payload)
