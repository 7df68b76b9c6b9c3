"""Rows of accounts to wire shapes; payloads.py gives them on, so that there is one place to ask."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import cast

from django.db.models import QuerySet
from django.utils import timezone

from chat.models import User
from chat.protocol import shapes


def time(at: datetime) -> str:
    """Return a time as on the wire: UTC, milliseconds, Z."""
    return _time(at)


@lru_cache(1_024)
def _time(at: datetime) -> str:
    # All that a batch has written has one time.
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def user(row: User) -> shapes.User:
    """Return a user; who is online is known by the live floor, which fills `status` in."""
    doing_now = doing(row.doing_emoji, row.doing_text, row.doing_until, timezone.now())
    return {**sender(row), "status": "unknown", "doing": doing_now}


_COLUMNS = ("pk", "handle", "name", "avatar", "is_bot", "doing_emoji", "doing_text", "doing_until")


def users(rows: QuerySet[User]) -> list[shapes.User]:
    """Return users without making their rows: everybody who resumes gets thousands of them."""
    now = timezone.now()
    return [
        {
            "id": pk,
            "handle": handle,
            "name": name or handle,
            "avatar": avatar(pk, key),
            "is_bot": is_bot,
            "status": "unknown",
            "doing": doing(emoji, text, until, now),
        }
        for pk, handle, name, key, is_bot, emoji, text, until in rows.values_list(*_COLUMNS)
    ]


def profile(row: User) -> shapes.Profile:
    """Return what somebody tells of themselves."""
    more = {"title": row.title, "pronouns": row.pronouns, "time_zone": row.time_zone}
    return cast(shapes.Profile, {**user(row), **more})


def me(row: User) -> shapes.Me:
    """Return the signed-in user."""
    own = {"role": row.role, "email": row.email, "language": row.language, "time_zone": row.time_zone}
    return cast(shapes.Me, {**user(row), **own, "hides_reading": row.hides_reading})


def sender(row: User) -> shapes.Sender:
    """Return who wrote a message."""
    return {
        "id": row.pk,
        "handle": row.handle,
        "name": row.get_full_name(),
        "avatar": avatar(row.pk, row.avatar),
        "is_bot": row.is_bot,
    }


def avatar(user_id: int, key: str) -> str | None:
    """Return the address of a face, by its key."""
    return f"/api/v1/users/{user_id}/avatar/{key}" if key else None


def doing(emoji: str, text: str, until: datetime | None, now: datetime) -> shapes.Doing | None:
    """Return what somebody is doing; what has ended is not said, whether or not anything was running at that time."""
    if not (emoji or text) or (until is not None and until <= now):
        return None
    return {"emoji": emoji, "text": text, "until": time(until) if until is not None else None}
