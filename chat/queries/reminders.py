"""Reminders as their person sees them."""

from __future__ import annotations

from typing import Literal, cast

from chat.models import Reminder
from chat.protocol import shapes
from chat.queries import payloads


def shape(row: Reminder) -> shapes.Reminder:
    """Return a reminder; its message, if it is about one, must be loaded. The text of the message is not in it."""
    return {
        "id": row.pk,
        "message": row.message_id,
        "room": row.message.room_id if row.message else None,
        "text": row.text,
        "label": row.label,
        "due_at": payloads.time(row.due_at),
        "state": cast(Literal["waiting", "due", "done"], row.state.value),
        "created_at": payloads.time(row.created_at),
        "client_reminder_id": row.client_reminder_id,
    }
