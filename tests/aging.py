"""Rooms with a past: what was written is made older, as a whole and in its order."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from chat.models import Change, Message, Room, RoomRetention, Workspace


def age(room: Room, days: float, through: int | None = None) -> datetime:
    """Make everything in a room up to a seq, or all of it, at least so many days old; return that time."""
    at = timezone.now() - timedelta(days=days)
    for kind in (Change, Message):
        rows = kind.objects.filter(room=room, at__gt=at)
        (rows if through is None else rows.filter(seq__lte=through)).update(at=at)
    return at


def keep(days: int | None, room: Room | None = None) -> None:
    """Let messages be kept for so many days, in a room or everywhere."""
    if room is None:
        Workspace.objects.update(retention_days=days)
    else:
        RoomRetention.objects.update_or_create(room=room, defaults={"days": days})


def left(room: Room) -> list[str]:
    """Return the texts that are still in a room, oldest first."""
    return list(Message.objects.filter(room=room).order_by("seq").values_list("body", flat=True))
