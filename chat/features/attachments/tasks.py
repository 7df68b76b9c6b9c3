"""Tasks of attachments."""

from __future__ import annotations

from celery import shared_task

from chat.features.attachments import follow_up


@shared_task(name=follow_up.PREPARE)
def prepare(room: int, seq: int) -> None:
    """Make the pictures of a message anew."""
    follow_up.prepare(room, seq)


@shared_task(name=follow_up.REMOVE)
def remove(room: int, seq: int) -> None:
    """Take the files of a message that is gone out of the storage."""
    follow_up.remove(room, seq)


@shared_task(name=follow_up.FORGET)
def forget(user: int) -> None:
    """Take out what an erased account has uploaded and no message has."""
    follow_up.forget(user)


@shared_task(name=follow_up.TIDY)
def tidy() -> int:
    """Take out what nobody has any more."""
    return follow_up.tidy()
