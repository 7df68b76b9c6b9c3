"""What a person or a bot said, and what hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import models

from chat.models.rooms import Room
from chat.models.users import User
from chat.protocol import limits

if TYPE_CHECKING:
    from chat.models.calls import Call


class Message(models.Model):
    """A message as it is now; `seq` is that of its posting, `msg_no` counts the main timeline.

    A reply has none, unless it was said to the room too: then it stands in both.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    msg_no = models.BigIntegerField(null=True)
    sender = models.ForeignKey(User, on_delete=models.PROTECT, related_name="messages")
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="replies", db_index=False
    )
    body = models.TextField(blank=True)
    # The sanitized rendering; null when the body is plain text.
    html = models.TextField(null=True)
    client_message_id = models.CharField(max_length=limits.CLIENT_MESSAGE_ID_MAX_CHARS, null=True)
    # Of what was first sent under the client's id: the body may be edited later.
    client_digest = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    # So that who reads messages without files asks for none. The default is the database's: a process of the version
    # before does not name it.
    attachment_count = models.IntegerField(db_default=0, default=0)
    # In the same way, so that who reads messages without polls asks for none.
    has_poll = models.BooleanField(db_default=False, default=False)
    # About how much of a page takes what it quotes; 0: nothing, and who reads it asks for nothing.
    quote_chars = models.IntegerField(db_default=0, default=0)
    pinned_at = models.DateTimeField(null=True)
    pinned_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    # Of one that was just inserted: whom it calls, so that its wire shape needs no look at the database.
    fresh_calls: Sequence[Call] | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_room_seq"),
            models.UniqueConstraint(
                fields=["sender", "client_message_id"],
                condition=models.Q(client_message_id__isnull=False),
                name="message_sender_client_id",
            ),
        ]
        indexes = [
            # What is asked of a thread: its replies, its end, what came after a seq. Messages of the main timeline,
            # which are most, have no entry.
            models.Index(
                fields=["parent", "seq"], condition=models.Q(parent__isnull=False), name="message_of_thread"
            ),
            models.Index(
                fields=["room", "pinned_at"],
                condition=models.Q(pinned_at__isnull=False),
                name="message_pinned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}:{self.seq}"


class Revision(models.Model):
    """An earlier text of a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    body = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.message_id} until {self.at:%Y-%m-%d %H:%M}"


class Removal(models.Model):
    """Who has deleted the message of somebody else, and why; it is all that is left of the message."""

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="removal"
    )
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=limits.REASON_MAX_CHARS, blank=True)

    def __str__(self) -> str:
        return f"{self.message_id} by {self.by_id}"


class Reaction(models.Model):
    """One user's emoji under a message."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    emoji = models.CharField(max_length=limits.EMOJI_MAX_CHARS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "user", "emoji"], name="reaction_message_user_emoji")
        ]

    def __str__(self) -> str:
        return f"{self.emoji} {self.message_id}"


class Mention(models.Model):
    """A user named in a message; mention counts are read from here."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    msg_no = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="mention_message_user")]
        indexes = [
            models.Index(fields=["user", "room", "msg_no"], name="mention_unread"),
            # All that name somebody, newest first.
            models.Index(fields=["user", "message"], name="mention_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.message_id}"
