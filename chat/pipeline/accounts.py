"""Tell every process when accounts are disabled or changed, whichever way that was written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from chat.live.envelope import Item, SignedOut, UserChanged
from chat.models.users import accounts_changed
from chat.pipeline import run

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


def _hear(users: Collection[int], names: Collection[str], is_disabled: bool, **_: Any) -> None:
    items: list[Item] = []
    for user in users:
        if is_disabled:
            items.append(SignedOut(user, is_disabled=True))
        elif "session_salt" in names:
            items.append(SignedOut(user))
        else:
            items.append(UserChanged(user, has_other_role="role" in names))
    tell(items)
