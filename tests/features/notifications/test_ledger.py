from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.features.notifications import ledger
from chat.models import Letter, Membership, Message, Notification, OutboxEntry, Room, User
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage, LeaveRoom, MarkRead, OpenDirect
from tests.cast import Cast, make_room, make_user
from tests.features.notifications.conftest import noted, state
from tests.make import post
from tests.pipeline.test_costs import statements


def entries() -> int:
    return OutboxEntry.objects.filter(task=ledger.NOTE).count()


def direct(first: User, *others: User) -> Room:
    made = run(first.pk, OpenDirect(users=[user.pk for user in others]))
    return Room.objects.get(pk=made["room"])


def test_a_message_that_names_nobody_costs_nothing(people: Cast) -> None:
    post(people.room, people.alice, "hello @nobody and @carol, mail me@bob.example")
    assert entries() == 0


def test_a_mention_and_a_direct_message_are_noted(people: Cast) -> None:
    post(people.room, people.alice, "hello @bob")
    post(direct(people.alice, people.mina), people.alice, "hello")
    assert entries() == 2
    noted()
    assert state(people.bob) == state(people.mina) == [("waiting", "unread_yet")]
    rules = dict(Notification.objects.values_list("user__handle", "rule"))
    assert rules == {"bob": "mention", "mina": "direct"}


def test_what_waits_is_looked_at_five_minutes_after_the_message(people: Cast) -> None:
    message = post(people.room, people.alice, "hello @bob")
    noted()
    row = Notification.objects.get()
    assert row.until == message.at + timedelta(minutes=5)


def test_everybody_of_a_direct_conversation_is_noted_but_its_author(people: Cast) -> None:
    room = direct(people.alice, people.bob, people.mina)
    post(room, people.alice, "hello @mina")
    noted()
    rules = dict(Notification.objects.values_list("user__handle", "rule"))
    assert rules == {"bob": "direct", "mina": "mention"}


def test_who_cannot_be_told_is_noted_with_the_reason(people: Cast) -> None:
    room, alice = people.room, people.alice
    gone, off, bare = (
        make_user("gone"),
        make_user("off", is_active=True),
        make_user("bare", email="b@example.org"),
    )
    for user in (gone, off, bare):
        Membership.objects.create(room=room, user=user)
    Membership.objects.filter(user=people.mina).update(level="none")
    message = post(room, alice, "@alice @beep @gone @off @bare @mina @지우")
    run(gone.pk, LeaveRoom(room=room.pk))
    User.objects.filter(pk=off.pk).update(is_active=False)
    run(people.jiwoo.pk, MarkRead(room=room.pk, msg_no=message.msg_no or 0))
    noted()
    found = dict(Notification.objects.values_list("user__handle", "why"))
    assert found == {
        "alice": "own", "beep": "bot", "gone": "left", "off": "inactive", "bare": "unconfirmed",
        "mina": "level", "지우": "read",
    }  # fmt: skip
    assert set(Notification.objects.values_list("outcome", flat=True)) == {"suppressed"}


def test_an_account_without_an_address_is_noted_so(cast: Cast) -> None:
    post(cast.room, cast.alice, "@bob")
    noted()
    assert state(cast.bob) == [("suppressed", "no_address")]


def test_a_message_that_was_deleted_at_once_tells_nobody(people: Cast) -> None:
    message = post(direct(people.alice, people.bob), people.alice, "oh")
    run(people.alice.pk, DeleteMessage(message=message.pk))
    noted()
    assert state(people.bob) == [("suppressed", "deleted")]


def test_noting_twice_changes_nothing(people: Cast) -> None:
    message = post(people.room, people.alice, "hello @bob @mina")
    assert ledger.note(people.room.pk, message.seq) == 2
    before = list(Notification.objects.order_by("pk").values())
    assert ledger.note(people.room.pk, message.seq) == 2
    assert list(Notification.objects.order_by("pk").values()) == before


def test_a_message_that_is_not_there_is_no_failure(people: Cast) -> None:
    assert ledger.note(people.room.pk, 10**9) == 0
    assert ledger.note(10**9, 1) == 0


@pytest.mark.parametrize("count", [1, 1_000])
def test_noting_takes_so_many_queries_however_many_are_told(people: Cast, count: int) -> None:
    room = make_room(people.alice, name="Crowd")
    users = User.objects.bulk_create(
        User(handle=f"member-{n}", email=f"{n}@example.org") for n in range(count)
    )
    Membership.objects.bulk_create(Membership(room=room, user=user) for user in users)
    message = post(room, people.alice, "everybody")
    mentions = [(message.pk, user.pk, room.pk, message.msg_no) for user in users]
    message.mentions.bulk_create(
        message.mentions.model(message_id=pk, user_id=user, room_id=of, msg_no=no)
        for pk, user, of, no in mentions
    )
    with statements() as asked:
        assert ledger.note(room.pk, message.seq) == count
    assert len(asked) == 7, [sql[:80] for sql in asked]
    assert Notification.objects.count() == count


def test_what_is_older_than_thirty_days_goes_in_batches(people: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(ledger, "_BATCH_COUNT", 2)
    now = timezone.now()
    for n in range(7):
        post(people.room, people.alice, f"hello @bob {n}")
    noted()
    old = list(Notification.objects.order_by("pk").values_list("pk", flat=True))[:5]
    Notification.objects.filter(pk__in=old).update(created_at=now - timedelta(days=31))
    Letter.objects.create(
        user=people.bob, kind="test", created_at=now - timedelta(days=31), claimed_until=now, ended_at=now
    )
    assert ledger.forget(now) == 5
    assert Notification.objects.count() == 2
    assert Letter.objects.count() == 0
    assert Message.objects.filter(room=people.room).count() == 7
    assert ledger.forget(now) == 0
