"""From the ledger to the browsers: what is still unread after a while is put into the queue of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from chat.features.notifications import facts, people, rules
from chat.features.notifications.push import settling, subscriptions
from chat.features.notifications.rules import Verdict
from chat.models import Notification, Push, User

# More of one person are for the next time.
_ROWS_MAX_COUNT = 500

_Outcome = Notification.Outcome


def due(now: datetime, count: int) -> list[int]:
    """Return ids of people of whom something has waited long enough."""
    waiting = Notification.objects.filter(
        way=Notification.Way.PUSH, outcome=_Outcome.WAITING, until__lte=now
    ).order_by("until")
    return list(dict.fromkeys(waiting.values_list("user_id", flat=True)[:count]))


@transaction.atomic
def choose(user: User, now: datetime) -> None:
    """Decide about what is due for somebody; what is to be told waits in `Push`, with no time of its own."""
    devices = subscriptions.of(user, is_locked=True)
    # Locked: of two workers the second finds nothing due any more, and pushes nothing again.
    rows = list(
        Notification.objects.select_for_update(of=("self",))
        .filter(user=user, way=Notification.Way.PUSH, outcome=_Outcome.WAITING, until__lte=now)
        .select_related("message__room")
        .order_by("pk")[:_ROWS_MAX_COUNT]
    )
    for verdict, chosen in judged(user, rows, now, has_device=bool(devices)).items():
        pks = [row.pk for row in chosen]
        if verdict != rules.TELL:
            settling.withdraw(pks, verdict, now)
            continue
        Push.objects.bulk_create(
            (Push(subscription=device, notification_id=pk) for device in devices for pk in pks),
            ignore_conflicts=True,
        )
        Notification.objects.filter(pk__in=pks).update(why=verdict.why, until=None, changed_at=now)


def judged(
    user: User, rows: Collection[Notification], now: datetime, *, has_device: bool
) -> dict[Verdict, list[Notification]]:
    """Return rows of one person by what becomes of them now, each in order; messages and rooms must be loaded."""
    person = people.one(user, {user.pk} if has_device else ())
    found: dict[Verdict, list[Notification]] = defaultdict(list)
    for row, known in zip(rows, facts.of(user, list(rows)), strict=True):
        found[rules.judge(known, person, now, Notification.Way.PUSH)].append(row)
    return found


def by_room(rows: Iterable[Notification]) -> list[list[Notification]]:
    """Return rows room by room, the room with the newest first, each in the order of its messages."""
    found: dict[int, list[Notification]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.message_id, reverse=True):
        found[row.message.room_id].insert(0, row)
    return list(found.values())
