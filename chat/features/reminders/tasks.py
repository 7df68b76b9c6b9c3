"""Tasks of reminders."""

from __future__ import annotations

from celery import shared_task

from chat.features.reminders import telling


@shared_task(name=telling.SWEEP)
def sweep() -> int:
    """Tell of what is due."""
    return telling.sweep()
