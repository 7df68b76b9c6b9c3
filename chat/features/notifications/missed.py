"""Mail about what is still unread a while later: one to each person, of everything that waits."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from chat.features.notifications import facts, letters, people, rules, writing
from chat.features.notifications.rules import Verdict
from chat.models import Letter, Notification, User

KIND = Letter.Kind.MISSED
# More than that in one mail nobody reads; the rest is for the next one.
_ROWS_MAX_COUNT = 500

_Outcome = Notification.Outcome
_Why = Notification.Why


def due(now: datetime, count: int) -> list[int]:
    """Return ids of people about whom something has waited long enough and whom no worker writes to."""
    taken = Letter.objects.filter(kind=KIND, ended_at=None, claimed_until__gt=now)
    waiting = Notification.objects.filter(
        way=Notification.Way.MAIL, outcome=_Outcome.WAITING, until__lte=now
    ).exclude(user__in=taken.values("user"))
    return list(dict.fromkeys(waiting.order_by("until").values_list("user_id", flat=True)[:count]))


def write(letter: Letter, user: User, now: datetime) -> bool:
    """Send a claimed letter with what is to be told now; False when the mail server is away."""
    if letter.begun_at is None and not _choose(letter, user, now):
        letters.drop(letter)
        return True
    rows = letter.notifications.filter(outcome=_Outcome.WAITING, message__deleted_at=None)
    told = list(rows.select_related("message__room", "message__sender").order_by("pk"))
    if not told:
        letters.drop(letter)
        return True
    return letters.deliver(letter, writing.missed(user, told), now)


@transaction.atomic
def _choose(letter: Letter, user: User, now: datetime) -> bool:
    """Decide about everything that waits for somebody, and put what is to be told into the letter."""
    rows = list(
        Notification.objects.filter(user=user, way=Notification.Way.MAIL, outcome=_Outcome.WAITING)
        .select_related("message__room")
        # What is due comes first, so that a sweep never stands still at what is not.
        .order_by("until", "pk")[:_ROWS_MAX_COUNT]
    )
    person = people.one(user)
    may_write_at = _may_write_at(user)
    found: dict[Verdict, list[int]] = defaultdict(list)
    for row, known in zip(rows, facts.of(user, rows), strict=True):
        verdict = rules.judge(known, person, now)
        if verdict == rules.TELL and may_write_at is not None and may_write_at > now:
            verdict = Verdict(_Outcome.WAITING, _Why.INTERVAL, may_write_at)
        elif verdict == rules.TELL and row.until is not None and row.until > now:
            verdict = Verdict(_Outcome.SENT, _Why.GATHERED)
        found[verdict].append(row.pk)
    is_told = False
    for verdict, pks in found.items():
        is_in_letter = verdict.outcome == _Outcome.SENT
        Notification.objects.filter(pk__in=pks).update(
            outcome=_Outcome.WAITING if is_in_letter else verdict.outcome,
            why=verdict.why,
            until=now if is_in_letter else verdict.until,
            letter=letter if is_in_letter else None,
            changed_at=now,
        )
        is_told |= is_in_letter
    return is_told


def _may_write_at(user: User) -> datetime | None:
    """Return when the next mail may go to somebody, None when none went yet."""
    last = Letter.objects.filter(user=user, kind=KIND).exclude(sent_at=None).order_by("-created_at").first()
    if last is None or last.sent_at is None:
        return None
    return last.sent_at + timedelta(seconds=settings.MISSED_MAIL_EVERY_S)
