from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.features.notifications import preferences
from chat.features.notifications.push import choosing, sealing, sending, settling, sweep, wire
from chat.models import Membership, Notification, Push, PushSubscription, User
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage, LeaveRoom, MarkRead
from tests.cast import Cast
from tests.features.notifications.conftest import after, noted
from tests.features.notifications.push.conftest import enrol, pushed, rows, state
from tests.features.notifications.push.service import SLOW, PushService
from tests.features.notifications.test_ledger import direct
from tests.make import make_room, post
from tests.pipeline.threads import at_once


def test_a_mention_that_stays_unread_is_pushed(cast: Cast, service: PushService) -> None:
    browser = service.subscribe("a")
    enrol(cast.bob, browser)
    message = post(cast.room, cast.alice, "could you look,\n\n  **@bob**?")
    assert pushed(minutes=0.4) == 0
    assert state(cast.bob) == [("waiting", "unread_yet")]
    assert rows(cast.bob)[0].until == message.at + timedelta(seconds=30)
    assert pushed(minutes=0.6) == 1
    (push,) = service.received
    assert push.said == {
        "title": "Alice · Maru team", "body": "could you look, @bob?", "tag": f"room-{cast.room.pk}",
        "path": f"/rooms/{cast.room.pk}/?seq={message.seq}", "room": cast.room.pk, "message": message.pk,
    }  # fmt: skip
    assert (push.headers["topic"], push.headers["ttl"], push.headers["urgency"]) == (
        f"room-{cast.room.pk}",
        "86400",
        "high",
    )
    assert push.claims["sub"] == "mailto:ops@example.org"
    assert state(cast.bob) == [("sent", "")]
    assert (pushed(minutes=60), len(service.received), Push.objects.count()) == (0, 1, 0)
    row = PushSubscription.objects.get()
    assert (row.last_used_at is not None, row.said, row.claimed_until) == (True, "", None)


def test_in_a_conversation_of_two_the_author_alone_is_named(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a"))
    room = direct(cast.alice, cast.bob)
    post(room, cast.alice, "hello")
    pushed()
    assert service.received[0].said["title"] == "Alice"
    post(direct(cast.alice, cast.bob, cast.mina), cast.mina, "hello")
    pushed()
    assert service.received[1].said["title"] == "Mina · Alice, Mina"


def test_a_reply_leads_to_its_thread(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a"))
    parent = post(cast.room, cast.alice, "a question")
    post(cast.room, cast.alice, "look here @bob", parent=parent.pk)
    pushed()
    assert service.received[0].said["path"] == f"/rooms/{cast.room.pk}/?thread={parent.pk}"


def test_what_is_not_to_be_told_any_more_is_not_pushed(cast: Cast, service: PushService) -> None:
    room, alice = cast.room, cast.alice
    for user in (cast.bob, cast.mina, cast.jiwoo):
        enrol(user, service.subscribe(str(user.pk)))
    other = make_room(alice, cast.bob, name="Other")
    message = post(room, alice, "hello @bob @mina @지우")
    gone = post(other, alice, "oh @bob")
    noted()
    run(cast.bob.pk, MarkRead(room=room.pk, msg_no=message.msg_no or 0))
    run(alice.pk, DeleteMessage(message=gone.pk))
    run(cast.mina.pk, LeaveRoom(room=room.pk))
    Membership.objects.filter(user=cast.jiwoo).update(level="none")
    pushed()
    assert service.tries == []
    assert [state(user) for user in (cast.bob, cast.mina, cast.jiwoo)] == [
        [("suppressed", "read"), ("suppressed", "deleted")], [("suppressed", "left")], [("suppressed", "level")],
    ]  # fmt: skip


def test_who_has_no_browser_is_noted_so_and_guests_may_have_one(cast: Cast, service: PushService) -> None:
    User.objects.filter(pk=cast.mina.pk).update(role=User.Role.GUEST)
    enrol(cast.mina, service.subscribe("a"))
    post(cast.room, cast.alice, "@alice @bob @beep @mina")
    pushed()
    assert [state(user) for user in (cast.alice, cast.bob, cast.beep, cast.mina)] == [
        [("suppressed", "own")], [("suppressed", "no_device")], [("suppressed", "bot")], [("sent", "")],
    ]  # fmt: skip


def test_where_push_is_off_nothing_is_noted_and_nothing_sent(
    cast: Cast, service: PushService, settings: Any
) -> None:
    enrol(cast.bob, service.subscribe("a"))
    post(cast.room, cast.alice, "before @bob")
    noted()
    settings.WEB_PUSH = False
    post(cast.room, cast.alice, "after @bob")
    assert pushed() == 0
    assert (state(cast.bob), service.tries) == ([("waiting", "unread_yet")], [])


def test_in_quiet_hours_it_waits_and_is_looked_at_again(cast: Cast, service: PushService) -> None:
    now = timezone.now()
    begin, end = now - timedelta(hours=1), now + timedelta(hours=2)
    for user in (cast.bob, cast.mina):
        enrol(user, service.subscribe(user.handle))
        preferences.write(user, {"quiet_from": f"{begin:%H:%M}", "quiet_to": f"{end:%H:%M}"})
    message = post(cast.room, cast.alice, "hello @bob @mina")
    pushed()
    assert (state(cast.bob), service.tries) == ([("waiting", "quiet_hours")], [])
    assert rows(cast.bob)[0].until == end.replace(second=0, microsecond=0)
    run(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=message.msg_no or 0))
    pushed(minutes=121)
    assert (state(cast.bob), state(cast.mina)) == ([("suppressed", "read")], [("sent", "")])


def test_one_push_a_room_tells_of_everything_in_it(cast: Cast, service: PushService) -> None:
    browser = service.subscribe("a")
    enrol(cast.jiwoo, browser)
    for number in range(3):
        post(cast.room, cast.alice, f"number {number} @지우")
    talk = direct(cast.mina, cast.jiwoo)
    post(talk, cast.mina, "hello")
    assert pushed() == 1
    assert service.bodies(browser) == ["hello", "number 2 @지우\n그 전에 온 메시지가 2개 더 있어요."]
    assert {push.headers["topic"] for push in service.received} == {f"room-{cast.room.pk}", f"room-{talk.pk}"}
    assert state(cast.jiwoo) == [("sent", "gathered"), ("sent", "gathered"), ("sent", ""), ("sent", "")]


def test_of_many_rooms_all_are_told_some_at_a_time(
    cast: Cast, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "_ROOMS_MAX_COUNT", 2)
    enrol(cast.bob, service.subscribe("a"))
    for number in range(5):
        post(make_room(cast.alice, cast.bob, name=f"Room {number}"), cast.alice, f"@bob {number}")
    assert pushed() == 3
    assert len({push.said["tag"] for push in service.received}) == len(service.received) == 5
    assert state(cast.bob) == [("sent", "")] * 5


def test_the_longest_message_is_still_a_small_push(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a"))
    long = make_room(cast.alice, cast.bob, name="\U0001f469" * 80)
    for _ in range(2):
        post(long, cast.alice, "@bob " + "\U0001f469" * 7_000)
    pushed()
    (push,) = service.received
    assert push.size_bytes <= sealing.SEALED_MAX_BYTES
    assert push.said["body"].partition("\n")[0].endswith("…")


# --- what the push service says


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_has_ended_it_is_forgotten(cast: Cast, service: PushService, status: int) -> None:
    ended, other = service.subscribe("ended", status), service.subscribe("other")
    enrol(cast.bob, ended)
    enrol(cast.bob, other)
    enrol(cast.mina, service.subscribe("only", status))
    post(cast.room, cast.alice, "hello @bob @mina")
    pushed()
    assert list(PushSubscription.objects.values_list("label", flat=True)) == ["/other"]
    assert (state(cast.bob), state(cast.mina)) == ([("sent", "")], [("suppressed", "no_device")])
    post(cast.room, cast.alice, "again @bob @mina")
    pushed(minutes=2)
    assert service.tries.count("/ended") == service.tries.count("/only") == 1
    assert state(cast.mina)[1] == ("suppressed", "no_device")


def test_a_push_service_that_wants_to_be_left_alone_is(cast: Cast, service: PushService) -> None:
    browser = service.subscribe("a", (429, {"Retry-After": "600"}))
    enrol(cast.bob, browser)
    post(cast.room, cast.alice, "hello @bob")
    assert pushed(minutes=1) == 1
    (row,) = rows(cast.bob)
    assert (row.outcome, row.why, row.said) == ("waiting", "server_away", "429 the push service says no")
    post(cast.room, cast.alice, "and @bob")
    assert pushed(minutes=10) == 0
    assert pushed(minutes=12) == 1
    assert service.bodies(browser) == ["and @bob\nAnd earlier ones: 1."]
    assert state(cast.bob) == [("sent", "gathered"), ("sent", "")]
    assert PushSubscription.objects.get().failures == 0


def test_what_was_read_while_a_push_service_was_away_is_not_told(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a", 503))
    message = post(cast.room, cast.alice, "hello @bob")
    pushed(minutes=1)
    run(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=message.msg_no or 0))
    pushed(minutes=5)
    assert (state(cast.bob), len(service.tries), Push.objects.count()) == ([("suppressed", "read")], 1, 0)


def test_a_push_service_that_stays_away_is_given_up(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a", *[500] * 50))
    post(cast.room, cast.alice, "hello @bob")
    noted()
    minutes = 1.0
    while state(cast.bob)[0][0] == "waiting":
        assert minutes < 60
        sweep.sweep(lambda: after(minutes))  # noqa: B023 - called at once
        minutes += 1
    (row,) = rows(cast.bob)
    assert (row.outcome, row.why, row.said) == ("failed", "gave_up", "500 the push service says no")
    assert len(service.tries) == settling.FAILURES_MAX_COUNT
    assert minutes > 15
    assert Push.objects.count() == 0
    # The next message is a new beginning.
    service.answers["/a"] = []
    post(cast.room, cast.alice, "again @bob")
    pushed(minutes)
    assert state(cast.bob)[1] == ("sent", "")


@pytest.mark.parametrize("status", [400, 403, 413, 302])
def test_what_is_refused_for_good_has_failed_with_the_words(
    cast: Cast, service: PushService, status: int
) -> None:
    enrol(cast.bob, service.subscribe("a", status))
    post(cast.room, cast.alice, "hello @bob")
    pushed()
    (row,) = rows(cast.bob)
    assert (row.outcome, row.why, row.said) == ("failed", "refused", f"{status} the push service says no")
    assert PushSubscription.objects.get().said == row.said
    assert (pushed(minutes=60), len(service.tries)) == (0, 1)


def test_one_browser_does_not_wait_for_another(
    cast: Cast, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "WITHIN_S", 0.5)
    slow, quick = service.subscribe("slow", SLOW), service.subscribe("quick")
    enrol(cast.bob, slow)
    enrol(cast.bob, quick)
    post(cast.room, cast.alice, "hello @bob")
    pushed(minutes=1)
    assert (service.bodies(quick), state(cast.bob)) == (["hello @bob"], [("sent", "")])
    assert PushSubscription.objects.get(label="/slow").said == "no answer within 0.5 s"
    pushed(minutes=2)
    assert (service.bodies(slow), service.tries.count("/quick")) == (["hello @bob"], 1)


def test_what_one_refuses_and_the_other_has_lost_is_closed_by_the_last(
    cast: Cast, service: PushService
) -> None:
    enrol(cast.bob, service.subscribe("strict", 413))
    enrol(cast.bob, service.subscribe("gone", 500, 410))
    post(cast.room, cast.alice, "hello @bob")
    pushed(minutes=1)
    assert state(cast.bob) == [("waiting", "server_away")]
    pushed(minutes=2)
    assert state(cast.bob) == [("suppressed", "no_device")]


def test_an_endpoint_that_leads_inside_is_not_asked(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a"))
    service.names["push.example.com"] = [["169.254.169.254"]]
    post(cast.room, cast.alice, "hello @bob")
    pushed()
    (row,) = rows(cast.bob)
    assert (row.outcome, row.why, row.said) == ("failed", "refused", "not asked: address")
    assert service.connected == []


def test_what_cannot_be_packed_does_not_hold_up_the_others(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a"))
    enrol(cast.mina, service.subscribe("b"))
    PushSubscription.objects.filter(user=cast.bob).update(p256dh="AAAA")
    post(cast.room, cast.alice, "hello @bob @mina")
    pushed()
    assert (state(cast.bob), state(cast.mina)) == ([("failed", "refused")], [("sent", "")])
    assert rows(cast.bob)[0].said == "a fault of ours: ValueError"


# --- workers


def test_of_two_workers_one_pushes(cast: Cast, service: PushService) -> None:
    for user in (cast.bob, cast.mina, cast.jiwoo):
        for number in range(2):
            enrol(user, service.subscribe(f"{user.pk}-{number}"))
    for number in range(3):
        post(cast.room, cast.alice, f"hello @bob @mina @지우 {number}")
    noted()
    at_once([lambda: sweep.sweep(lambda: after(1))] * 2)
    assert len(service.received) == len(set(service.tries)) == 6
    assert [state(user) for user in (cast.bob, cast.mina, cast.jiwoo)] == [
        [("sent", "gathered"), ("sent", "gathered"), ("sent", "")]
    ] * 3


def test_what_a_killed_worker_had_is_sent_by_the_next_one(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a"))
    post(cast.room, cast.alice, "hello @bob")
    noted()
    choosing.choose(cast.bob, after(1))
    assert len(sending.take(after(1))) == 1
    assert pushed(minutes=1.5) == 0
    assert pushed(minutes=2.1) == 1
    assert state(cast.bob) == [("sent", "")]


def test_choosing_again_what_was_pushed_pushes_nothing(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a"))
    post(cast.room, cast.alice, "hello @bob")
    pushed()
    choosing.choose(cast.bob, after(1))
    assert Push.objects.count() == 0


def test_what_goes_with_the_ledger_is_not_pushed(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a", 500))
    post(cast.room, cast.alice, "hello @bob")
    pushed()
    assert Push.objects.count() == 1
    Notification.objects.all().delete()
    assert (Push.objects.count(), pushed(minutes=5)) == (0, 0)
