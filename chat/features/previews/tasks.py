"""Tasks of previews."""

from __future__ import annotations

from celery import shared_task

from chat.features.previews import service


@shared_task(name=service.ATTACH)
def attach(room: int, seq: int) -> None:
    """Attach previews to the message of a change."""
    service.attach(room, seq)


@shared_task(name=service.TIDY)
def tidy() -> int:
    """Forget old links and delete pictures without use."""
    return service.tidy()
