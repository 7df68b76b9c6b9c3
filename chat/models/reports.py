"""What people have told those in charge about a message."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from chat.models.messages import Message
from chat.models.rooms import Room
from chat.models.users import User
from chat.protocol import limits


class Report(models.Model):
    """One person's word about one message; it goes with the message. Who is reported never learns of whom."""

    class Kind(models.TextChoices):
        SPAM = "spam"
        ABUSE = "abuse"
        PRIVATE = "private"
        OTHER = "other"

    class Resolution(models.TextChoices):
        OPEN = ""
        DISMISSED = "dismissed"
        DELETED = "deleted"
        MUTED = "muted"
        REMOVED = "removed"
        BANNED = "banned"
        # In another way than by what can be done here.
        SETTLED = "settled"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reports", db_index=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", db_index=False)
    reporter = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    text = models.CharField(max_length=limits.REASON_MAX_CHARS, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    resolution = models.CharField(max_length=10, choices=Resolution, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "reporter"], name="report_message_reporter")
        ]
        indexes = [
            # What waits is little; all of it is looked through.
            models.Index(fields=["room", "message"], condition=Q(resolved_at=None), name="report_open"),
            models.Index(fields=["reporter", "-created_at"], name="report_of_reporter"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} about {self.message_id}"
