"""Rooms in which a derived number is not what the rows say."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.utils import timezone

from chat.models import Attachment, Change, Membership, Mention, Message, Room, ThreadFollow, User
from tests.cast import Cast
from tests.make import post


def busy_room(cast: Cast) -> Room:
    """Return a room with a conversation, a thread and mentions."""
    first = post(cast.room, cast.alice, "hi @bob")
    post(cast.room, cast.bob, "hi", parent=first.pk, attachments=[a_file(cast.bob).pk])
    post(cast.room, cast.mina, "@alice later")
    return Room.objects.get(pk=cast.room.pk)


def a_file(user: User) -> Attachment:
    """Return an upload that any message of its person may have; nothing lies in the storage for it."""
    return Attachment.objects.create(
        uploader=user,
        key=uuid.uuid4().hex,
        name="a.txt",
        type="application/octet-stream",
        bytes=1,
        state="ready",
    )


def without_a_change(room: Room) -> None:
    Change.objects.filter(room=room, seq=3).delete()


def moved_mention(room: Room) -> None:
    Mention.objects.filter(msg_no=1).update(msg_no=2)


def follow_of_a_reply(room: Room) -> None:
    ThreadFollow.objects.exclude(user__handle="bob").delete()
    ThreadFollow.objects.update(message=Message.objects.get(room=room, parent__isnull=False))


PLANTED: dict[str, Callable[[Room], object]] = {
    "last_seq too low": lambda room: Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq - 2),
    "last_seq too high": lambda room: Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq + 2),
    "last_msg_no too low": lambda room: Room.objects.filter(pk=room.pk).update(last_msg_no=1),
    "last_msg_no too high": lambda room: Room.objects.filter(pk=room.pk).update(last_msg_no=9),
    "log": without_a_change,
    "read_marker": lambda room: Membership.objects.filter(room=room).update(read_msg_no=99),
    "mention": moved_mention,
    "mention in no thread": lambda room: Mention.objects.filter(msg_no=1).update(msg_no=None),
    "attachment too many": lambda room: Message.objects.filter(room=room).update(attachment_count=1),
    "attachment too few": lambda room: Message.objects.filter(room=room).update(attachment_count=0),
    "attachment of what is deleted": lambda room: Message.objects.filter(
        room=room, attachment_count=1
    ).update(deleted_at=timezone.now(), attachment_count=0),
    "thread": lambda room: Message.objects.filter(room=room, parent__isnull=False).update(msg_no=1),
    "thread_marker beyond the end": lambda room: ThreadFollow.objects.filter(user__handle="bob").update(
        read_seq=99
    ),
    "thread_marker under a reply": follow_of_a_reply,
}
# By what is planted, or by its kind.
FOUND = {
    "last_seq": 1, "last_msg_no": 1, "log": 1, "read_marker": 5, "mention": 1, "thread": 1, "attachment": 1,
    "thread_marker": 1,
    "attachment too many": 2,
}  # fmt: skip
