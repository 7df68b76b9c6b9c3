"""The browsers in which people want to be told: add, list, remove."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from chat.features.notifications.push import keys, settling
from chat.features.notifications.push.commands import AddPush
from chat.models import PushSubscription, User
from chat.models.notifications import LABEL_MAX_CHARS
from chat.outside import guard
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import sign_in
from chat.queries.sign_in import Held

PER_USER_MAX_COUNT = 10
# In this order: many programs also say the names of those below.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def label_of(user_agent: str) -> str:
    """Return browser and system of a User-Agent header, else how it begins."""
    found = [
        next((name for mark, name in table if mark in user_agent), "") for table in (_BROWSERS, _SYSTEMS)
    ]
    known = " · ".join(filter(None, found))
    return known or re.sub(r"[^\x20-\x7e]", "", user_agent)[:LABEL_MAX_CHARS].strip()


def of(user: User, *, is_locked: bool = False) -> list[PushSubscription]:
    """Return somebody's browsers that can be pushed to, the oldest first; locked, they stay until the COMMIT."""
    if not keys.is_on():
        return []
    rows = _usable([user.pk]).order_by("pk")
    return list(rows.select_for_update() if is_locked else rows)


def owners(users: Iterable[int]) -> frozenset[int]:
    """Return who of these has a browser, in one query; nobody where push is off."""
    return frozenset(_usable(users).values_list("user", flat=True)) if keys.is_on() else frozenset()


@transaction.atomic
def add(
    user: User, asked: AddPush, held: Held, label: str, own_names: Collection[str], now: datetime
) -> PushSubscription:
    """Remember a browser, or renew what is known of it; beyond the bound the oldest goes.

    Args:
        held: with what the user is signed in; when that ends, so does this.
        own_names: by which this installation is reached.

    Raises:
        Refused: forbidden, where push is off, for bots and for our own address; conflict, where another browser has
            the endpoint; signed_out, where the account was closed meanwhile.
    """
    if not keys.is_on():
        raise Refused(ErrorCode.FORBIDDEN, "push is off on this server")
    if user.is_bot:
        raise Refused(ErrorCode.FORBIDDEN, "bots get no push")
    if guard.target(asked.endpoint).host in own_names:
        raise Refused(ErrorCode.FORBIDDEN, "this is no push service")
    # The lock keeps two requests at once from both seeing room for one more.
    if not User.objects.select_for_update(no_key=True).get(pk=user.pk).is_active:
        # Erased or switched off after the request was let in: nothing would remove it any more.
        raise Refused(ErrorCode.SIGNED_OUT, "the account is not active")
    digest = hashlib.sha256(asked.endpoint.encode()).hexdigest()
    known = PushSubscription.objects.select_for_update().filter(digest=digest).first()
    if known is not None and known.user_id != user.pk:
        # Who has the keys too sits at that browser: somebody else has signed in there.
        if (known.p256dh, known.auth) != (asked.p256dh, asked.auth):
            raise _taken()
        settling.drop(known, now)
        known = None
    row = known or PushSubscription(user=user, digest=digest, endpoint=asked.endpoint, created_at=now)
    renewed = {
        "p256dh": asked.p256dh, "auth": asked.auth, "server_key": keys.public(), "label": label,
        "proof": held.proof, "session_key": held.session_key, "session_auth": held.auth,
    }  # fmt: skip
    for name, value in renewed.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            # The rest of a known one may be a worker's just now.
            row.save(update_fields=list(renewed) if known else None)
    except IntegrityError:
        # Somebody else was first by a moment.
        raise _taken() from None
    _forget(user, row, now)
    return row


def remove(user: User, pk: int, now: datetime) -> None:
    """Tell somebody nothing more in a browser. Raises Refused: not_found."""
    settling.drop(own(user, pk), now)


def own(user: User, pk: int) -> PushSubscription:
    """Return one of somebody's own. Raises Refused: not_found."""
    row = PushSubscription.objects.filter(pk=pk, user=user).first()
    if row is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such subscription")
    return row


def holding(rows: Collection[PushSubscription], now: datetime) -> list[PushSubscription]:
    """Remove those whose sign-in has ended, and return the others; three queries."""
    held = {row.pk: Held(row.user_id, row.proof, row.session_key, row.session_auth) for row in rows}
    ended = sign_in.endings(list(held.values()))
    for row in rows:
        if held[row.pk] in ended:
            settling.drop(row, now)
    return [row for row in rows if held[row.pk] not in ended]


def _usable(users: Iterable[int]) -> QuerySet[PushSubscription]:
    return PushSubscription.objects.filter(user__in=users, server_key=keys.public())


def _forget(user: User, newest: PushSubscription, now: datetime) -> None:
    """Remove what another key of ours has made, and the oldest beyond the bound."""
    others = PushSubscription.objects.filter(user=user).exclude(pk=newest.pk)
    # All at once, before anything else is locked.
    rows = list(others.select_for_update().order_by("pk"))
    usable = [row.pk for row in rows if row.server_key == newest.server_key]
    kept = set(usable[1 - PER_USER_MAX_COUNT :])
    for row in rows:
        if row.pk not in kept:
            settling.drop(row, now)


def _taken() -> Refused:
    return Refused(ErrorCode.CONFLICT, "another browser has this endpoint")
