"""Messages that people have put aside for themselves."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.messages import Message
from chat.models.users import User


class Saved(models.Model):
    """A message that a person comes back to; nobody else sees it. It goes with the message."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "message"], name="saved_user_message")]

    def __str__(self) -> str:
        return f"{self.message_id} for {self.user_id}"
