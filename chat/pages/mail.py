"""Mail of the account pages, sent beside the answer: its time must not say who has an account."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from threading import BoundedSemaphore

import structlog
from django import db
from django.core.mail import EmailMessage

from chat.features.mail import service

_log = structlog.get_logger(__name__)

# More than wait here in a storm are dropped; whoever waited for one asks again.
_WAITING_MAX_COUNT = 100
_places = BoundedSemaphore(_WAITING_MAX_COUNT)


@cache
def _sender() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="mail")


def send(message: EmailMessage) -> Future[None] | None:
    """Queue a mail; None when too many wait already. Failures are logged, because nobody can be told."""
    if not _places.acquire(blocking=False):
        _log.error("mail.dropped", waiting=_WAITING_MAX_COUNT)
        return None
    return _sender().submit(_send, message)


def flush() -> None:
    """Return when everything that was queued has been tried."""
    _sender().submit(lambda: None).result()


def _send(message: EmailMessage) -> None:
    try:
        service.post(message)
    except Exception as error:
        _log.error("mail.failed", error=type(error).__name__, subject=message.subject)
    finally:
        # A thread of ours keeps no connection for the next mail, which may be days away.
        db.connections.close_all()
        _places.release()
