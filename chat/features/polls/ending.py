"""Close what is due."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import structlog
from django.utils import timezone

from chat.actions.state import SYSTEM_ID
from chat.models import Poll
from chat.pipeline.run import run
from chat.protocol.errors import ERRORS, Refused
from chat.protocol.system import EndPoll

SWEEP = "chat.polls.sweep"
_RUN_S = 10.0
_TAKEN_COUNT = 100

_log = structlog.get_logger(__name__)


def sweep(clock: Callable[[], datetime] = timezone.now, running_s: float = _RUN_S) -> int:
    """Close polls whose time has come, and return how many that were; two workers at once close each once."""
    ends_at = time.monotonic() + running_s
    due = Poll.objects.filter(
        closed_at=None, closes_at__lte=clock(), message__deleted_at=None, message__room__deleted_at=None
    )
    count = 0
    for pk in list(due.order_by("closes_at", "pk").values_list("pk", flat=True)[:_TAKEN_COUNT]):
        try:
            run(SYSTEM_ID, EndPoll(message=pk))
            count += 1
        except Refused as refused:
            # Deleted since it was looked for, or the database is busy: the next sweep finds what is left.
            level = _log.warning if ERRORS[refused.code].retry else _log.info
            level("polls.not_closed", poll=pk, code=refused.code.value)
        if time.monotonic() > ends_at:
            break
    return count
