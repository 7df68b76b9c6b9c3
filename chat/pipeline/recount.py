"""Put right what is derived from rows and is not what the rows say."""

from __future__ import annotations

from collections import Counter

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from chat.models import Attachment, Call, Mention, Message, Room, ThreadFollow
from chat.queries import counts


@transaction.atomic
def confirmed(room_id: int) -> Counter[str]:
    """Return how many rows of a room are wrong, by kind, while nobody writes there."""
    Room.objects.select_for_update(of=("self",)).filter(pk=room_id).first()
    return counts.wrong(room_id)


@transaction.atomic
def repair(room_id: int) -> Counter[str]:
    """Put a room right and return how many rows were wrong, by kind.

    A number that somebody may hold is never given again: where changes are missing, the log begins after them, and
    who holds less reads the room anew.
    """
    room = Room.objects.select_for_update(of=("self",)).filter(pk=room_id).first()
    found = counts.wrong(room_id)
    if room is None or not found:
        return found
    room.last_seq = max(room.last_seq, counts.top_seq(room_id))
    room.save(update_fields=["last_seq"])
    room.expired_seq = max(room.expired_seq, counts.last_hole(room_id))
    replies = counts.misplaced_replies(room_id)
    above = Message.objects.filter(pk=OuterRef("parent"), room=room_id).values("parent")[:1]
    replies.filter(parent__parent__isnull=False, parent__room=room_id).update(parent=Subquery(above))
    for low, high in counts.slices(0, room.last_seq):
        Message.objects.filter(pk__in=counts.stray_replies(room_id, low, high)).update(msg_no=None)
    if found["last_msg_no"]:
        room.last_msg_no = counts.top_msg_no(room_id)
    room.save(update_fields=["expired_seq", "last_msg_no"])
    counts.markers_beyond(room_id).update(read_msg_no=room.last_msg_no)
    follows = counts.misplaced_follows(room_id)
    follows.filter(message__parent__isnull=False).delete()
    ThreadFollow.objects.filter(pk__in=follows.values("pk")).update(read_seq=room.last_seq)
    mentions = counts.misplaced_mentions(room_id).select_related("message")
    calls = counts.misplaced_calls(room_id).select_related("message")
    misplaced: list[Mention | Call] = [*mentions, *calls]
    for row in misplaced:
        row.room_id, row.msg_no = row.message.room_id, row.message.msg_no
        row.save(update_fields=["room", "msg_no"])
    deleted = Attachment.objects.filter(
        message__room=room_id, message__deleted_at__isnull=False, dropped_at=None
    )
    deleted.update(dropped_at=timezone.now())
    for message in list(counts.miscounted_files(room_id)):
        Message.objects.filter(pk=message.pk).update(attachment_count=message.files)
    return found
