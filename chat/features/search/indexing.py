"""Write what the change logs say of messages into the index, behind the messages, so that no writer waits for it.

A room is indexed up to a seq of its log, which is dense and in the order of the commits; so nothing is skipped, and
what is done twice is done once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import structlog
from django.db import transaction
from django.db.models import BigIntegerField, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from chat.features.search import facts
from chat.models import Change, Message, Room, SearchEntry, SearchRoom
from chat.protocol.changes import ChangeKind
from chat.text import grams

_log = structlog.get_logger(__name__)

INDEX = "chat.search.index"
# Of one transaction: the one writer of SQLite is held up for some hundredths of a second.
BATCH_COUNT = 200
_ROOMS_COUNT = 200
# One run goes on for so long at most; the next one is seconds away.
_RUN_S = 30.0
_TOUCHING = frozenset(
    {
        ChangeKind.MESSAGE_POSTED, ChangeKind.MESSAGE_EDITED, ChangeKind.MESSAGE_DELETED,
        ChangeKind.PREVIEW_ATTACHED, ChangeKind.PREVIEW_REMOVED, ChangeKind.ATTACHMENT_READY,
        ChangeKind.REACTION_ADDED, ChangeKind.REACTION_REMOVED,
    }
)  # fmt: skip


def go_on(running_s: float = _RUN_S, rooms_count: int = _ROOMS_COUNT) -> int:
    """Index what is not indexed yet, room by room, and return how many changes were looked at.

    Bears being killed at any point, and being run by several at once. Raises as the database does.
    """
    ends_at = time.monotonic() + running_s
    count = 0
    for room_id in list(behind().order_by("pk").values_list("pk", flat=True)[:rooms_count]):
        while (done := index(room_id)) > 0:
            count += done
            if time.monotonic() > ends_at:
                return count
    return count


def index(room_id: int, batch: int = BATCH_COUNT) -> int:
    """Index the next changes of a room and return how far that came; 0 when none was left, or another was at it."""
    SearchRoom.objects.get_or_create(room_id=room_id)
    last, after = Room.objects.filter(pk=room_id).values_list("last_seq", "search__seq").get()
    # Those whose log has gone are found by their own seq: in threads that live on.
    rows = list(
        Change.objects.filter(room=room_id, seq__gt=after)
        .order_by("seq")
        .values_list("seq", "kind", "message_id", "payload")[:batch]
    )
    through = rows[-1][0] if rows else last
    posted = list(
        Message.objects.filter(room=room_id, seq__gt=after, seq__lte=through)
        .order_by("seq")
        .values_list("pk", "seq")[: batch + 1]
    )
    if len(posted) > batch:
        through = posted[batch - 1][1]
    if through <= after:
        return 0
    touched = {pk for pk, seq in posted if seq <= through}
    for seq, kind, message_id, payload in rows:
        if seq <= through:
            if kind in _TOUCHING and message_id is not None:
                touched.add(message_id)
            elif kind == ChangeKind.MESSAGE_EXPIRED:
                touched.update(payload["messages"])
    entries = entries_of(Message.objects.filter(pk__in=touched, deleted_at=None))
    with transaction.atomic():
        # Whoever comes second finds it moved on, and leaves what the first one wrote.
        if not SearchRoom.objects.filter(room=room_id, seq=after).update(seq=through):
            return 0
        SearchEntry.objects.filter(message_id__in=touched).delete()
        SearchEntry.objects.bulk_create(entries)
    return through - after


def entries_of(messages: Iterable[Message]) -> list[SearchEntry]:
    """Return the entries of messages, as they are now; nothing is written."""
    rows = list(messages)
    on_them = facts.hanging(rows)
    return [
        SearchEntry(message_id=row.pk, numbers=_numbers(row, on_them.get(row.pk, facts.Hanging())))
        for row in rows
    ]


def behind() -> QuerySet[Room]:
    """Return the rooms of which something is not indexed yet, with how far they are as `indexed`."""
    zero = Value(0, output_field=BigIntegerField())
    return Room.objects.annotate(indexed=Coalesce(F("search__seq"), zero)).filter(
        deleted_at=None, last_seq__gt=F("indexed")
    )


def behind_count() -> int:
    """Return how many changes are not indexed yet."""
    return int(behind().aggregate(count=Sum(F("last_seq") - F("indexed")))["count"] or 0)


def begin_anew() -> None:
    """Forget the whole index; it is written again from the beginning."""
    with transaction.atomic():
        SearchRoom.objects.update(seq=0)
    # By parts: one statement over all of it would hold up every writer of SQLite.
    while ids := list(SearchEntry.objects.order_by("pk").values_list("pk", flat=True)[: 10 * BATCH_COUNT]):
        SearchEntry.objects.filter(pk__in=ids).delete()
    _log.info("search.begun_anew")


def _numbers(row: Message, on_it: facts.Hanging) -> list[int]:
    found = facts.facts(row, on_it)
    for text in facts.texts(row, on_it):
        found |= grams.grams(text)
    return sorted({grams.number(one) for one in found})
