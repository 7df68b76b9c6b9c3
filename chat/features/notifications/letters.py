"""Who writes to whom: a letter is claimed, begun, and then sent, refused, or tried again later."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet

from chat.features.notifications import post
from chat.features.notifications.post import Later, Mail, Refused
from chat.models import Letter, Notification

# Longer than a letter takes to be read together and sent.
LEASE_S = 300
# After so many tries, about four hours, the rest is given up.
ATTEMPTS_MAX_COUNT = 12
_WAIT_S = (60, 1_800)

_Outcome = Notification.Outcome
_Why = Notification.Why


def take(user_id: int, kind: str, now: datetime) -> Letter | None:
    """Claim somebody's open letter, or begin one; None while another worker has it or it waits.

    Both ways are one statement that only one of two workers can win, on either database.
    """
    until = now + timedelta(seconds=LEASE_S)
    opened = Letter.objects.filter(user=user_id, kind=kind, ended_at=None)
    if opened.filter(claimed_until__lte=now).update(claimed_until=until, attempts=F("attempts") + 1):
        return opened.first()
    letter = Letter(user_id=user_id, kind=kind, created_at=now, claimed_until=until, attempts=1)
    Letter.objects.bulk_create([letter], ignore_conflicts=True)
    return opened.filter(name=letter.name).first()


def drop(letter: Letter) -> None:
    """Throw a letter away that nobody needs any more; what was in it waits by itself."""
    letter.delete()


def deliver(letter: Letter, mail: Mail, now: datetime) -> bool:
    """Hand a letter to the server and note what became of it; False when nobody else's would go now either."""
    # Before the server hears of it: from here on it may have the letter without our knowing.
    letter.begun_at = now
    letter.save(update_fields=["begun_at"])
    try:
        post.send(mail, letter.name)
    except Refused as why:
        refused(letter, why.said, now)
    except Later as why:
        later(letter, why, now)
        return not why.is_away
    else:
        _sent(letter, now)
    return True


@transaction.atomic
def _sent(letter: Letter, now: datetime) -> None:
    """Close a letter that a server has taken."""
    _rows(letter).update(outcome=_Outcome.SENT, until=None, said="", changed_at=now)
    Letter.objects.filter(pk=letter.pk).update(sent_at=now, ended_at=now, said="")


@transaction.atomic
def refused(letter: Letter, said: str, now: datetime) -> None:
    """Close a letter that no server will take."""
    _fail(letter, _Why.REFUSED, said, now)


@transaction.atomic
def give_up(letter: Letter, now: datetime) -> None:
    """Close a letter that has been tried often enough."""
    _fail(letter, _Why.GAVE_UP, letter.said, now)


@transaction.atomic
def later(letter: Letter, why: Later, now: datetime) -> None:
    """Have a letter tried again, after ever longer pauses, and give it up in the end.

    Where the server has certainly not taken it, who is told what is decided anew by then.
    """
    if letter.attempts >= ATTEMPTS_MAX_COUNT:
        _fail(letter, _Why.GAVE_UP, why.said, now)
        return
    low, high = _WAIT_S
    again = now + timedelta(seconds=min(high, low * 2 ** (letter.attempts - 1)))
    begun_at = letter.begun_at if why.may_have_arrived else None
    _rows(letter).update(until=again, said=why.said, changed_at=now)
    if begun_at is None:
        _rows(letter).update(letter=None, why=_Why.SERVER_AWAY)
    Letter.objects.filter(pk=letter.pk).update(claimed_until=again, begun_at=begun_at, said=why.said)


def _fail(letter: Letter, why: str, said: str, now: datetime) -> None:
    _rows(letter).update(outcome=_Outcome.FAILED, why=why, until=None, said=said, changed_at=now)
    Letter.objects.filter(pk=letter.pk).update(ended_at=now, said=said)


def _rows(letter: Letter) -> QuerySet[Notification]:
    return Notification.objects.filter(letter=letter, outcome=_Outcome.WAITING)
