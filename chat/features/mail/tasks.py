"""Tasks of mail."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from chat.features.mail import service


@shared_task(name=service.SEND)
def send(**mail: Any) -> None:
    """Send one mail out of the outbox."""
    service.send(**mail)
