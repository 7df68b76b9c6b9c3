"""Whether what is derived from rows still is what the rows say; in bounded slices, and without a lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import BigIntegerField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, Greatest, Lag

from chat.models import Attachment, Call, Change, Membership, Mention, Message, Room, ThreadFollow

# What can be wrong, by kind; members, replies and unread are counted from the rows at each reading, and what that
# rests on is among these.
KINDS = {
    "last_seq": "rooms whose last_seq is not that of their last change",
    "last_msg_no": "rooms whose last_msg_no is not that of their last message",
    "log": "changes that are missing in a room's log",
    "read_marker": "read markers beyond the last message",
    "mention": "mentions and calls that stand at another place than their message",
    "attachment": "messages that count other files than they have",
    "thread": "replies that stand in no thread of their room, or in the timeline under a number that was given",
    "thread_marker": "threads that are read beyond the room's end, or followed where no thread begins",
}
_SLICE_COUNT = 10_000


def wrong(room_id: int) -> Counter[str]:
    """Return how many rows of a room are wrong, by kind; nothing for a room that is gone.

    Each statement sees one moment, several do not: what is found while people write is to be looked at again under
    the room's lock.
    """
    found: Counter[str] = Counter()
    row = _heads(room_id).first()
    if row is None:
        return found
    found["last_seq"] += row.last_seq != row.top_seq
    found["last_msg_no"] += not _is_last_msg_no(row)
    found["read_marker"] += markers_beyond(room_id).count()
    found["thread_marker"] += misplaced_follows(room_id).count()
    for low, high in slices(row.expired_seq, min(row.last_seq, row.top_seq)):
        found["log"] += high - low - Change.objects.filter(room=room_id, seq__gt=low, seq__lte=high).count()
    for low, high in slices(0, row.top_seq):
        for misplaced in (misplaced_mentions(room_id), misplaced_calls(room_id)):
            found["mention"] += misplaced.filter(_between(low, high, "message__")).count()
        found["attachment"] += miscounted_files(room_id).filter(_between(low, high)).count()
        found["thread"] += misplaced_replies(room_id).filter(_between(low, high)).count()
        found["thread"] += len(stray_replies(room_id, low, high))
    return +found


def last_hole(room_id: int) -> int:
    """Return the last seq of a room that is missing in its log, 0 when none is; what has expired is not missing."""
    row = _heads(room_id).get()
    if row.last_seq > row.top_seq:
        return int(row.last_seq)
    for low, high in reversed(list(slices(row.expired_seq, row.last_seq))):
        seqs = Change.objects.filter(room=room_id, seq__gt=low, seq__lte=high).values_list("seq", flat=True)
        if missing := set(range(low + 1, high + 1)) - set(seqs):
            return max(missing)
    return 0


def top_msg_no(room_id: int) -> int:
    """Return the highest msg_no that a message of a room has."""
    return Message.objects.filter(room=room_id).aggregate(top=Max("msg_no"))["top"] or 0


def top_seq(room_id: int) -> int:
    """Return the highest seq that a change or a message of a room has, or with which they have expired."""
    return int(_heads(room_id).get().top_seq)


def markers_beyond(room_id: int) -> QuerySet[Membership]:
    """Return the memberships that have read more than there is."""
    return Membership.objects.filter(room=room_id, read_msg_no__gt=F("room__last_msg_no"))


def misplaced_mentions(room_id: int) -> QuerySet[Mention]:
    """Return the mentions in messages of a room that say another room or msg_no than the message does."""
    is_same = Q(room=F("message__room")) & (
        Q(msg_no=F("message__msg_no")) | Q(msg_no=None, message__msg_no=None)
    )
    same = Mention.objects.filter(is_same, pk=OuterRef("pk"))
    return Mention.objects.filter(~Exists(same), message__room=room_id)


def misplaced_calls(room_id: int) -> QuerySet[Call]:
    """Return the calls in messages of a room that say another room or msg_no than the message does."""
    is_same = Q(room=F("message__room")) & (
        Q(msg_no=F("message__msg_no")) | Q(msg_no=None, message__msg_no=None)
    )
    same = Call.objects.filter(is_same, pk=OuterRef("pk"))
    return Call.objects.filter(~Exists(same), message__room=room_id)


def misplaced_replies(room_id: int) -> QuerySet[Message]:
    """Return the replies that answer a reply, or a message of another room."""
    is_wrong = Q(parent__parent__isnull=False) | ~Q(parent__room=room_id)
    return Message.objects.filter(is_wrong, room=room_id, parent__isnull=False)


def stray_replies(room_id: int, low: int, high: int) -> list[int]:
    """Return the replies, by id, whose msg_no is not above that of the message before them in the timeline."""
    before = Window(Lag("msg_no"), order_by="seq")
    main = Message.objects.filter(_between(low, high), room=room_id, msg_no__isnull=False)
    # Which of them are replies is looked at last: the message before one is any of the timeline.
    rows = main.annotate(before=before).filter(before__gte=F("msg_no")).values_list("pk", "parent_id")
    return [pk for pk, parent in rows if parent]


def misplaced_follows(room_id: int) -> QuerySet[ThreadFollow]:
    """Return what says that a reply is followed, or that more is read than there is; unread itself is counted."""
    is_wrong = Q(message__parent__isnull=False) | Q(read_seq__gt=F("message__room__last_seq"))
    return ThreadFollow.objects.filter(is_wrong, message__room=room_id)


def miscounted_files(room_id: int) -> QuerySet[Any]:
    """Return the messages that count other files than they have, with `files`; a deleted one has none."""
    rows = Attachment.objects.filter(message=OuterRef("pk"), dropped_at=None).order_by()
    counted = rows.values("message").annotate(files=Count("pk")).values("files")
    found = Message.objects.filter(room=room_id).annotate(files=Coalesce(Subquery(counted), 0))
    is_right = Q(attachment_count=F("files")) & (Q(deleted_at=None) | Q(files=0))
    return found.exclude(is_right)


def slices(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Cut the seqs after `low` up to `high` into stretches that one statement looks at: (after, up to)."""
    for start in range(low, high, _SLICE_COUNT):
        yield start, min(high, start + _SLICE_COUNT)


def _heads(room_id: int) -> QuerySet[Any]:
    """Return a room with what its rows say, in one statement."""
    main = Message.objects.filter(room=OuterRef("pk"), msg_no__isnull=False)
    return (
        Room.objects.filter(pk=room_id)
        .annotate(
            top_change=_top(Change.objects.filter(room=OuterRef("pk")).order_by("-seq").values("seq")),
            top_message=_top(Message.objects.filter(room=OuterRef("pk")).order_by("-seq").values("seq")),
            # The last message of the main timeline; within a room msg_no grows with seq.
            top_no=_top(main.order_by("-seq").values("msg_no")),
            has_kept=Exists(main.filter(seq__gt=OuterRef("expired_seq"))),
        )
        .annotate(top_seq=Greatest("top_change", "top_message", "expired_seq"))
    )


def _top(rows: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(rows[:1], output_field=BigIntegerField()), 0)


def _is_last_msg_no(row: Any) -> bool:
    """Tell whether last_msg_no can be right: when the last message of the timeline has expired it may be any above."""
    may_be_above = row.expired_seq > 0 and not row.has_kept
    return bool(row.last_msg_no >= row.top_no if may_be_above else row.last_msg_no == row.top_no)


def _between(low: int, high: int, of: str = "") -> Q:
    return Q(**{f"{of}seq__gt": low, f"{of}seq__lte": high})
