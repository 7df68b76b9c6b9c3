"""Files that people put into messages, and files that still wait for theirs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from chat.models.messages import Message
from chat.models.users import User
from chat.protocol import limits


class Attachment(models.Model):
    """An upload of somebody, until a message names it; from then on a file of that message.

    What lies in the storage is found by `key`, which says nothing: `key.raw` as it came, and of a picture that was made
    anew `key.whole` in its place, `key.large` and `key.small`.
    """

    class State(models.TextChoices):
        # Its place is taken and its bytes are on their way.
        ARRIVING = "arriving"
        # A picture as it came, which nobody gets to see.
        WAITING = "waiting"
        READY = "ready"
        # A picture that could not be made anew: a file like others.
        FAILED = "failed"

    uploader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="attachments")
    # Its place among the files of its message, from 0 on.
    place = models.IntegerField(default=0)
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=limits.FILE_NAME_MAX_CHARS)
    type = models.CharField(max_length=limits.FILE_TYPE_MAX_CHARS)
    bytes = models.BigIntegerField()
    alt = models.CharField(max_length=limits.ALT_MAX_CHARS, blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    # Of a picture that is ready, in pixels, upright.
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    uploaded_at = models.DateTimeField(default=timezone.now)
    # Of no message any more: its files are being taken out of the storage, its row after them.
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # How much place somebody takes is summed up from the index alone.
            models.Index(fields=["uploader", "bytes"], name="attachment_place_taken"),
            models.Index(
                fields=["uploaded_at"], condition=Q(message__isnull=True), name="attachment_unposted"
            ),
            models.Index(
                fields=["dropped_at"], condition=Q(dropped_at__isnull=False), name="attachment_dropped"
            ),
            models.Index(fields=["message"], condition=Q(state="waiting"), name="attachment_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.name}"

    @property
    def is_picture(self) -> bool:
        """Tell whether it can be shown as a picture."""
        return self.state == self.State.READY and self.width is not None
