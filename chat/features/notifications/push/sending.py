"""From the queue of each browser to its push service: one push a room, of everything that is still to be told."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import Error
from django.db.models import Exists, OuterRef, Q

from chat import conf
from chat.features.notifications import rules
from chat.features.notifications.push import choosing, parcels, settling, subscriptions, wire, wording
from chat.features.notifications.push.wire import Answer, Outcome, Parcel
from chat.models import Notification, Push, PushSubscription
from chat.outside import guard
from chat.outside.network import Internet, Network
from chat.pipeline import due, runner

_log = structlog.get_logger(__name__)

# Asked at the same time. With so many rooms each, and the bound of a request, they are done within a claim.
_DEVICES_COUNT = 20
_ROOMS_MAX_COUNT = 5
_ROWS_MAX_COUNT = 2_000

# What tests replace by a network of their own.
network: Network = Internet()


@dataclass
class _Line:
    """What goes to one browser: for each room the rows of the ledger and the parcel."""

    row: PushSubscription
    rooms: list[tuple[list[int], Parcel]] = field(default_factory=list)


def send_due(clock: Callable[[], datetime], ends_at: float) -> int:
    """Push what waits, until nothing does or a monotonic time has come; return how many browsers were looked at."""
    count = 0
    # Each claim begins when it is made: it must outlast the requests.
    while time.monotonic() < ends_at and (taken := take(now := clock())):
        try:
            _send(subscriptions.holding(taken, now), now)
        finally:
            pks = [row.pk for row in taken]
            ours = PushSubscription.objects.filter(pk__in=pks, claimed_until=taken[0].claimed_until)
            ours.update(claimed_until=None)
        count += len(taken)
    return count


def take(now: datetime) -> list[PushSubscription]:
    """Have browsers with something in their queue for this worker alone for a while."""
    # A rest that ends later than any can was begun by a clock that has gone back since.
    lost = now + timedelta(seconds=2 * settling.REST_MAX_S)
    rested = Q(rests_until=None) | Q(rests_until__lte=now) | Q(rests_until__gt=lost)
    free = PushSubscription.objects.filter(due.free(now), rested)
    waiting = free.filter(Exists(Push.objects.filter(subscription=OuterRef("pk")))).select_related("user")
    until = due.claim(now)
    # One row changed: it is ours. None: another worker was first.
    found = waiting.order_by("last_used_at", "pk")[:_DEVICES_COUNT]
    taken = [row for row in found if free.filter(pk=row.pk).update(claimed_until=until)]
    for row in taken:
        row.claimed_until = until
    return taken


def ask(asked: Sequence[Sequence[Parcel]]) -> list[list[Answer]]:
    """Send lines of parcels from code without an event loop."""
    own_names = guard.names_of(conf.get().ALLOWED_ORIGINS)
    return runner.run(wire.all_of(asked, network, own_names))


def _send(rows: Collection[PushSubscription], now: datetime) -> None:
    lines = [line for line in _lines(rows, now) if line.rooms]
    answers = ask([[parcel for _, parcel in line.rooms] for line in lines])
    for line, answered in zip(lines, answers, strict=True):
        for (pks, _), answer in zip(line.rooms, answered, strict=False):
            _note(line.row, pks, answer, now)


def _note(row: PushSubscription, pks: Sequence[int], answer: Answer, now: datetime) -> None:
    if answer.outcome != Outcome.TAKEN:
        _log.info("push.not_taken", outcome=answer.outcome.value, status=answer.said[:3])
    match answer.outcome:
        case Outcome.TAKEN:
            settling.told(row, pks, now)
        case Outcome.GONE:
            settling.drop(row, now)
        case Outcome.REFUSED:
            settling.refused(row, pks, answer.said, now)
        case Outcome.LATER:
            settling.later(row, answer.said, answer.after_s, now)


def _lines(rows: Collection[PushSubscription], now: datetime) -> list[_Line]:
    """Look at what waits once more, take away what is not to be told any more, and pack the rest."""
    waiting = Push.objects.filter(subscription__in=rows).order_by("pk")[:_ROWS_MAX_COUNT]
    found = list(waiting.select_related("notification__message__room", "notification__message__sender"))
    by_user: dict[int, dict[int, Notification]] = defaultdict(dict)
    for push in found:
        by_user[push.notification.user_id][push.notification_id] = push.notification
    users = {row.user_id: row.user for row in rows}
    told: set[int] = set()
    for user_id, known in by_user.items():
        for verdict, chosen in choosing.judged(users[user_id], known.values(), now, has_device=True).items():
            pks = [one.pk for one in chosen]
            if verdict == rules.TELL:
                told.update(pks)
            else:
                settling.withdraw(pks, verdict, now)
    mine: dict[int, list[Notification]] = defaultdict(list)
    for push in found:
        if push.notification_id in told:
            mine[push.subscription_id].append(push.notification)
    return [_line(row, mine[row.pk], now) for row in rows]


def _line(row: PushSubscription, mine: Sequence[Notification], now: datetime) -> _Line:
    line = _Line(row)
    for told in choosing.by_room(mine)[:_ROOMS_MAX_COUNT]:
        pks = [one.pk for one in told]
        try:
            parcel = parcels.pack(row, wording.unread(row.user, told), now)
        except Error:
            raise
        except Exception as error:
            # One that cannot be written must not keep those behind it.
            _log.exception("push.failed", subscription=row.pk)
            settling.refused(row, pks, f"a fault of ours: {type(error).__name__}", now)
        else:
            line.rooms.append((pks, parcel))
    return line
