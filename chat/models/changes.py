"""The change log: the ordered facts of each room."""

from __future__ import annotations

from django.db import models

from chat.models.messages import Message
from chat.models.rooms import Room
from chat.models.users import User


class Change(models.Model):
    """One fact of a room, thin: a replay reads the message as it is now.

    So a deleted or expired text is never replayed, and retention frees its disk.
    """

    pk = models.CompositePrimaryKey("room_id", "seq")
    # Nothing of a row is looked up again by the database: the transaction that writes it has locked the room and read
    # the people, and neither rooms nor people are ever deleted.
    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="changes", db_index=False, db_constraint=False
    )
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False
    )
    # Of one that has expired the id alone is left: the change keeps its place, and a replay says that it is gone.
    # A constraint would look through the whole log for each message that goes; nothing is looked for that way.
    message = models.ForeignKey(
        Message, on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    # Whom it is about: who joined, left or has another role.
    subject = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="+", db_index=False, db_constraint=False
    )
    payload = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.room_id}:{self.seq} {self.kind}"
