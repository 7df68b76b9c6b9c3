"""The push with which somebody tries whether it arrives."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat.features.notifications.push import keys, parcels, sending, settling, subscriptions, wording
from chat.features.notifications.push.wire import Outcome
from chat.models import PushSubscription, User
from chat.pipeline import outbox
from chat.protocol.errors import ErrorCode, Refused

TASK = "chat.notifications.push_test"
EVERY_S = 30


class NotTaken(Exception):
    """The push service did not take it now: the outbox tries again."""


def ask(user: User, pk: int, now: datetime) -> PushSubscription:
    """Have a push sent to one of one's own browsers, and return that.

    Raises:
        Refused: not_found; forbidden, where push is off; rate_limited, within 30 s of the last one.
    """
    row = subscriptions.own(user, pk)
    if not keys.is_on():
        raise Refused(ErrorCode.FORBIDDEN, "push is off on this server")
    begin = now - timedelta(seconds=EVERY_S)
    rested = Q(tested_at=None) | Q(tested_at__lte=begin) | Q(tested_at__gt=now)
    with transaction.atomic():
        # One row changed: nobody has asked for one at the same moment.
        if not PushSubscription.objects.filter(rested, pk=row.pk).update(tested_at=now):
            after = (row.tested_at or now) - begin
            detail = f"a test push was sent just now, at most one in {EVERY_S} s"
            raise Refused(ErrorCode.RATE_LIMITED, detail, int(after.total_seconds() * 1_000) + 1)
        key = f"{TASK}:{row.pk}:{now.isoformat()}"
        outbox.entry(TASK, key, {"subscription": row.pk}).save(force_insert=True)
    outbox.nudge(["io"])
    return row


def send(pk: int, now: datetime | None = None) -> None:
    """Send one, and note what the push service said. Raises NotTaken for what another try may mend."""
    now = now or timezone.now()
    rows = PushSubscription.objects.filter(pk=pk, user__is_active=True).select_related("user")
    if not keys.is_on() or not (holding := subscriptions.holding(list(rows), now)):
        return
    row = holding[0]
    ((answer,),) = sending.ask([[parcels.pack(row, wording.test(row.user), now)]])
    if answer.outcome == Outcome.GONE:
        settling.drop(row, now)
        return
    is_taken = answer.outcome == Outcome.TAKEN
    noted = {"last_used_at": now, "said": ""} if is_taken else {"said": answer.said}
    PushSubscription.objects.filter(pk=row.pk).update(**noted)
    if answer.outcome == Outcome.LATER:
        raise NotTaken(answer.said)
