"""Tasks of polls."""

from __future__ import annotations

from celery import shared_task

from chat.features.polls import ending


@shared_task(name=ending.SWEEP)
def sweep() -> int:
    """Close what is due."""
    return ending.sweep()
