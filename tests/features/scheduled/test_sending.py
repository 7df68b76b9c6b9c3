from datetime import timedelta

import pytest
from django.utils import timezone

from chat import failpoints
from chat.features.scheduled import sending, service
from chat.features.scheduled.commands import UpdateScheduled
from chat.models import Change, Membership, Message, Room, ScheduledMessage, User
from chat.pipeline.run import run
from chat.protocol.commands import BanMember, LeaveRoom, MuteMember, RemoveMember, UpdateRoom
from chat.protocol.errors import ErrorCode, Refused
from tests.cast import Cast
from tests.features.scheduled.waiting import NOON, Clock, later, mine, state
from tests.make import post


@pytest.fixture
def clock() -> Clock:
    # The pipeline has the real clock, and so has what it compares with: mutes.
    return Clock(timezone.now())


def bodies(room: Room) -> list[str]:
    return list(Message.objects.filter(room=room).order_by("seq").values_list("body", flat=True))


def fresh(row: ScheduledMessage) -> ScheduledMessage:
    return ScheduledMessage.objects.get(pk=row.pk)


def test_it_is_sent_at_its_time_as_its_author_and_not_before(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, "안녕 @alice **hi**", now=clock())
    clock.move(59.9)
    assert (sending.sweep(clock), bodies(cast.room)) == (0, [])
    clock.move(0.1)
    assert sending.sweep(clock) == 1
    message = Message.objects.get(room=cast.room)
    assert (message.sender, message.body) == (cast.bob, "안녕 @alice **hi**")
    assert message.html is not None
    assert list(message.mentions.values_list("user_id", flat=True)) == [cast.alice.pk]
    row = fresh(row)
    assert (row.state, row.seq, row.message, row.body) == ("sent", message.seq, message, "")
    assert (sending.sweep(clock), mine(cast.bob)) == (0, [])


def test_a_reply_goes_into_its_thread(cast: Cast, clock: Clock) -> None:
    first = post(cast.room, cast.alice, "question")
    later(cast.bob, cast.room, "answer", now=clock(), parent=first.pk)
    clock.move(60)
    sending.sweep(clock)
    assert Message.objects.get(body="answer").parent == first


def test_what_was_due_while_nobody_was_there_goes_in_the_order_of_its_times(cast: Cast, clock: Clock) -> None:
    later(cast.alice, cast.plaza, "elsewhere", 200, now=clock())
    for after_s in (300, 100, 200, 100):
        later(cast.bob, cast.room, f"at {after_s}", after_s, now=clock())
    clock.move(3 * 86_400)
    assert sending.sweep(clock) == 5
    assert bodies(cast.room) == ["at 100", "at 100", "at 200", "at 300"]
    assert bodies(cast.plaza) == ["elsewhere"]


def test_another_text_and_another_time_hold(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, "old", 60, now=clock())
    changed = UpdateScheduled(body="new", due_at=(clock() + timedelta(seconds=120)).isoformat())
    service.change(cast.bob, row.pk, changed, clock())
    clock.move(60)
    assert sending.sweep(clock) == 0
    clock.move(60)
    assert sending.sweep(clock) == 1
    assert bodies(cast.room) == ["new"]


def test_a_cancelled_one_is_never_sent(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, now=clock())
    service.cancel(cast.bob, row.pk, clock())
    clock.move(86_400)
    assert (sending.sweep(clock), bodies(cast.room)) == (0, [])


def test_one_that_was_put_off_between_the_look_and_the_taking_is_not_taken(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, now=clock())
    seen = fresh(row)
    clock.move(61)
    moved = UpdateScheduled(due_at=(clock() + timedelta(hours=1)).isoformat())
    service.change(cast.bob, row.pk, moved, clock())
    assert sending.take(seen, clock()) is None
    service.cancel(cast.bob, row.pk, clock())
    assert sending.take(fresh(row), clock()) is None


def test_a_worker_that_ends_between_posting_and_marking_costs_nothing(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, "once", now=clock())
    clock.move(60)
    taken = sending.take(row, clock())
    assert taken is not None
    result = run(taken.author_id, sending.command_of(taken))
    # Here it is killed. Until its claim ends nobody else is at it.
    assert (sending.sweep(clock), state(row)) == (0, "sending")
    clock.move(61)
    assert sending.sweep(clock) == 1
    assert (fresh(row).seq, fresh(row).state, bodies(cast.room)) == (result["seq"], "sent", ["once"])


def test_the_claim_of_a_dead_worker_holds_up_its_room_and_no_other(cast: Cast, clock: Clock) -> None:
    first = later(cast.bob, cast.room, "first", 60, now=clock())
    later(cast.bob, cast.room, "second", 61, now=clock())
    later(cast.alice, cast.plaza, "elsewhere", 62, now=clock())
    clock.move(65)
    assert sending.take(first, clock()) is not None
    assert sending.sweep(clock) == 1
    assert (bodies(cast.room), bodies(cast.plaza)) == ([], ["elsewhere"])
    clock.move(61)
    sending.sweep(clock)
    assert bodies(cast.room) == ["first", "second"]


def test_a_lost_answer_of_the_database_neither_doubles_nor_loses(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, "once", now=clock())
    clock.move(60)
    failpoints.arm("commit.after=error")
    try:
        sending.sweep(clock)
    finally:
        failpoints.arm("")
    # It is out, and nobody has said so: its text must not change.
    assert (state(row), fresh(row).tries) == ("sending", 0)
    with pytest.raises(Refused, match="being sent"):
        service.change(cast.bob, row.pk, UpdateScheduled(body="two"), clock())
    clock.move(16)
    assert sending.sweep(clock) == 1
    assert (state(row), bodies(cast.room)) == ("sent", ["once"])


def test_a_database_that_is_away_is_waited_for_in_order(cast: Cast, clock: Clock) -> None:
    first = later(cast.bob, cast.room, "first", 60, now=clock())
    later(cast.bob, cast.room, "second", 61, now=clock())
    clock.move(65)
    failpoints.arm("commit.before=error")
    try:
        assert sending.sweep(clock) == 0
    finally:
        failpoints.arm("")
    # Nothing was stored: it may still be changed.
    assert state(first) == "waiting"
    assert sending.sweep(clock) == 0
    clock.move(16)
    assert sending.sweep(clock) == 2
    assert bodies(cast.room) == ["first", "second"]


def _leave(cast: Cast) -> None:
    run(cast.bob.pk, LeaveRoom(room=cast.room.pk))


def _remove(cast: Cast) -> None:
    run(cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.bob.pk))


def _ban(cast: Cast) -> None:
    run(cast.alice.pk, BanMember(room=cast.room.pk, user=cast.bob.pk))


def _mute(cast: Cast) -> None:
    run(cast.alice.pk, MuteMember(room=cast.room.pk, user=cast.bob.pk))


def _archive(cast: Cast) -> None:
    run(cast.alice.pk, UpdateRoom(room=cast.room.pk, archived=True))


def _disable(cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)


@pytest.mark.parametrize(
    ("lose", "code"),
    [
        (_leave, "not_found"),
        (_remove, "not_found"),
        (_ban, "not_found"),
        (_mute, "muted"),
        (_archive, "archived"),
        (_disable, "signed_out"),
    ],
)
def test_who_may_not_write_there_any_more_sees_why_and_others_go_on(
    cast: Cast, clock: Clock, lose: object, code: str
) -> None:
    row = later(cast.bob, cast.room, now=clock())
    later(cast.alice, cast.plaza, "elsewhere", 61, now=clock())
    lose(cast)  # type: ignore[operator]
    clock.move(65)
    assert sending.sweep(clock) == 2
    row = fresh(row)
    assert (row.state, row.failed_code, row.body) == ("failed", code, "later")
    assert row.failed_detail
    assert (bodies(cast.room), bodies(cast.plaza)) == ([], ["elsewhere"])
    assert [found.pk for found in mine(cast.bob)] == [row.pk]
    # Not tried again by itself.
    clock.move(86_400)
    assert sending.sweep(clock) == 0


def test_one_that_failed_is_sent_at_another_time_or_now_or_cancelled(cast: Cast, clock: Clock) -> None:
    rows = [later(cast.bob, cast.room, f"row {n}", now=clock()) for n in range(3)]
    Membership.objects.filter(room=cast.room, user=cast.bob).update(muted_until=clock() + timedelta(days=1))
    clock.move(60)
    sending.sweep(clock)
    assert [state(row) for row in rows] == ["failed"] * 3
    Membership.objects.filter(room=cast.room, user=cast.bob).update(muted_until=None)
    moved = UpdateScheduled(due_at=(clock() + timedelta(seconds=5)).isoformat())
    assert service.change(cast.bob, rows[0].pk, moved, clock()).state == "waiting"
    taken, _ = sending.take_now(cast.bob, rows[1].pk, clock())
    result = run(cast.bob.pk, sending.command_of(taken))
    sending.sent(taken, result["id"], result["seq"], clock())
    service.cancel(cast.bob, rows[2].pk, clock())
    clock.move(5)
    sending.sweep(clock)
    assert (bodies(cast.room), mine(cast.bob)) == (["row 1", "row 0"], [])


def test_a_failed_one_holds_up_nothing_behind_it(cast: Cast, clock: Clock) -> None:
    later(cast.bob, cast.room, "bob", 60, now=clock())
    later(cast.alice, cast.room, "alice", 61, now=clock())
    _ban(cast)
    clock.move(65)
    sending.sweep(clock)
    assert bodies(cast.room) == ["alice"]


def test_who_was_switched_off_after_it_went_out_did_send_it(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, "out", now=clock())
    clock.move(60)
    taken = sending.take(row, clock())
    assert taken is not None
    run(taken.author_id, sending.command_of(taken))
    _disable(cast)
    clock.move(61)
    sending.sweep(clock)
    assert (state(row), bodies(cast.room)) == ("sent", ["out"])


def test_what_takes_its_worker_down_again_and_again_is_put_aside(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, now=clock())
    clock.move(60)
    for _ in range(5):
        assert sending.take(fresh(row), clock()) is not None
        clock.move(61)
    sending.sweep(clock)
    row = fresh(row)
    assert (row.state, row.failed_code) == ("failed", "failed")
    assert row.failed_detail == "its worker ended 5 times while at it"


def test_a_clock_that_goes_back_sends_nothing_twice_and_holds_nothing_up(cast: Cast, clock: Clock) -> None:
    later(cast.bob, cast.room, "first", 60, now=clock())
    second = later(cast.bob, cast.room, "second", 120, now=clock())
    clock.move(61)
    sending.sweep(clock)
    clock.move(60)
    # Taken by a worker that ends; then the clock is set back by an hour, and set right again.
    assert sending.take(second, clock()) is not None
    clock.move(-3_600)
    assert (sending.sweep(clock), bodies(cast.room)) == (0, ["first"])
    clock.move(3_600)
    sending.sweep(clock)
    clock.move(61)
    sending.sweep(clock)
    assert bodies(cast.room) == ["first", "second"]


def test_a_claim_of_a_clock_that_was_ahead_ends_at_once(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, "late", 60, now=clock())
    clock.move(3_700)
    assert sending.take(row, clock()) is not None
    clock.move(-3_600)
    assert sending.sweep(clock) == 1
    assert bodies(cast.room) == ["late"]


def test_a_clock_that_goes_ahead_sends_early_by_no_more_than_that(cast: Cast, clock: Clock) -> None:
    for minutes in (5, 9, 11):
        later(cast.bob, cast.room, f"{minutes} min", minutes * 60, now=clock())
    clock.move(600)
    sending.sweep(clock)
    clock.move(-600)
    assert (sending.sweep(clock), bodies(cast.room)) == (0, ["5 min", "9 min"])


def test_one_sent_now_that_is_refused_waits_for_its_time_as_before(cast: Cast) -> None:
    row = later(cast.bob, cast.room, now=NOON)
    for code, is_back in (
        (ErrorCode.MUTED, True),
        (ErrorCode.BUSY, True),
        (ErrorCode.UNKNOWN_OUTCOME, False),
    ):
        taken, was_due_at = sending.take_now(cast.bob, row.pk, NOON)
        assert (taken.due_at, taken.state) == (NOON, "sending")
        assert not sending.refused(taken, Refused(code, "no"), NOON, was_due_at)
        assert (fresh(row).due_at == was_due_at) is is_back
        assert (state(row) == "waiting") is is_back


def test_a_sweep_asks_the_database_once_where_nothing_is_due(
    cast: Cast, clock: Clock, django_assert_num_queries: object
) -> None:
    for n in range(20):
        later(cast.bob, cast.room, now=clock(), after_s=60 + n)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert sending.sweep(clock) == 0
    assert not Change.objects.filter(kind="message.posted").exists()
