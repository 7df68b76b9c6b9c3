"""Tasks of the look at derived numbers."""

from __future__ import annotations

from celery import shared_task

from chat.features.counts import checking


@shared_task(name=checking.CHECK)
def check() -> int:
    """Go on with a look that is not finished, or begin one when it is time."""
    return checking.go_on()
