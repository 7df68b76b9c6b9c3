"""Every few seconds: choose what is due, push what waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

from chat.features.notifications.push import choosing, keys, sending
from chat.models import User

SWEEP = "chat.notifications.push"
_PEOPLE_COUNT = 100
_RUN_S = 60.0


def sweep(clock: Callable[[], datetime] = timezone.now, running_s: float = _RUN_S) -> int:
    """Push what is to be told by now, a bounded while; return how many browsers were looked at.

    A worker that is killed in between pushes some of it again, which replaces the first on the screen.
    """
    if not keys.is_on():
        return 0
    count, ends_at = 0, time.monotonic() + running_s
    while users := choosing.due(clock(), _PEOPLE_COUNT):
        for user in User.objects.filter(pk__in=users):
            choosing.choose(user, clock())
        # Now and then, so that the first do not wait for the last.
        count += sending.send_due(clock, ends_at)
        if time.monotonic() > ends_at:
            return count
    return count + sending.send_due(clock, ends_at)
