"""Who follows which thread, and how far each has read it."""

from __future__ import annotations

from django.db import models

from chat.models.messages import Message
from chat.models.users import User


class ThreadFollow(models.Model):
    """A user and a thread; unread is counted from `read_seq`, never stored.

    The row of who does not follow any more stays, so that being answered to does not bring it back.
    """

    # The first message of the thread.
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="follows", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    is_on = models.BooleanField(default=True)
    # Replies up to this seq of the room are read.
    read_seq = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="thread_follow_once")]
        indexes = [
            models.Index(fields=["user", "-id"], name="thread_follow_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.message_id}"
