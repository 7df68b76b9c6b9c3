"""What is past its time in a room: up to where its log is, and which messages may go next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from chat.models import (
    Attachment,
    Call,
    Change,
    Mention,
    Message,
    Notification,
    Preview,
    Reaction,
    Revision,
    Room,
    ScheduledMessage,
)
from chat.protocol import limits

# What one transaction removes at most, what hangs on the messages counted too; or one message with what hangs on it.
ROWS_MAX_COUNT = 2_000
_HANGING = (Reaction, Mention, Call, Revision, Preview, Notification, Attachment)


def last_before(room: Room, cutoff: datetime) -> int:
    """Return the seq of a room's last change from before a time, never less than the log's beginning.

    Within a room times grow with seq, so a few looks into the log find it.
    """
    low, high = room.expired_seq, room.last_seq
    log = Change.objects.filter(room=room).order_by("seq").values_list("seq", "at")
    while low < high:
        middle = (low + high) // 2
        # A hole, where the database was damaged, is passed over.
        seq, at = log.filter(seq__gt=middle, seq__lte=high).first() or (high + 1, cutoff)
        low, high = (seq, high) if at < cutoff else (low, middle)
    return low


def going(room_id: int, cutoff: datetime, through: int) -> QuerySet[Message]:
    """Return the messages that may go: from before a time, in threads whose newest reply is too.

    A reply that is scheduled keeps its thread. `through`: at least the seq of the last of them; bounds the search.
    """
    of_thread = Message.objects.filter(parent=OuterRef("root"), at__gte=cutoff)
    waiting = ScheduledMessage.objects.filter(parent=OuterRef("root"), settled_at=None, failed_at=None)
    old = Message.objects.filter(room=room_id, seq__lte=through, at__lt=cutoff)
    return old.annotate(root=Coalesce("parent_id", "pk")).filter(~Exists(of_thread), ~Exists(waiting))


def next_batch(room_id: int, cutoff: datetime, through: int) -> list[int]:
    """Return ids of the messages that go next, oldest threads first, each whole with its first message first.

    Of a thread that is too much for one transaction its first message and some replies.
    """
    roots = going(room_id, cutoff, through).filter(parent=None).order_by("seq")
    threads: dict[int, list[int]] = {
        pk: [pk] for pk in roots.values_list("pk", flat=True)[: limits.EXPIRY_MAX_COUNT]
    }
    replies = Message.objects.filter(parent__in=list(threads)).order_by("parent__seq", "seq")
    for root, pk in replies.values_list("parent_id", "pk")[: limits.EXPIRY_MAX_COUNT]:
        threads[root].append(pk)
    whole = dict(
        Message.objects.filter(parent__in=list(threads))
        .order_by()
        .values_list("parent_id")
        .annotate(Count("pk"))
    )
    rows = _rows_of([pk for thread in threads.values() for pk in thread])
    chosen: list[int] = []
    count = 0
    for root, thread in threads.items():
        is_whole = len(thread) - 1 == whole.get(root, 0)
        size = sum(rows[pk] for pk in thread)
        fits = len(chosen) + len(thread) <= limits.EXPIRY_MAX_COUNT and count + size <= ROWS_MAX_COUNT
        if is_whole and fits:
            chosen += thread
            count += size
        elif not chosen:
            return _part(thread, rows)
        else:
            break
    return chosen


def _part(thread: Sequence[int], rows: Counter[int]) -> list[int]:
    """Return as much of a thread as one transaction takes: its first message, and one reply at least."""
    chosen, count = list(thread[:2]), sum(rows[pk] for pk in thread[:2])
    for pk in thread[2 : limits.EXPIRY_MAX_COUNT]:
        if (count := count + rows[pk]) > ROWS_MAX_COUNT:
            break
        chosen.append(pk)
    return chosen


def _rows_of(messages: Collection[int]) -> Counter[int]:
    """Return how many rows go with each message, its own among them."""
    found = Counter(messages)
    for kind in _HANGING:
        counted = kind._default_manager.filter(message__in=messages).order_by()
        found.update(dict(counted.values_list("message_id").annotate(Count("pk"))))
    return found
