"""What a person has chosen to be told, and what the ledger says of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils import timezone

from chat.features.notifications import digest, people, rules, trial
from chat.models import Letter, Notification, NotificationSettings, User
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.queries import payloads


def read(user: User) -> dict[str, Any]:
    """Return somebody's settings, and whether mail can reach them at all."""
    return _shape(user, NotificationSettings.objects.filter(user=user).first() or NotificationSettings())


@transaction.atomic
def write(user: User, given: Mapping[str, Any], now: datetime | None = None) -> dict[str, Any]:
    """Change what is given, leave the rest, and return it all.

    Args:
        given: `mail`, `digest`, `quiet_from` and `quiet_to` as HH:MM or empty.

    Raises:
        ProtocolError: bad_frame for quiet hours that have no end or no length.
    """
    # The account's row is there already: of two who write at once the second sees what the first has written.
    user = User.objects.select_for_update().get(pk=user.pk)
    chosen = NotificationSettings.objects.filter(user=user).first() or NotificationSettings(user=user)
    if "mail" in given:
        chosen.wants_mail = given["mail"]
    for name in ("quiet_from", "quiet_to"):
        if name in given:
            setattr(chosen, name, time.fromisoformat(given[name]) if given[name] else None)
    if (chosen.quiet_from is None) != (chosen.quiet_to is None):
        raise ProtocolError(ErrorCode.BAD_FRAME, "quiet_from and quiet_to: needs both or neither")
    if chosen.quiet_from is not None and chosen.quiet_from == chosen.quiet_to:
        raise ProtocolError(ErrorCode.BAD_FRAME, "quiet_to: is the same as quiet_from")
    if "digest" in given and given["digest"] != chosen.digest:
        chosen.digest = given["digest"]
        chosen.digest_at = digest.plan(chosen, user, now or timezone.now())
    chosen.save()
    return _shape(user, chosen)


def plan_again(user: User) -> None:
    """Move somebody's next digest to the morning of another time zone."""
    chosen = NotificationSettings.objects.filter(user=user).exclude(digest_at=None).first()
    if chosen is not None:
        again = digest.plan(chosen, user, timezone.now())
        NotificationSettings.objects.filter(pk=chosen.pk, digest=chosen.digest).update(digest_at=again)


def page(user: User, message: int | None, before: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of somebody's own rows of the ledger, the newest first, and the cursor of the next one.

    Args:
        message: only what is about this one.
        before: rows below this id; 0 for the newest.
    """
    rows = Notification.objects.filter(user=user).select_related("message")
    if message is not None:
        rows = rows.filter(message=message)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    return [_row(row) for row in found[:limit]], found[limit - 1].pk if len(found) > limit else None


def _shape(user: User, chosen: NotificationSettings) -> dict[str, Any]:
    tried = trial.last(user)
    return {
        "mail": chosen.wants_mail,
        "quiet_from": _clock(chosen.quiet_from),
        "quiet_to": _clock(chosen.quiet_to),
        "digest": chosen.digest,
        "next_digest_at": _time(chosen.digest_at),
        "time_zone": people.zone_of(user).key,
        "email": user.email,
        "no_mail": rules.unreachable(people.one(user)),
        "test": _tried(tried) if tried else None,
    }


def _tried(row: Letter) -> dict[str, Any]:
    return {"at": payloads.time(row.created_at), "sent_at": _time(row.sent_at), "said": row.said}


def _row(row: Notification) -> dict[str, Any]:
    return {
        "id": row.pk,
        "message": row.message_id,
        "room": row.message.room_id,
        "seq": row.message.seq,
        "msg_no": row.message.msg_no,
        "rule": row.rule,
        "way": row.way,
        "outcome": row.outcome,
        "why": row.why or None,
        "until": _time(row.until),
        "said": row.said,
        "at": payloads.time(row.created_at),
        "changed_at": payloads.time(row.changed_at),
    }


def _clock(value: time | None) -> str:
    return value.isoformat("minutes") if value else ""


def _time(value: datetime | None) -> str | None:
    return payloads.time(value) if value else None
