"""Texts that people have begun to write and not sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chat.models.messages import Message
from chat.models.rooms import Room
from chat.models.users import User


class DraftText(models.Model):
    """What one person has begun to write in one place: a room, or a thread in it. The last to write wins, by time.

    The row of one that was sent or thrown away stays empty for a while, so that an older one does not come back.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", db_index=False)
    # The first message of the thread.
    parent = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    body = models.TextField(blank=True)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "room"], condition=Q(parent__isnull=True), name="draft_of_room"
            ),
            models.UniqueConstraint(
                fields=["user", "parent"], condition=Q(parent__isnull=False), name="draft_of_thread"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "id"], name="draft_of_user"),
            # For messages that go: who points at them.
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="draft_under_message"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"
