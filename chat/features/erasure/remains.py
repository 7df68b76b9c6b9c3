"""What is left of an erased account, removed in bounded batches; whatever is there when it is looked for goes."""

from __future__ import annotations

import time
from collections.abc import Iterator

import structlog
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from chat.actions import quotes
from chat.actions.state import SYSTEM_ID
from chat.models import (
    Attachment,
    Call,
    DraftText,
    Erasure,
    InviteUse,
    Letter,
    Membership,
    Mention,
    Message,
    Notification,
    OutboxEntry,
    Poll,
    Preview,
    PushSubscription,
    Quote,
    Reaction,
    Reminder,
    Report,
    Revision,
    Room,
    Saved,
    ScheduledMessage,
    Sidebar,
    ThreadFollow,
    UserGroupMember,
)
from chat.models.calls import listed
from chat.pipeline import follow_ups, holds, outbox
from chat.pipeline.run import run
from chat.protocol import limits
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.system import EraseMember, EraseMessages

_log = structlog.get_logger(__name__)

ERASE = "chat.erasure.erase"
_RUN_S = 60.0
ROWS_MAX_COUNT = 1_000


def remove(user_id: int, step: int = 0, running_s: float = _RUN_S) -> bool:
    """Remove what is left, and tell whether that was all; else the next step stands in the outbox.

    Bears being run twice and being killed at any point. Raises what the outbox tries again for.
    """
    erasure = Erasure.objects.filter(user=user_id, finished_at=None).first()
    if erasure is None:
        return True
    ends_at = time.monotonic() + running_s
    for _ in _pieces(erasure):
        if time.monotonic() > ends_at:
            following = outbox.entry(
                ERASE, f"{ERASE}:{user_id}:{step + 1}", {"user": user_id, "step": step + 1}
            )
            OutboxEntry.objects.bulk_create([following], ignore_conflicts=True)
            outbox.nudge(["cpu"])
            return False
    with transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(finished_at=timezone.now())
        hand_over(user_id, "emptied")
    outbox.nudge(["fast"])
    _log.info("erasure.finished", user=user_id)
    return True


def hand_over(user_id: int, when: str) -> None:
    """Have the features remove the files of an account, once for each `when`; within the caller's transaction."""
    following = [
        outbox.entry(task, f"{task}:{user_id}:{when}", {"user": user_id}) for task in follow_ups.AFTER_ERASURE
    ]
    OutboxEntry.objects.bulk_create(following, ignore_conflicts=True)


def _pieces(erasure: Erasure) -> Iterator[None]:
    """Remove one bounded piece after the other."""
    user = erasure.user_id
    # What they have put off would still be sent or told. Browsers before what waits for them, as who pushes locks them.
    for rows in (
        PushSubscription.objects.filter(user=user),
        ScheduledMessage.objects.filter(author=user),
        Reminder.objects.filter(user=user),
        DraftText.objects.filter(user=user),
        Sidebar.objects.filter(user=user),
        InviteUse.objects.filter(user=user),
        Report.objects.filter(reporter=user),
        Notification.objects.filter(user=user),
        Letter.objects.filter(user=user),
        Mention.objects.filter(user=user),
        UserGroupMember.objects.filter(user=user),
        ThreadFollow.objects.filter(user=user),
        Saved.objects.filter(user=user),
    ):
        yield from _deleted(rows)
    yield from _uncalled(user)
    yield from _out_of_rooms(user)
    if erasure.removes_messages:
        yield from _emptied(user)


def _deleted(rows: QuerySet[Model]) -> Iterator[None]:
    while True:
        with transaction.atomic():
            # Locked by id before what hangs on them goes: a worker that tells them just now does it in this order.
            locked = rows.select_for_update().order_by("pk")
            pks = list(locked.values_list("pk", flat=True)[:ROWS_MAX_COUNT])
            rows.filter(pk__in=pks).delete()
        if not pks:
            return
        yield


def _uncalled(user: int) -> Iterator[None]:
    called = Call.objects.filter(people__contains=f",{user},").order_by("pk")
    while rows := list(called[:ROWS_MAX_COUNT]):
        for row in rows:
            row.people = listed(set(row.ids) - {user})
        Call.objects.bulk_update(rows, ["people"])
        yield


def _out_of_rooms(user: int) -> Iterator[None]:
    inside = Membership.objects.filter(user=user, left_seq=None, room__deleted_at=None)
    for room in list(inside.exclude(room__kind=Room.Kind.DIRECT).values_list("room_id", flat=True)):
        run(SYSTEM_ID, EraseMember(room=room, user=user))
        yield


def _emptied(user: int) -> Iterator[None]:
    said = Message.objects.filter(sender=user, deleted_at=None, room__deleted_at=None)
    for room in list(said.order_by("room_id").values_list("room_id", flat=True).distinct()):
        left = said.filter(room=room).order_by("seq").values_list("pk", flat=True)
        while messages := list(left[: limits.ERASURE_MAX_COUNT]):
            run(SYSTEM_ID, EraseMessages(room=room, user=user, messages=messages))
            yield
    # Nobody sees these any more, and nobody is told.
    hidden = Message.objects.filter(sender=user, deleted_at=None, room__deleted_at__isnull=False)
    for room in list(hidden.order_by("room_id").values_list("room_id", flat=True).distinct()):
        while _empty_hidden(room, hidden.filter(room=room)):
            yield


@transaction.atomic
def _empty_hidden(room: int, hidden: QuerySet[Message]) -> bool:
    """Empty some messages of a deleted room, and tell whether there were any. Raises Refused: conflict (a hold)."""
    Room.objects.select_for_update(of=("self",)).get(pk=room)
    if holds.stands(room):
        raise Refused(ErrorCode.CONFLICT, "a legal hold stands")
    now = timezone.now()
    pks = list(hidden.order_by("pk").values_list("pk", flat=True)[:ROWS_MAX_COUNT])
    Attachment.objects.filter(message__in=pks, dropped_at=None).update(dropped_at=now)
    for related in (Revision, Mention, Call, Reaction, Preview, Quote, Saved, Poll):
        related._default_manager.filter(message__in=pks).delete()
    quotes.empty(pks, now)
    emptied = {"body": "", "html": None, "deleted_at": now, "attachment_count": 0, "quote_chars": 0}
    emptied |= {"pinned_at": None, "pinned_by": None, "has_poll": False}
    return bool(Message.objects.filter(pk__in=pks).update(**emptied))
