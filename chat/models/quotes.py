"""What messages show of other messages."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chat.models.messages import Message


class Quote(models.Model):
    """The text of a message as another one quotes it: as it was then, and for as long as that message is there.

    Its author, time and files are those of `source`. Once `source` is deleted or has expired, the text is emptied in
    the same transaction, and the message says that what it quoted is gone.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="+")
    source = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="quotes")
    body = models.TextField(blank=True)
    html = models.TextField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # For what follows the expiry of messages, of which nothing else is left.
            models.Index(
                fields=["withdrawn_at"],
                condition=Q(source__isnull=True, withdrawn_at__isnull=False),
                name="quote_withdrawn",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} in {self.message_id}"
