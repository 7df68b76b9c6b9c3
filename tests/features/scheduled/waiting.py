"""Makers of scheduled messages, and a clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chat.features.scheduled import service
from chat.features.scheduled.commands import ScheduleMessage
from chat.models import Room, ScheduledMessage, User
from tests.make import client_message_id

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class Clock:
    """The time of a test."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def asked(room: Room, body: str, due_at: datetime, **fields: Any) -> ScheduleMessage:
    """Return an order."""
    fields = {"client_scheduled_id": client_message_id(), **fields}
    return ScheduleMessage(room=room.pk, body=body, due_at=due_at.isoformat(), **fields)


def later(
    author: User, room: Room, body: str = "later", after_s: float = 60, now: datetime = NOON, **fields: Any
) -> ScheduledMessage:
    """Store one that is due so long after now."""
    return service.create(author, asked(room, body, now + timedelta(seconds=after_s), **fields), now)


def state(row: ScheduledMessage) -> str:
    """Return how far it has come by now."""
    return ScheduledMessage.objects.get(pk=row.pk).state.value


def mine(author: User) -> list[ScheduledMessage]:
    """Return what the author's list shows."""
    return service.browse(author, 0, 200)[0]
