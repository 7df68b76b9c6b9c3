"""Files of messages."""

from __future__ import annotations

from chat.models import Attachment, Quote, User
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import visibility


def readable(user: User, pk: int) -> Attachment:
    """Return a file of a message that the user may read, or an upload of one's own that no message has yet.

    Raises:
        Refused: not_found, the same for a missing and a hidden one.
    """
    found = Attachment.objects.filter(pk=pk, dropped_at=None).select_related("message").first()
    if found is None or found.state == Attachment.State.ARRIVING or not _may_read(user, found):
        raise Refused(ErrorCode.NOT_FOUND, "no such attachment")
    return found


def _may_read(user: User, found: Attachment) -> bool:
    if found.message is None:
        return found.uploader_id == user.pk
    if found.message.deleted_at is not None:
        return False
    readable = visibility.rooms(user)
    if readable.filter(pk=found.message.room_id).exists():
        return True
    # Whoever may read a message may see what it quotes.
    quotes = Quote.objects.filter(source=found.message, withdrawn_at=None, message__deleted_at=None)
    return quotes.filter(message__room__in=readable.values("pk")).exists()
