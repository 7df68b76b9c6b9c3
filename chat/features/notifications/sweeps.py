"""Write to everybody for whom it is time, a bounded while at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import structlog
from django.db import Error
from django.utils import timezone

from chat.features.notifications import digest, letters, missed, trial
from chat.features.notifications.post import Later
from chat.models import Letter, User

_log = structlog.get_logger(__name__)
_PEOPLE_COUNT = 100
_RUN_S = 60.0


class _Kind(NamedTuple):
    kind: str
    due: Callable[[datetime, int], list[int]]
    # False when the mail server is away.
    write: Callable[[Letter, User, datetime], bool]


_KINDS = {
    row.kind: row
    for row in (
        _Kind(trial.KIND, trial.due, trial.write),
        _Kind(missed.KIND, missed.due, missed.write),
        _Kind(digest.KIND, digest.due, digest.write),
    )
}


def sweep(now: datetime | None = None, running_s: float = _RUN_S) -> int:
    """Write what is due; return to how many people a letter was looked at.

    Ends early when the mail server is away: the rest is as good a while later.
    """
    ends_at = time.monotonic() + running_s
    count = 0
    for kind in _KINDS.values():
        while users := kind.due(now or timezone.now(), _PEOPLE_COUNT):
            for user_id in users:
                if time.monotonic() > ends_at or not write(kind.kind, user_id, now):
                    return count
                count += 1
    return count


def write(kind: str, user_id: int, now: datetime | None = None) -> bool:
    """Write one person's letter of a kind, unless another worker does; False when the mail server is away."""
    now = now or timezone.now()
    letter = letters.take(user_id, kind, now)
    if letter is None:
        return True
    if letter.attempts > letters.ATTEMPTS_MAX_COUNT:
        letters.give_up(letter, now)
        return True
    try:
        return _KINDS[kind].write(letter, User.objects.get(pk=user_id), now)
    except Error:
        raise
    except Exception as error:
        # One letter that cannot be written must not keep those behind it.
        _log.exception("notifications.failed", kind=kind, user=user_id)
        letters.later(
            letter,
            Later(f"a fault of ours: {type(error).__name__}", may_have_arrived=False, is_away=False),
            now,
        )
        return True
