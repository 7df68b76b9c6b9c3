"""Tell every process when accounts are disabled or changed, whichever way that was written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import structlog
from django.db import Error as DatabaseError

from chat.live.envelope import Item, SignedOut, UserChanged, UserEvent
from chat.models import User
from chat.models.users import accounts_changed
from chat.pipeline import run
from chat.protocol import codec, ephemeral
from chat.queries import payloads

_log = structlog.get_logger(__name__)

# What others see of an account. Of more accounts at a time nothing is shown: who is connected reads it the next time.
_SHOWN = frozenset({"handle", "name", "avatar", "doing_emoji", "doing_text", "doing_until"})
_OWN = _SHOWN | {"email", "role", "language", "time_zone", "hides_reading"}
_SHOWN_MAX_COUNT = 200

# How this process tells: its runtime when it has one, else over the layer alone.
_here: list[Callable[[Sequence[Item]], None]] = []


def tell_by(tell: Callable[[Sequence[Item]], None]) -> None:
    """Tell through a runtime from here on; it bears being called from any thread."""
    _here.append(tell)


def tell_no_more_by(tell: Callable[[Sequence[Item]], None]) -> None:
    """Do without a runtime that stops."""
    if tell in _here:
        _here.remove(tell)


def listen() -> None:
    """Begin to hear of accounts."""
    accounts_changed.connect(_hear, dispatch_uid="chat.pipeline.accounts")


def tell(items: list[Item]) -> None:
    """Tell every process, from any thread but the loop's, what is no change of a room."""
    if _here:
        _here[-1](items)
    else:
        run.tell(items)


def _hear(users: Collection[int], names: frozenset[str], is_disabled: bool, **_: Any) -> None:
    items: list[Item] = []
    rows = {} if is_disabled else _read(users, names)
    for user in users:
        if is_disabled:
            items.append(SignedOut(user, is_disabled=True))
        elif "session_salt" in names:
            items.append(SignedOut(user))
        else:
            row = rows.get(user)
            shown = _shown(row) if row is not None and names & _SHOWN else b""
            items.append(UserChanged(user, has_other_role="role" in names, shown=shown))
            if row is not None:
                mine: ephemeral.MeChanged = {"type": "me.changed", "user": payloads.me(row)}
                items.append(UserEvent(user, codec.encode(mine), ""))
    tell(items)


def _read(users: Collection[int], names: Collection[str]) -> dict[int, User]:
    if not _OWN.intersection(names) or len(users) > _SHOWN_MAX_COUNT:
        return {}
    try:
        return User.objects.in_bulk(users)
    except DatabaseError as error:
        # It is stored already; that it cannot be shown at once is no failure of whoever wrote it.
        _log.warning("accounts.not_shown", error=type(error).__name__)
        return {}


def _shown(row: User) -> bytes:
    event: ephemeral.UserChanged = {"type": "user.changed", "user": payloads.user(row)}
    return codec.encode(event)
