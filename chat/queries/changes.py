"""The change log: what came after a cursor."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Least, Length, Replace

from chat.models import Change, Room, User
from chat.models.rows import read
from chat.protocol import limits
from chat.protocol.changes import Change as WireChange
from chat.protocol.commands import GetChanges
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import payloads, visibility

_BODY_CHARS = Coalesce(Length("message__body"), 0)
_LINKS_COUNT = (_BODY_CHARS - Coalesce(Length(Replace("message__body", Value(payloads.LINK))), 0)) / len(
    payloads.LINK
)
# As payloads.text_chars counts.
_TEXT_CHARS = (
    _BODY_CHARS
    + Coalesce(Length("message__html"), 0)
    + Least(_LINKS_COUNT, limits.PREVIEWS_PER_MESSAGE_MAX_COUNT) * payloads.PREVIEW_CHARS
    + Coalesce(F("message__attachment_count"), 0) * payloads.ATTACHMENT_CHARS
    + Case(When(message__has_poll=True, then=payloads.POLL_CHARS), default=0)
    + Coalesce(F("message__quote_chars"), 0)
)


class LogBeginsLater(Refused):
    """What comes after a cursor is not whole any more: the room is to be read anew."""

    def __init__(self, room_id: int, after: int) -> None:
        super().__init__(ErrorCode.GONE, f"changes after {after:,} are gone: read the room anew")
        self.room_id = room_id


def since(room_id: int, after: int, limit: int, up_to: int | None = None) -> list[WireChange]:
    """Return the changes after a seq, ascending, at most `limit` and fewer if their texts are long.

    For the hub, which has no user. None are left exactly when none come.

    Raises:
        LogBeginsLater: some of them have expired.
    """
    rows = Change.objects.filter(room_id=room_id, seq__gt=after)
    if up_to is not None:
        rows = rows.filter(seq__lte=up_to)
    found = _fitting(rows.order_by("seq"), limit, payloads.PAGE_CHARS)
    begins_after = found[0].expired_seq if found else _beginning(room_id)  # type: ignore[attr-defined]
    if after < begins_after:
        raise LogBeginsLater(room_id, after)
    return payloads.changes(found)


def since_many(cursors: Mapping[int, int], limit: int) -> dict[int, list[WireChange]]:
    """Return the changes after each room's cursor, ascending, in a fixed number of queries.

    At most `limit` in all, and fewer if their texts are long: of rooms that come late, some or all may be missing.
    Those whose log begins later are left out.
    """
    if not cursors:
        return {}
    wanted = Q()
    for room_id, after in cursors.items():
        wanted |= Q(room_id=room_id, seq__gt=after)
    rows = _fitting(Change.objects.filter(wanted).order_by("room_id", "seq"), limit, payloads.PAGE_CHARS)
    found: dict[int, list[WireChange]] = {}
    whole = [row for row in rows if cursors[row.room_id] >= row.expired_seq]  # type: ignore[attr-defined]
    for change in payloads.changes(whole):
        found.setdefault(change["room"], []).append(change)
    return found


def page(user: User, command: GetChanges) -> list[WireChange]:
    """Return a page of changes that the user may read. Raises Refused: not_found, gone."""
    room = visibility.room(user, command.room)
    return since(room.pk, command.after, command.limit)


def heads(room_ids: Collection[int]) -> dict[int, int]:
    """Return the last seq of each room."""
    return dict(Room.objects.filter(pk__in=room_ids).values_list("pk", "last_seq"))


def _beginning(room_id: int) -> int:
    return Room.objects.filter(pk=room_id).values_list("expired_seq", flat=True).first() or 0


def _fitting(rows: QuerySet[Change], limit: int, max_chars: int) -> Sequence[Change]:
    annotated = rows.annotate(text_chars=_TEXT_CHARS, expired_seq=F("room__expired_seq"))
    sized: Sequence[Any] = read(annotated[:limit])
    return sized[: payloads.fitting_count((row.text_chars for row in sized), max_chars)]
