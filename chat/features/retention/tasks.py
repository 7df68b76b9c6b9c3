"""Tasks of retention."""

from __future__ import annotations

from celery import shared_task

from chat.features.retention import removal


@shared_task(name=removal.SWEEP)
def sweep() -> int:
    """Let go what is past its time; return how many messages went."""
    return removal.sweep().messages
