"""Send what is due: take it, post it through the pipeline, note what became of it.

Nothing here is exact about once, because the pipeline is: a message is posted under an id that is derived from its
row, and whoever posts it again, after a kill or beside another, gets the first one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from chat.features.scheduled import service
from chat.live.envelope import UserEvent
from chat.models import Message, ScheduledMessage, User
from chat.pipeline import due
from chat.pipeline.run import run, tell
from chat.protocol import codec
from chat.protocol.commands import PostMessage
from chat.protocol.errors import ERRORS, ErrorCode, ProtocolError, Refused

_log = structlog.get_logger(__name__)

SWEEP = "chat.scheduled.sweep"
# One run goes on for so long at most; the next one is seconds away.
_RUN_S = 60.0
_TAKEN_COUNT = 100
# After a refusal that passes, such as a database that is away, its room waits for so long.
_REST_S = 15
# What has taken its process down so often is put aside.
_TRIES_MAX_COUNT = 5


def command_of(row: ScheduledMessage) -> PostMessage:
    """Return the command that posts a row. Raises ProtocolError, where the rules for texts have changed since."""
    return PostMessage(
        room=row.room_id, client_message_id=f"scheduled-{row.pk}", body=row.body, parent=row.parent_id
    )


def changed(user_id: int) -> UserEvent:
    """Return what the author's connections are told after any change."""
    return UserEvent(user_id, codec.encode({"type": "scheduled.changed"}))


def sweep(clock: Callable[[], datetime] = timezone.now, running_s: float = _RUN_S) -> int:
    """Send what is due and tell how many were settled or put aside.

    Bears being run by several at once, and being killed at any point. Raises as the database does.
    """
    count, ends_at = 0, time.monotonic() + running_s
    while rows := heads(clock()):
        taken = [found for row in rows if (found := take(row, clock()))]
        for row in taken:
            count += _send(row, clock)
        if not taken or time.monotonic() > ends_at:
            break
    return count


def heads(now: datetime) -> list[ScheduledMessage]:
    """Return the first due row of each room, where nobody has it: what is behind it waits for its turn."""
    earlier = _open().filter(room=OuterRef("room"), due_at__lte=OuterRef("due_at"))
    before = earlier.filter(Q(due_at__lt=OuterRef("due_at")) | Q(pk__lt=OuterRef("pk")))
    heads = _open().filter(~Exists(before), due.free(now), due_at__lte=now)
    return list(heads.order_by("due_at", "pk")[:_TAKEN_COUNT])


def take(row: ScheduledMessage, now: datetime) -> ScheduledMessage | None:
    """Have a row for this process alone for a while; None where somebody else was first, or it is another now."""
    free = _open().filter(due.free(now), pk=row.pk, due_at=row.due_at)
    taken = free.update(sending_at=now, claimed_until=due.claim(now), tries=F("tries") + 1)
    return ScheduledMessage.objects.get(pk=row.pk) if taken else None


def take_now(user: User, pk: int, now: datetime) -> tuple[ScheduledMessage, datetime]:
    """Have one's own row sent before its time; returns it and when it was due. A sent one comes as it is.

    Raises:
        Refused: not_found; conflict, when it is being sent already.
    """
    row = service.one(user, pk)
    was_due_at = row.due_at
    if row.state is ScheduledMessage.State.SENT:
        return row, was_due_at
    # Should this process end now, the sweep goes on with it.
    is_free = due.free(now) | Q(sending_at=None)
    free = ScheduledMessage.objects.filter(is_free, pk=row.pk, settled_at=None, due_at=was_due_at)
    claim = {"sending_at": now, "claimed_until": due.claim(now), "tries": F("tries") + 1}
    aside = {"failed_at": None, "failed_code": "", "failed_detail": ""}
    if not free.update(due_at=min(now, was_due_at), **claim, **aside):
        raise Refused(ErrorCode.CONFLICT, "it is being sent")
    return ScheduledMessage.objects.get(pk=row.pk), was_due_at


def sent(row: ScheduledMessage, message_id: int, seq: int, now: datetime) -> None:
    """Note that it is out; whoever else was at it then has nothing to say."""
    ScheduledMessage.objects.filter(pk=row.pk, settled_at=None).update(
        settled_at=now, message_id=message_id, seq=seq, body="", claimed_until=None,
        failed_at=None, failed_code="", failed_detail="",
    )  # fmt: skip


def refused(
    row: ScheduledMessage, error: Refused | ProtocolError, now: datetime, was_due_at: datetime | None = None
) -> bool:
    """Note that it is not out, and tell whether it was put aside.

    What passes is tried again. `was_due_at`: its author wanted it before its time; then it waits for that again.
    """
    held = ScheduledMessage.objects.filter(pk=row.pk, settled_at=None, claimed_until=row.claimed_until)
    rests = now + timedelta(seconds=_REST_S)
    if error.code is ErrorCode.UNKNOWN_OUTCOME:
        # Nobody knows whether it is stored: its text must not change.
        held.update(claimed_until=rests, tries=0)
        return False
    if was_due_at is not None and was_due_at > now:
        held.update(sending_at=None, claimed_until=None, tries=0, due_at=was_due_at)
        return False
    if ERRORS[error.code].retry:
        held.update(sending_at=None, claimed_until=rests, tries=0)
        return False
    aside = {"failed_at": now, "failed_code": error.code.value, "failed_detail": error.detail[:200]}
    return bool(held.update(sending_at=None, claimed_until=None, tries=0, **aside))


def _send(row: ScheduledMessage, clock: Callable[[], datetime]) -> bool:
    """Post a row that was taken; tell whether it needs no more tries."""
    result: Mapping[str, Any] | None = _posted(row)
    is_over = True
    try:
        if result is None:
            if row.tries > _TRIES_MAX_COUNT:
                detail = f"its worker ended {_TRIES_MAX_COUNT} times while at it"
                raise Refused(ErrorCode.FAILED, detail)
            result = run(row.author_id, command_of(row))
    except (Refused, ProtocolError) as error:
        is_over = refused(row, error, clock())
        _log.warning("scheduled.refused", row=row.pk, code=error.code.value, is_put_aside=is_over)
    else:
        sent(row, result["id"], result["seq"], clock())
    tell([changed(row.author_id)])
    return is_over


def _posted(row: ScheduledMessage) -> Mapping[str, Any] | None:
    """Return where the message stands when it is out already.

    Not left to the pipeline's own answer to a repeat: meanwhile the author may be switched off.
    """
    own = Message.objects.filter(sender=row.author_id, client_message_id=f"scheduled-{row.pk}")
    return own.values("id", "seq").first()


def _open() -> QuerySet[ScheduledMessage]:
    return ScheduledMessage.objects.filter(settled_at=None, failed_at=None)
