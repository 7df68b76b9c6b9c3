"""Previews of links."""

from __future__ import annotations

from chat.models import Preview, User
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import visibility


def image_file(user: User, message_id: int, preview_id: int) -> str:
    """Return where the picture of a preview lies in the storage.

    Raises:
        Refused: not_found, the same for a missing and a hidden one.
    """
    message = visibility.message(user, message_id)
    shown = Preview.objects.filter(pk=preview_id, message=message, removed_at=None, message__deleted_at=None)
    file = shown.values_list("image__file", flat=True).first()
    if file is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such message")
    return str(file)
