"""Look at one room after the other, a bounded while at a time, and go on where that ended."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from chat.models import CountCheck, Room
from chat.pipeline import recount
from chat.queries import counts

_log = structlog.get_logger(__name__)

CHECK = "chat.counts.check"
# At night by the clock of the workspace; where no worker was there at night, in the day after all.
_NIGHT_HOURS = range(2, 5)
_PAUSE = timedelta(hours=20)
_LATE = timedelta(hours=30)
# One run of a worker; a room that is looked at is looked at to its end.
_RUN_S = 60.0
# A worker that says nothing for so long is gone; longer than a task may run.
_LEASE = timedelta(minutes=15)
_KEPT_COUNT = 30


def go_on(now: datetime | None = None, running_s: float = _RUN_S) -> int:
    """Look at the next rooms and return how many that were; begins anew when it is time.

    Bears being killed and being run by several at once: then all but one do nothing.
    """
    now = now or timezone.now()
    check = CountCheck.objects.filter(finished_at=None).order_by("pk").first() or _begin(now)
    if check is None or not _take(check, now):
        return 0
    ends_at = time.monotonic() + running_s
    count = 0
    while (room_id := _next(check.room_id)) is not None:
        look_at(room_id, check)
        check.save(update_fields=["room_id", "rooms_count", "wrong"])
        count += 1
        if time.monotonic() > ends_at:
            break
    else:
        _finish(check, now)
    CountCheck.objects.filter(pk=check.pk).update(claimed_until=None)
    return count


def look_at(room_id: int, check: CountCheck, read: Callable[[int], Counter[str]] = recount.confirmed) -> None:
    """Look at one room and note what is wrong there.

    `read` looks again at what is found, with the room's lock: what somebody was just writing is not wrong.
    """
    found = counts.wrong(room_id)
    if found:
        found = read(room_id)
    for kind, number in found.items():
        check.wrong[kind] = check.wrong.get(kind, 0) + number
    if found:
        _log.error("counts.wrong", room=room_id, **found)
    check.room_id = room_id
    check.rooms_count += 1


def last() -> CountCheck | None:
    """Return the last look that came to its end."""
    return CountCheck.objects.filter(finished_at__isnull=False).order_by("-pk").first()


def is_due(now: datetime, begun_at: datetime | None) -> bool:
    """Tell whether it is time for another look after one that began then."""
    if begun_at is None or now - begun_at >= _LATE:
        return True
    is_night = now.astimezone(ZoneInfo(settings.DEFAULT_TIME_ZONE)).hour in _NIGHT_HOURS
    return is_night and now - begun_at >= _PAUSE


def _begin(now: datetime) -> CountCheck | None:
    before = CountCheck.objects.order_by("-pk").values_list("started_at", flat=True).first()
    if not is_due(now, before):
        return None
    kept = CountCheck.objects.order_by("-pk").values_list("pk", flat=True)[:_KEPT_COUNT]
    CountCheck.objects.exclude(pk__in=list(kept)).delete()
    return CountCheck.objects.create(started_at=now)


def _take(check: CountCheck, now: datetime) -> bool:
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    taken = CountCheck.objects.filter(free, pk=check.pk, finished_at=None).update(claimed_until=now + _LEASE)
    if taken:
        # Another may have come further between reading and taking.
        check.refresh_from_db()
    return bool(taken)


def _next(after: int) -> int | None:
    return Room.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True).first()


def _finish(check: CountCheck, now: datetime) -> None:
    check.finished_at = now
    check.save(update_fields=["finished_at"])
    log = _log.error if check.wrong else _log.info
    log("counts.checked", rooms=check.rooms_count, wrong=sum(check.wrong.values()), **check.wrong)
