"""Let go what is past its time, in short transactions, one room after the other, and go on where that ended.

Nothing notes how far it has come: what is still there and too old is what is left to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import Error
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from chat.actions.state import SYSTEM_ID
from chat.features.retention import expiring, policy, space
from chat.features.retention.policy import Rule
from chat.live.envelope import UserEvent
from chat.models import Change, Message, Reminder, Room, ScheduledMessage
from chat.pipeline import trim
from chat.pipeline.run import run, tell
from chat.protocol import codec
from chat.protocol.errors import ERRORS, ErrorCode, Refused
from chat.protocol.system import ExpireMessages

_log = structlog.get_logger(__name__)

SWEEP = "chat.retention.sweep"
# One run goes on for so long at most; the next one is minutes away.
_RUN_S = 60.0
_ROOMS_COUNT = 200
# Rows of the log that one transaction removes.
LOG_ROWS_MAX_COUNT = 2_000


@dataclass(slots=True)
class Removed:
    """What went in a run, and whether something is left because the time was over."""

    messages: int = 0
    log_rows: int = 0
    has_more: bool = False


def sweep(clock: Callable[[], datetime] = timezone.now, running_s: float = _RUN_S) -> Removed:
    """Let go what is past its time.

    Bears being run by several at once, and being killed at any point. Raises as the database does.
    """
    removed, ends_at = Removed(), time.monotonic() + running_s
    for rule in due(clock()):
        try:
            _sweep_room(rule, clock, removed, ends_at)
        except Refused as refused:
            if refused.code is not ErrorCode.CONFLICT:
                _log.warning("retention.refused", room=rule.room.pk, code=refused.code.value)
            if ERRORS[refused.code].retry:
                removed.has_more = True
                break
        except Error:
            raise
        except Exception:
            # One room that cannot be looked at must not keep those behind it.
            _log.exception("retention.failed", room=rule.room.pk)
        if time.monotonic() > ends_at:
            removed.has_more = True
            break
    if removed.messages or removed.log_rows:
        space.give_back()
        _log.info("retention.removed", messages=removed.messages, log_rows=removed.log_rows)
    return removed


def due(now: datetime) -> Iterator[Rule]:
    """Yield the rooms in which something is older than they keep it, by id; held ones not."""
    after, found = 0, _with_oldest().order_by("pk")
    if policy.read()["days"] is None:
        found = found.filter(retention__days__isnull=False)
    while rooms := list(found.filter(pk__gt=after)[:_ROOMS_COUNT]):
        after = rooms[-1].pk
        for rule in policy.rules(rooms):
            cutoff = rule.cutoff(now)
            times = (rule.room.oldest_change_at, rule.room.oldest_message_at)  # type: ignore[attr-defined]
            if cutoff is not None and any(at is not None and at < cutoff for at in times):
                yield rule


def _sweep_room(rule: Rule, clock: Callable[[], datetime], removed: Removed, ends_at: float) -> None:
    """Let go what is past its time in one room. Raises Refused: conflict, when somebody holds it meanwhile."""
    room, cutoff = rule.room, rule.cutoff(clock())
    assert cutoff is not None
    through = expiring.last_before(room, cutoff)
    # First the beginning of the log: whoever has been away since before that is told to read the room anew.
    trim.begin_after(room.pk, through)
    before: list[int] = []
    while (batch := expiring.next_batch(room.pk, cutoff, through)) and batch != before:
        removed.messages += _remove(room.pk, cutoff, batch)
        before = batch
        if time.monotonic() > ends_at:
            return
    while count := trim.cut(room.pk, LOG_ROWS_MAX_COUNT):
        removed.log_rows += count
        if time.monotonic() > ends_at:
            return


def _remove(room_id: int, cutoff: datetime, batch: Sequence[int]) -> int:
    """Have one batch removed and tell whose lists are others now; return how many messages went."""
    events = _events(batch)
    run(SYSTEM_ID, ExpireMessages(room=room_id, before=cutoff, messages=list(batch)))
    left = Message.objects.filter(pk__in=batch).count()
    if events:
        tell([*events])
    return len(batch) - left


def _events(batch: Sequence[int]) -> list[UserEvent]:
    """Return what people are told who have put off something about these messages."""
    reminded = Reminder.objects.filter(message__in=batch, done_at=None, deleted_at=None)
    scheduled = ScheduledMessage.objects.filter(Q(parent__in=batch) | Q(message__in=batch))
    people = {
        "reminders.changed": set(reminded.values_list("user_id", flat=True)),
        "scheduled.changed": set(scheduled.values_list("author_id", flat=True)),
    }
    return [UserEvent(user, codec.encode({"type": kind})) for kind, users in people.items() for user in users]


def _with_oldest() -> QuerySet[Room]:
    """Return rooms with the times of the oldest change and the oldest message that they still have."""
    oldest = [
        Subquery(kind._default_manager.filter(room=OuterRef("pk")).order_by("seq").values("at")[:1])
        for kind in (Change, Message)
    ]
    return Room.objects.annotate(oldest_change_at=oldest[0], oldest_message_at=oldest[1])
