"""What is said of messages that somebody else than their author has deleted."""

from __future__ import annotations

from chat.models import Removal
from chat.protocol import shapes


def told(messages: list[shapes.Message]) -> list[shapes.Message]:
    """Put into the deleted ones who has done it and why, unless it was their author; one query where any is deleted."""
    deleted = {message["id"]: message for message in messages if message["deleted_at"] is not None}
    if deleted:
        rows = Removal.objects.filter(message__in=deleted)
        for pk, by, reason in rows.values_list("message_id", "by_id", "reason"):
            deleted[pk]["removal"] = {"by": by, "reason": reason}
    return messages
