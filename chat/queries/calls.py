"""Whom messages call at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

from chat.models import Call, Message
from chat.protocol import shapes
from chat.text import calls

# What a call adds to a page, about: the ids of some hundred people.
_CHARS = 1_000


def of(rows: Sequence[Message]) -> dict[int, list[shapes.Call]]:
    """Return the calls of messages, by id; nothing is asked for where no text shows one."""
    found = {
        row.id: [_shape(call) for call in row.fresh_calls] for row in rows if row.fresh_calls is not None
    }
    asked = [row.id for row in rows if row.fresh_calls is None and calls.has_any(row.html)]
    for call in Call.objects.filter(message__in=asked).order_by("pk") if asked else ():
        found.setdefault(call.message_id, []).append(_shape(call))
    return found


def chars(row: Message) -> int:
    """Return about how much of a page the calls of a message take."""
    return _CHARS if calls.has_any(row.html) else 0


def _shape(row: Call) -> shapes.Call:
    return {
        "kind": cast(Literal["here", "room", "group"], row.kind),
        "group": row.group_id,
        "users": [] if row.kind == Call.Kind.ROOM else row.ids,
    }
