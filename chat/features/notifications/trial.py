"""The mail with which somebody tries whether mail arrives."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chat.features.notifications import letters, people, rules, writing
from chat.features.notifications.rules import Why
from chat.models import Letter, User
from chat.pipeline import outbox
from chat.protocol.errors import ErrorCode, Refused

KIND = Letter.Kind.TEST
TASK = "chat.notifications.test"
PER_H_MAX_COUNT = 5
_HOUR = timedelta(hours=1)
_WORDS = {
    Why.BOT: "bots get no mail",
    Why.GUEST: "guests get no mail",
    Why.INACTIVE: "this account is switched off",
    Why.NO_ADDRESS: "this account has no email address",
    Why.UNCONFIRMED: "the email address is not confirmed yet",
}


def ask(user: User, now: datetime | None = None) -> str:
    """Have a mail sent to oneself and return the address.

    Raises:
        Refused: forbidden, for who can get no mail; rate_limited, after five in an hour.
    """
    now = now or timezone.now()
    no_mail = rules.unreachable(people.one(user))
    if no_mail is not None:
        raise Refused(ErrorCode.FORBIDDEN, _WORDS[Why(no_mail)])
    with transaction.atomic():
        # The lock keeps two requests at once from both seeing room for one more.
        User.objects.select_for_update().get(pk=user.pk)
        recent = Letter.objects.filter(user=user, kind=KIND, created_at__gt=now - _HOUR).order_by(
            "created_at"
        )
        made = list(recent)
        if len(made) >= PER_H_MAX_COUNT:
            after = made[-PER_H_MAX_COUNT].created_at + _HOUR - now
            raise Refused(
                ErrorCode.RATE_LIMITED,
                f"{len(made)} test mails in an hour, at most {PER_H_MAX_COUNT}",
                int(after.total_seconds() * 1_000) + 1,
            )
        if not Letter.objects.filter(user=user, kind=KIND, ended_at=None).exists():
            letter = Letter.objects.create(user=user, kind=KIND, created_at=now, claimed_until=now)
            outbox.entry(TASK, f"{TASK}:{letter.name}", {"user": user.pk}).save(force_insert=True)
    outbox.nudge(["mail"])
    return user.email


def last(user: User) -> Letter | None:
    """Return the last one that somebody has asked for."""
    return Letter.objects.filter(user=user, kind=KIND).order_by("-created_at").first()


def is_asked_for(user_id: int) -> bool:
    """Tell whether a test mail has not been sent yet."""
    return Letter.objects.filter(user=user_id, kind=KIND, ended_at=None).exists()


def due(now: datetime, count: int) -> list[int]:
    """Return ids of people whose test mail has to be tried again."""
    waiting = Letter.objects.filter(kind=KIND, ended_at=None, claimed_until__lte=now)
    return list(waiting.order_by("created_at").values_list("user_id", flat=True)[:count])


def write(letter: Letter, user: User, now: datetime) -> bool:
    """Send a claimed letter; False when the mail server is away."""
    if rules.unreachable(people.one(user)) is not None:
        letters.drop(letter)
        return True
    return letters.deliver(letter, writing.test(user), now)
