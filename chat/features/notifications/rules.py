"""Whether somebody is told of a message: one list of reasons, in order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chat.features.notifications.clocks import Quiet
from chat.models import Membership, Notification

Outcome = Notification.Outcome
Why = Notification.Why
Way = Notification.Way


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of who might be told. `address` is empty where there is none; a device can be pushed to."""

    is_active: bool = True
    is_bot: bool = False
    is_guest: bool = False
    address: str = ""
    is_confirmed: bool = False
    wants_mail: bool = True
    has_device: bool = False
    quiet: Quiet | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the message for that person, at this moment."""

    rule: str
    level: str = Membership.Level.ALL
    is_own: bool = False
    is_deleted: bool = False
    is_in: bool = True
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of it. `until` is set for what waits."""

    outcome: str
    why: str = Why.NOTHING
    until: datetime | None = None


TELL = Verdict(Outcome.SENT)


def unreachable(person: Person) -> str | None:
    """Return why no mail can go to somebody, whatever they want; None when it can."""
    if person.is_bot:
        return Why.BOT
    if person.is_guest:
        return Why.GUEST
    if not person.is_active:
        return Why.INACTIVE
    if not person.address:
        return Why.NO_ADDRESS
    return None if person.is_confirmed else Why.UNCONFIRMED


def unpushable(person: Person) -> str | None:
    """Return why nothing can be pushed to somebody; None when it can. Guests have chosen it like everybody else."""
    if person.is_bot:
        return Why.BOT
    if not person.is_active:
        return Why.INACTIVE
    return None if person.has_device else Why.NO_DEVICE


def judge(facts: Facts, person: Person, now: datetime, way: str = Way.MAIL) -> Verdict:
    """Decide by what is so now: TELL, suppressed for the first reason that holds, or to wait until it is not quiet."""
    barred = unpushable(person) if way == Way.PUSH else unreachable(person)
    reasons = (
        (facts.is_own, Why.OWN),
        (barred in (Why.BOT, Why.GUEST, Why.INACTIVE), barred),
        (facts.is_deleted, Why.DELETED),
        (not facts.is_in, Why.LEFT),
        (not _is_wanted(facts), Why.LEVEL),
        (facts.is_read, Why.READ),
        (barred is not None, barred),
        (way == Way.MAIL and not person.wants_mail, Why.OFF),
    )
    for holds, why in reasons:
        if holds:
            return Verdict(Outcome.SUPPRESSED, str(why))
    quiet_until = person.quiet.until(now) if person.quiet else None
    return Verdict(Outcome.WAITING, Why.QUIET_HOURS, quiet_until) if quiet_until else TELL


def _is_wanted(facts: Facts) -> bool:
    # Who follows a thread has chosen it, or is part of it: only a muted room keeps it quiet.
    # @here, @room and groups are mentions: a muted room stays silent, whoever calls.
    if facts.rule != Notification.Rule.DIRECT:
        return facts.level != Membership.Level.NONE
    return facts.level == Membership.Level.ALL
