"""Every Celery task, so that the worker finds them; features add theirs by import."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import current_app, shared_task
from django.utils import timezone

from chat.features.attachments import tasks as attachments_tasks
from chat.features.audit import tasks as audit_tasks
from chat.features.counts import tasks as counts_tasks
from chat.features.erasure import tasks as erasure_tasks
from chat.features.exports import tasks as exports_tasks
from chat.features.mail import tasks as mail_tasks
from chat.features.notifications import tasks as notification_tasks
from chat.features.polls import tasks as polls_tasks
from chat.features.previews import tasks as previews_tasks
from chat.features.quotes import tasks as quotes_tasks
from chat.features.reminders import tasks as reminders_tasks
from chat.features.retention import tasks as retention_tasks
from chat.features.scheduled import tasks as scheduled_tasks
from chat.features.search import tasks as search_tasks
from chat.models import OutboxEntry
from chat.pipeline import figures, outbox, queues, signs

__all__ = [
    "attachments_tasks",
    "audit_tasks",
    "counts_tasks",
    "erasure_tasks",
    "exports_tasks",
    # They hear what Celery says of its workers and tasks.
    "figures",
    "mail_tasks",
    "notification_tasks",
    "polls_tasks",
    "previews_tasks",
    "quotes_tasks",
    "reminders_tasks",
    "retention_tasks",
    "scheduled_tasks",
    "search_tasks",
    "signs",
    "sweep_outbox",
]

_KEEP_DONE_DAYS = 7


@shared_task(name=outbox.SWEEP)
def sweep_outbox(queue: str = queues.FAST.name) -> int:
    """Run the due follow-up work of a queue and forget what was done a week ago."""
    count, has_more = outbox.sweep(_run, queues.QUEUES[queue])
    if has_more:
        outbox.nudge([queue])
    old = OutboxEntry.objects.filter(
        queue=queue, done_at__lt=timezone.now() - timedelta(days=_KEEP_DONE_DAYS)
    )
    old.delete()
    return count


def _run(name: str, payload: dict[str, Any]) -> None:
    current_app.tasks[name](**payload)
