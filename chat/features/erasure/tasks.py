"""Tasks of erasing."""

from __future__ import annotations

from celery import shared_task

from chat.features.erasure import remains


@shared_task(name=remains.ERASE)
def erase(user: int, step: int = 0) -> None:
    """Remove what is left of an erased account, or a part of it; the next step then is follow-up work too."""
    remains.remove(user, step)
