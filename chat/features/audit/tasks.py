"""Tasks of the record."""

from __future__ import annotations

from celery import shared_task

from chat.features.audit import keeping


@shared_task(name=keeping.TIDY)
def tidy() -> int:
    """Let go what is past its time; return how many entries went."""
    return keeping.tidy()
