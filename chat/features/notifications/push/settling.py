"""What becomes of a row of the ledger when one browser was told of it, or will not be.

Locked in one order everywhere, so that two workers never wait for each other: browsers first, then rows, each by id.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from chat.features.notifications.rules import Verdict
from chat.models import Notification, Push, PushSubscription

# After so many failures in a row, some twenty minutes, what waits for that browser is given up.
FAILURES_MAX_COUNT = 8
_REST_S = (10, 1_800)
# What a push service may ask for at most.
REST_MAX_S = 3_600

_Outcome = Notification.Outcome
_Why = Notification.Why


@transaction.atomic
def told(row: PushSubscription, pks: Sequence[int], now: datetime) -> None:
    """Note that a browser was told of messages of one room, of the last by its text."""
    _hold(row)
    _lock(pks)
    Push.objects.filter(subscription=row, notification__in=pks).delete()
    waiting = Notification.objects.filter(pk__in=pks, outcome=_Outcome.WAITING)
    sent = {"outcome": _Outcome.SENT, "until": None, "said": "", "changed_at": now}
    waiting.exclude(pk=pks[-1]).update(why=_Why.GATHERED, **sent)
    waiting.update(why=_Why.NOTHING, **sent)
    PushSubscription.objects.filter(pk=row.pk).update(last_used_at=now, failures=0, rests_until=None, said="")


@transaction.atomic
def refused(row: PushSubscription, pks: Collection[int], said: str, now: datetime) -> None:
    """Note that a push service will never take this."""
    _hold(row)
    _forgo(row, pks, _Why.REFUSED, said, now)
    PushSubscription.objects.filter(pk=row.pk).update(failures=0, rests_until=None, said=said)


@transaction.atomic
def later(row: PushSubscription, said: str, after_s: int, now: datetime) -> None:
    """Let a browser rest, ever longer, and give what waits for it up in the end.

    Args:
        after_s: what the push service asks for at least.
    """
    _hold(row)
    pks = _pending(row)
    failures = row.failures + 1
    if failures >= FAILURES_MAX_COUNT:
        _forgo(row, pks, _Why.GAVE_UP, said, now)
        PushSubscription.objects.filter(pk=row.pk).update(failures=0, rests_until=None, said=said)
        return
    _lock(pks)
    low, high = _REST_S
    rest_s = min(REST_MAX_S, max(after_s, min(high, low * 2 ** (failures - 1))))
    Notification.objects.filter(pk__in=pks, outcome=_Outcome.WAITING).update(
        why=_Why.SERVER_AWAY, said=said, changed_at=now
    )
    PushSubscription.objects.filter(pk=row.pk).update(
        failures=failures, rests_until=now + timedelta(seconds=rest_s), said=said
    )


@transaction.atomic
def drop(row: PushSubscription, now: datetime) -> None:
    """Remove a browser; what nobody else is told of finds no device."""
    _hold(row)
    pks = _pending(row)
    _lock(pks)
    PushSubscription.objects.filter(pk=row.pk).delete()
    _settle(pks, _Outcome.SUPPRESSED, _Why.NO_DEVICE, "", now)


@transaction.atomic
def withdraw(pks: Collection[int], verdict: Verdict, now: datetime) -> None:
    """Take what is not to be told now away from all browsers."""
    _lock(pks)
    Push.objects.filter(notification__in=pks).delete()
    Notification.objects.filter(pk__in=pks, outcome=_Outcome.WAITING).update(
        outcome=verdict.outcome, why=verdict.why, until=verdict.until, changed_at=now
    )


def _hold(row: PushSubscription) -> None:
    """Let nobody put anything into a browser's queue, or remove it, meanwhile."""
    PushSubscription.objects.select_for_update().filter(pk=row.pk).first()


def _forgo(row: PushSubscription, pks: Collection[int], why: str, said: str, now: datetime) -> None:
    _lock(pks)
    Push.objects.filter(subscription=row, notification__in=pks).delete()
    _settle(pks, _Outcome.FAILED, why, said, now)


def _pending(row: PushSubscription) -> list[int]:
    return list(Push.objects.filter(subscription=row).values_list("notification", flat=True))


def _lock(pks: Collection[int]) -> None:
    """Let one worker at a time decide: of two with the last two browsers, each would see the other's."""
    list(Notification.objects.select_for_update().filter(pk__in=pks).order_by("pk").values_list("pk"))


def _settle(pks: Collection[int], outcome: str, why: str, said: str, now: datetime) -> None:
    """Close what no browser is still to be told of, and none was."""
    others = Push.objects.filter(notification=OuterRef("pk"))
    Notification.objects.filter(~Exists(others), pk__in=pks, outcome=_Outcome.WAITING).update(
        outcome=outcome, why=why, until=None, said=said, changed_at=now
    )
