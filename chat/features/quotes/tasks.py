"""Tasks of quotes."""

from __future__ import annotations

from celery import shared_task

from chat.features.quotes import service


@shared_task(name=service.WITHDRAW)
def withdraw(room: int, seq: int) -> None:
    """Tell of the quotes that a change has emptied."""
    service.withdraw(room, seq)
