"""Pages of a room by seq."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from chat.models import Message, Revision, User
from chat.models.rows import read
from chat.protocol import shapes
from chat.protocol.commands import GetHistory
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import payloads, visibility


def history(user: User, command: GetHistory) -> dict[str, Any]:
    """Return `{items, has_before, has_after}`, seq ascending; without an anchor the newest page.

    Raises:
        Refused: not_found.
    """
    room = visibility.room(user, command.room)
    rows = Message.objects.filter(room=room).select_related("sender")
    before, after, half = command.before, command.after, command.limit // 2
    if after is not None:
        page, has_after = _nearest(rows.filter(seq__gt=after).order_by("seq"), command.limit)
        has_before = rows.filter(seq__lte=after).exists()
    elif command.around is not None:
        newest, oldest = rows.filter(seq__gte=command.around), rows.filter(seq__lt=command.around)
        newer, has_after = _nearest(newest.order_by("seq"), command.limit - half, parts=2)
        older, has_before = _nearest(oldest.order_by("-seq"), half, parts=2)
        page = older[::-1] + newer
    else:
        found = rows if before is None else rows.filter(seq__lt=before)
        page, has_before = _nearest(found.order_by("-seq"), command.limit)
        page.reverse()
        has_after = before is not None and rows.filter(seq__gte=before).exists()
    return {"items": payloads.messages(page), "has_before": has_before, "has_after": has_after}


def _nearest(rows: QuerySet[Message], count: int, parts: int = 1) -> tuple[list[Message], bool]:
    """Return at most so many rows, fewer if their texts are long, and whether there are more."""
    found = read(rows[: count + 1])
    chars = (payloads.text_chars(row) for row in found[:count])
    fitting = payloads.fitting_count(chars, payloads.PAGE_CHARS // parts)
    return found[:fitting], len(found) > fitting


def one(user: User, message_id: int) -> shapes.Message:
    """Return a message. Raises Refused: not_found."""
    return payloads.messages([visibility.message(user, message_id)])[0]


def written(message_id: int) -> shapes.Message:
    """Return a message that the caller has just written, even if the caller was removed meanwhile."""
    return payloads.messages([Message.objects.select_related("sender").get(pk=message_id)])[0]


def pinned(user: User, room_id: int, before: int, limit: int) -> tuple[list[shapes.Message], int | None]:
    """Return a page of what is pinned in a room, the highest seq first, and where the next one goes on.

    `before`: a seq; 0 begins at the newest. Raises Refused: not_found.
    """
    room = visibility.room(user, room_id)
    rows = Message.objects.filter(room=room, pinned_at__isnull=False).select_related("sender")
    if before:
        rows = rows.filter(seq__lt=before)
    page, has_more = _nearest(rows.order_by("-seq"), limit)
    return payloads.messages(page), page[-1].seq if has_more else None


def versions(user: User, message_id: int, before: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of the earlier texts of a message, the newest first, and where the next one goes on.

    Raises:
        Refused: not_found.
    """
    message = visibility.message(user, message_id)
    if message.deleted_at is not None:
        raise Refused(ErrorCode.NOT_FOUND, "no such message")
    rows = Revision.objects.filter(message=message)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    fitting = payloads.fitting_count(len(row.body) for row in found[:limit])
    shown = [{"body": row.body, "until": payloads.time(row.at)} for row in found[:fitting]]
    return shown, found[fitting - 1].pk if len(found) > fitting else None


def thread(user: User, message_id: int, after: int, limit: int) -> list[shapes.Message]:
    """Return the replies of a thread after a seq, ascending; one more than `limit` where there are more.

    Raises:
        Refused: not_found.
    """
    first = visibility.message(user, message_id)
    rows = Message.objects.filter(parent=first.parent_id or first.pk, seq__gt=after).select_related("sender")
    return payloads.messages(read(rows.order_by("seq")[: limit + 1]))
