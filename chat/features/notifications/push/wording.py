"""What a push says: short, in the language of who gets it, and where in the page a click leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from chat.features.notifications import writing
from chat.models import Message, Notification, User
from chat.queries import workspace
from chat.text.plain import plain

# Four bytes a character at most: together with the rest far below what may be sent.
_TITLE_MAX_CHARS = 100
_BODY_MAX_CHARS = 240
_FILE_MAX_CHARS = 80


def unread(user: User, rows: Sequence[Notification]) -> dict[str, Any]:
    """Write about messages of one room, the newest last: its text, its files, and how many came before it.

    Rooms and senders must be loaded.
    """
    message = rows[-1].message
    with writing.spoken_to(user):
        author, room = (
            message.sender.get_full_name(),
            writing.titles_of(user, [message.room])[message.room_id],
        )
        lines = [*filter(None, [_short(plain(message.body), _BODY_MAX_CHARS)]), *_files(message)]
        if len(rows) > 1:
            lines.append(_("And earlier ones: %(count)d.") % {"count": len(rows) - 1})
    return {
        # In a conversation of two the room is called as its author.
        "title": _short(author if author == room else f"{author} · {room}", _TITLE_MAX_CHARS),
        "body": "\n".join(lines),
        "tag": tag_of(message.room_id),
        "path": writing.path_of(message),
        "room": message.room_id,
        "message": message.pk,
    }


def _files(message: Message) -> list[str]:
    """Return one line about its files; of one without words it is all that there is to say."""
    names = writing.file_names(message)
    if not names:
        return []
    first = _short(names[0], _FILE_MAX_CHARS)
    if len(names) > 1:
        first = _("%(name)s and %(count)d more") % {"name": first, "count": len(names) - 1}
    return [f"📎 {first}"]


def test(user: User) -> dict[str, Any]:
    """Write what somebody has asked for to see that it arrives."""
    with writing.spoken_to(user):
        return {
            "title": _short(workspace.name(), _TITLE_MAX_CHARS),
            "body": _("Notifications reach this device."),
            "tag": "test",
            "path": "/settings/",
            "room": None,
            "message": None,
        }


def tag_of(room_id: int) -> str:
    """Return what all pushes of a room have in common: the newest takes the place of the one before."""
    return f"room-{room_id}"


def _short(text: str, max_chars: int) -> str:
    line = " ".join(text[: 8 * max_chars].split())
    return line if len(line) <= max_chars else f"{line[: max_chars - 1].rstrip()}…"
