"""The ledger: note whom a message could tell, forget what is old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from chat.features.notifications import people, rules
from chat.features.notifications.push import keys, subscriptions
from chat.features.notifications.rules import Facts
from chat.models import Call, Letter, Membership, Mention, Message, Notification, ThreadFollow
from chat.models.calls import reached
from chat.models.statements import insert, send

NOTE = "chat.notifications.note"
KEPT_DAYS = 30
_BATCH_COUNT = 1_000
_BATCHES_COUNT = 100
_COLUMNS = (
    "user_id", "message_id", "rule", "way", "outcome", "why", "until", "said", "created_at", "changed_at",
)  # fmt: skip


def note(room_id: int, seq: int, now: datetime | None = None) -> int:
    """Note whom a message could tell, in a fixed number of queries; a second time changes nothing.

    Returns how many people it is about.
    """
    now = now or timezone.now()
    message = Message.objects.select_related("room").filter(room=room_id, seq=seq).first()
    if message is None or message.room.deleted_at is not None:
        return 0
    called = list(Call.objects.filter(message=message).order_by("pk"))
    mentioned = set(Mention.objects.filter(message=message).values_list("user_id", flat=True))
    read = _read_of_thread(message) if message.parent_id is not None else {}
    members = Membership.objects.filter(room=message.room).select_related("user").order_by("pk")
    is_whole = message.room.is_direct or any(call.kind == Call.Kind.ROOM for call in called)
    if not message.room.is_direct and is_whole:
        # Who has left since is told why nothing came; who had left before was not called.
        members = members.filter(Q(left_seq=None) | Q(left_seq__gt=message.seq))
    elif not is_whole:
        ids = {pk for call in called for pk in call.ids}
        members = members.filter(user__in=mentioned | ids | read.keys())
    told = [row for row in members if row.user_id in mentioned or row.user_id != message.sender_id]
    by_call = reached(called, [(row.user_id, row.joined_seq) for row in told]) if called else {}
    if is_whole and not message.room.is_direct:
        known_to = mentioned | read.keys() | by_call.keys()
        told = [row for row in told if row.user_id in known_to]
    known = people.of((row.user for row in told), subscriptions.owners([row.user_id for row in told]))
    noted = []
    for row in told:
        rule = Notification.Rule.DIRECT if message.room.is_direct else Notification.Rule.THREAD
        if row.user_id in mentioned:
            rule = Notification.Rule.MENTION
        elif row.user_id in by_call:
            rule = Notification.Rule(by_call[row.user_id].kind)
        facts = Facts(
            rule=rule,
            level=row.level,
            is_own=row.user_id == message.sender_id,
            is_deleted=message.deleted_at is not None,
            is_in=row.is_in,
            is_read=(message.msg_no is not None and message.msg_no <= row.read_msg_no)
            or message.seq <= read.get(row.user_id, 0),
        )
        for way, after_s in _ways():
            found = rules.judge(facts, known[row.user_id], now, way)
            if found.outcome != Notification.Outcome.SUPPRESSED:
                soon = message.at + timedelta(seconds=after_s)
                found = rules.Verdict(Notification.Outcome.WAITING, Notification.Why.UNREAD_YET, soon)
            what = (rule.value, way, str(found.outcome), str(found.why))
            noted.append((row.user_id, message.pk, *what, found.until, "", now, now))
    if noted:
        send([insert(Notification, _COLUMNS, noted, ignores_conflicts=True)])
    return len(told)


def _read_of_thread(message: Message) -> dict[int, int]:
    """Return who follows the thread of a reply, and up to which seq each has read it."""
    rows = ThreadFollow.objects.filter(message=message.parent_id, is_on=True)
    return dict(rows.values_list("user_id", "read_seq"))


def _ways() -> Iterator[tuple[str, int]]:
    """Yield the ways there are here, and how long a message stays unread before each."""
    yield Notification.Way.MAIL.value, settings.MISSED_MAIL_AFTER_S
    if keys.is_on():
        yield Notification.Way.PUSH.value, settings.PUSH_AFTER_S


def forget(now: datetime | None = None) -> int:
    """Remove what is older than 30 days, in batches; return how many rows of the ledger went.

    Rows stand in the order of their time, so a batch that is not old to its end is the last.
    """
    oldest = (now or timezone.now()) - timedelta(days=KEPT_DAYS)
    count = 0
    for _ in range(_BATCHES_COUNT):
        rows = Notification.objects.order_by("pk").values_list("pk", "created_at")[:_BATCH_COUNT]
        old = [pk for pk, at in rows if at < oldest]
        # Not counting the pushes that were still to be made of it.
        count += Notification.objects.filter(pk__in=old).delete()[1].get(Notification._meta.label, 0)
        if len(old) < _BATCH_COUNT:
            break
    with transaction.atomic():
        letters = Letter.objects.order_by("pk").values_list("pk", "created_at")[:_BATCH_COUNT]
        Letter.objects.filter(pk__in=[pk for pk, at in letters if at < oldest]).delete()
    return count
