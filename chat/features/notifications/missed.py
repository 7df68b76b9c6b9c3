"""Mail about what is still unread a while later: one to each person, of everything that waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from chat.features.notifications import letters, people, rules, writing
from chat.features.notifications.rules import Facts, Verdict
from chat.models import Letter, Membership, Message, Notification, User

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
    for row, facts in zip(rows, _facts(user, rows), strict=True):
        verdict = rules.judge(facts, person, now)
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


def _facts(user: User, rows: Sequence[Notification]) -> list[Facts]:
    rooms = {row.message.room_id for row in rows}
    memberships = {row.room_id: row for row in Membership.objects.filter(user=user, room__in=rooms)}
    answered = _answered(user, rows)
    found = []
    for row in rows:
        message, membership = row.message, memberships.get(row.message.room_id)
        if message.msg_no is None:
            is_read = message.seq < answered.get(message.room_id, 0)
        else:
            is_read = membership is not None and message.msg_no <= membership.read_msg_no
        found.append(
            Facts(
                rule=row.rule,
                level=membership.level if membership else Membership.Level.NONE,
                is_own=message.sender_id == user.pk,
                is_deleted=message.deleted_at is not None or message.room.deleted_at is not None,
                is_in=membership is not None and membership.is_in,
                is_read=is_read,
            )
        )
    return found


def _answered(user: User, rows: Sequence[Notification]) -> dict[int, int]:
    """Return the seq of what somebody has said last in the rooms with replies in threads.

    Threads have no read marker: who has written in the room since has seen what came before.
    """
    first: dict[int, int] = {}
    for row in rows:
        if row.message.msg_no is None:
            first[row.message.room_id] = min(row.message.seq, first.get(row.message.room_id, row.message.seq))
    said = {
        room: Message.objects.filter(room=room, seq__gt=seq, sender=user).aggregate(last=Max("seq"))["last"]
        for room, seq in first.items()
    }
    return {room: last for room, last in said.items() if last is not None}
