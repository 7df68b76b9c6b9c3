"""What waits for a time of its own: messages to be sent, and reminders."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from chat.models.messages import Message
from chat.models.rooms import Room
from chat.models.users import User
from chat.protocol import limits

_ID_MAX_CHARS = limits.CLIENT_MESSAGE_ID_MAX_CHARS


class ScheduledMessage(models.Model):
    """A message that is posted at its time, as its author. Once it has gone, its text stands in the message alone.

    The rows are the queue. A settled one, sent or cancelled, stays for a while, so that the order of a client that
    comes again does not come true again.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        CANCELLED = "cancelled"

    # What is looked for by author begins with the unique index below.
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", db_index=False)
    parent = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    body = models.TextField(blank=True)
    due_at = models.DateTimeField()
    # Where the author was when choosing the time; for showing only.
    time_zone = models.CharField(max_length=limits.TIME_ZONE_MAX_CHARS, blank=True)
    client_scheduled_id = models.CharField(max_length=_ID_MAX_CHARS)
    # Of what was first asked for under the client's id: it may be changed later.
    client_digest = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    # Set from the moment in which it may be out: then it can be neither changed nor cancelled.
    sending_at = models.DateTimeField(null=True)
    # While in the future, a process has it, or it rests after a failure that passes.
    claimed_until = models.DateTimeField(null=True)
    # Claims since the last answer.
    tries = models.IntegerField(default=0)
    failed_at = models.DateTimeField(null=True)
    failed_code = models.CharField(max_length=32, blank=True)
    failed_detail = models.CharField(max_length=200, blank=True)
    settled_at = models.DateTimeField(null=True)
    # What it has become; a settled row without them was cancelled.
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    seq = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["author", "client_scheduled_id"], name="scheduled_author_client_id"
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(settled_at__isnull=True, failed_at__isnull=True),
                name="scheduled_due",
            ),
            models.Index(
                fields=["room", "due_at"],
                condition=models.Q(settled_at__isnull=True, failed_at__isnull=True),
                name="scheduled_due_in_room",
            ),
            # For messages that go: who points at them.
            models.Index(
                fields=["parent"], condition=models.Q(parent__isnull=False), name="scheduled_of_thread"
            ),
            models.Index(
                fields=["message"], condition=models.Q(message__isnull=False), name="scheduled_as_message"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} by {self.author_id} at {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> State:
        """Tell how far it has come."""
        if self.settled_at is not None:
            return self.State.CANCELLED if self.seq is None else self.State.SENT
        if self.failed_at is not None:
            return self.State.FAILED
        return self.State.WAITING if self.sending_at is None else self.State.SENDING


class Reminder(models.Model):
    """What a person wants to be told of at a time: a message, a text, or both. It stays until it is done."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DUE = "due"
        DONE = "done"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    text = models.CharField(max_length=limits.REMINDER_TEXT_MAX_CHARS, blank=True)
    # The words by which the time was chosen: "tomorrow 9:00".
    label = models.CharField(max_length=limits.REMINDER_LABEL_MAX_CHARS, blank=True)
    due_at = models.DateTimeField()
    client_reminder_id = models.CharField(max_length=_ID_MAX_CHARS)
    client_digest = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "client_reminder_id"], name="reminder_user_client_id")
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(told_at__isnull=True, done_at__isnull=True, deleted_at__isnull=True),
                name="reminder_due",
            ),
            # For messages that go: who points at them.
            models.Index(
                fields=["message"], condition=models.Q(message__isnull=False), name="reminder_of_message"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} of {self.user_id} at {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> State:
        """Tell how far it has come."""
        if self.done_at is not None:
            return self.State.DONE
        return self.State.WAITING if self.told_at is None else self.State.DUE
