"""How long the messages of a room are kept."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chat.models.rooms import Room
from chat.models.users import User


class RoomRetention(models.Model):
    """What a room says for itself; a room without a row is kept as long as the workspace says, and is not held.

    Written under the lock of the room's row, under which messages expire too: a hold that is stored holds.
    """

    room = models.OneToOneField(Room, on_delete=models.CASCADE, primary_key=True, related_name="retention")
    # Null: as the workspace says, unless it is kept for ever.
    days = models.IntegerField(null=True)
    is_forever = models.BooleanField(default=False)
    # A legal hold: while it stands nothing expires here.
    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days=None) | Q(is_forever=False), name="retention_one_of_two")
        ]

    def __str__(self) -> str:
        return f"room {self.room_id}: {'for ever' if self.is_forever else self.days or 'as the workspace'}"
