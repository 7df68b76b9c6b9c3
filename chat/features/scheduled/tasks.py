"""Tasks of scheduled messages."""

from __future__ import annotations

from celery import shared_task

from chat.features.scheduled import sending


@shared_task(name=sending.SWEEP)
def sweep() -> int:
    """Send what is due."""
    return sending.sweep()
