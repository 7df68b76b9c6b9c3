from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import channel_layers, get_channel_layer
from django.utils import timezone

from chat import conf
from chat.features.reminders import service, telling
from chat.features.reminders.commands import CreateReminder, UpdateReminder
from chat.live import envelope
from chat.live.envelope import UserEvent
from chat.live.layer import by_group
from chat.models import Reminder, User
from chat.pipeline.run import run
from chat.protocol import codec, limits
from chat.protocol.commands import DeleteMessage, RemoveMember
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from tests.cast import Cast
from tests.features.scheduled.waiting import Clock
from tests.make import client_message_id, post
from tests.pipeline.threads import at_once

Heard = Callable[[], list[tuple[int, dict[str, Any]]]]


@pytest.fixture
def clock() -> Clock:
    return Clock(timezone.now())


@pytest.fixture
def heard(cast: Cast) -> Iterator[Heard]:
    """Listen on the channel layer: returns who was told what since this was last asked."""
    channel_layers.backends.clear()
    layer: Any = get_channel_layer()
    events: list[envelope.Item] = [UserEvent(user.pk, b"{}") for user in (cast.bob, cast.alice)]
    groups = by_group(events, conf.get().HUB_SHARD_COUNT)
    channel = async_to_sync(layer.new_channel)()
    for name in groups:
        async_to_sync(layer.group_add)(name, channel)

    def read() -> list[tuple[int, dict[str, Any]]]:
        found = []
        waiting = layer.channels.get(channel)
        while waiting is not None and not waiting.empty():
            _, items = envelope.unpack(async_to_sync(layer.receive)(channel))
            found += [
                (item.user, codec.decode_own(item.frame)) for item in items if isinstance(item, UserEvent)
            ]
        return found

    yield read
    channel_layers.backends.clear()


def asked(clock: Clock, after_s: float = 60, **fields: Any) -> CreateReminder:
    at = (clock() + timedelta(seconds=after_s)).isoformat()
    return CreateReminder.model_validate(
        {"client_reminder_id": client_message_id(), "text": "call Dora", "due_at": at, **fields}
    )


def remind(user: User, clock: Clock, after_s: float = 60, **fields: Any) -> Reminder:
    return service.create(user, asked(clock, after_s, **fields), clock())


def mine(user: User) -> list[Reminder]:
    return service.browse(user, 0, 200)[0]


def state(row: Reminder) -> str:
    return Reminder.objects.get(pk=row.pk).state.value


def test_its_person_is_told_at_its_time_and_it_stays_until_it_is_done(
    cast: Cast, clock: Clock, heard: Heard
) -> None:
    message = post(cast.room, cast.alice, "between us")
    row = remind(cast.bob, clock, message=message.pk, label="in a minute")
    heard()
    clock.move(59)
    assert (telling.sweep(clock), heard()) == (0, [])
    clock.move(1)
    assert telling.sweep(clock) == 1
    ((user, event),) = heard()
    shape = event["reminder"]
    assert (user, event["type"], shape["id"], shape["state"]) == (cast.bob.pk, "reminder.due", row.pk, "due")
    assert (shape["message"], shape["room"], shape["text"], shape["label"]) == (
        message.pk, cast.room.pk, "call Dora", "in a minute",
    )  # fmt: skip
    assert "between us" not in str(event)
    assert (telling.sweep(clock), heard()) == (0, [])
    assert [(found.pk, found.state.value) for found in mine(cast.bob)] == [(row.pk, "due")]
    assert service.finish(cast.bob, row.pk, clock()).state == "done"
    assert service.finish(cast.bob, row.pk, clock()).state == "done"
    assert mine(cast.bob) == []


def test_what_was_due_while_nobody_was_there_is_told_afterwards(
    cast: Cast, clock: Clock, heard: Heard
) -> None:
    rows = [remind(cast.bob, clock, after_s) for after_s in (300, 100, 200)]
    clock.move(86_400)
    assert telling.sweep(clock) == 3
    told = [event["reminder"]["id"] for _, event in heard()]
    assert told == [rows[1].pk, rows[2].pk, rows[0].pk]


def test_one_that_is_put_off_is_told_again(cast: Cast, clock: Clock, heard: Heard) -> None:
    row = remind(cast.bob, clock)
    clock.move(60)
    telling.sweep(clock)
    later = UpdateReminder(due_at=(clock() + timedelta(hours=3)).isoformat(), label="in 3 hours")
    assert service.change(cast.bob, row.pk, later, clock()).state == "waiting"
    heard()
    clock.move(3 * 3_600)
    assert telling.sweep(clock) == 1
    assert heard()[0][1]["reminder"]["label"] == "in 3 hours"


def test_what_is_done_or_deleted_before_its_time_is_not_told(cast: Cast, clock: Clock, heard: Heard) -> None:
    done, deleted = remind(cast.bob, clock), remind(cast.bob, clock)
    service.finish(cast.bob, done.pk, clock())
    service.delete(cast.bob, deleted.pk, clock())
    clock.move(60)
    assert (telling.sweep(clock), heard()) == (0, [])
    assert Reminder.objects.get(pk=deleted.pk).text == ""


def test_a_worker_that_ends_after_telling_tells_once_more(cast: Cast, clock: Clock, heard: Heard) -> None:
    row = remind(cast.bob, clock)
    clock.move(60)
    assert [found.pk for found in telling.take(clock())] == [row.pk]
    assert telling.sweep(clock) == 0
    clock.move(61)
    assert telling.sweep(clock) == 1
    assert len(heard()) == 1


def test_one_that_is_put_off_while_it_is_told_waits_for_its_new_time(cast: Cast, clock: Clock) -> None:
    row = remind(cast.bob, clock)
    clock.move(60)
    (taken,) = telling.take(clock())
    later = UpdateReminder(due_at=(clock() + timedelta(hours=3)).isoformat())
    service.change(cast.bob, row.pk, later, clock())
    telling.note(clock(), [taken])
    assert state(row) == "waiting"


def test_sweeps_at_once_tell_once(cast: Cast, clock: Clock, heard: Heard) -> None:
    rows = [remind(cast.bob, clock, 60 + n) for n in range(10)]
    clock.move(100)
    counts = at_once([lambda: telling.sweep(clock)] * 3)
    assert sum(counts) + telling.sweep(clock) == 10
    assert sorted(event["reminder"]["id"] for _, event in heard()) == [row.pk for row in rows]


def test_a_clock_that_goes_back_tells_nothing_twice(cast: Cast, clock: Clock, heard: Heard) -> None:
    row = remind(cast.bob, clock)
    clock.move(60)
    telling.sweep(clock)
    clock.move(-3_600)
    assert telling.sweep(clock) == 0
    clock.move(3_601)
    assert (telling.sweep(clock), state(row), len(heard())) == (0, "due", 1)


def test_the_same_order_again_gets_the_first_one_and_another_is_a_conflict(cast: Cast, clock: Clock) -> None:
    order = asked(clock)
    first = service.create(cast.bob, order, clock())
    clock.move(7_200)
    assert service.create(cast.bob, order, clock()).pk == first.pk
    with pytest.raises(Refused) as error:
        service.create(cast.bob, order.model_copy(update={"text": "call Eve"}), clock())
    assert error.value.code is ErrorCode.CONFLICT
    service.delete(cast.bob, first.pk, clock())
    with pytest.raises(Refused) as error:
        service.create(cast.bob, order, clock())
    assert error.value.code is ErrorCode.NOT_FOUND


def test_it_is_about_a_message_that_can_be_read_or_a_text(cast: Cast, clock: Clock) -> None:
    message = post(cast.room, cast.alice, "between us")
    assert remind(cast.bob, clock, message=message.pk, text="").text == ""
    said = set()
    deleted = post(cast.room, cast.bob, "gone")
    run(cast.bob.pk, DeleteMessage(message=deleted.pk))
    for person, pk in ((cast.carol, message.pk), (cast.carol, 10**12), (cast.bob, deleted.pk)):
        with pytest.raises(Refused) as error:
            remind(person, clock, message=pk)
        said.add(str(error.value))
    assert said == {"not_found: no such message"}
    for text in ("", " \u200b "):
        with pytest.raises(ProtocolError) as bad:
            remind(cast.bob, clock, text=text)
        assert bad.value.code is ErrorCode.EMPTY
    row = remind(cast.bob, clock)
    with pytest.raises(ProtocolError):
        service.change(cast.bob, row.pk, UpdateReminder(text=" "), clock())


def test_who_lost_the_room_is_told_which_message_and_nothing_of_it(
    cast: Cast, clock: Clock, heard: Heard
) -> None:
    message = post(cast.room, cast.alice, "between us")
    remind(cast.bob, clock, message=message.pk, text="")
    run(cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    heard()
    clock.move(60)
    telling.sweep(clock)
    ((_, event),) = heard()
    assert event["reminder"]["message"] == message.pk
    assert "between us" not in str(event)


def test_who_is_switched_off_is_not_told(cast: Cast, clock: Clock, heard: Heard) -> None:
    row = remind(cast.bob, clock)
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    heard()
    clock.move(60)
    telling.sweep(clock)
    assert (heard(), state(row)) == ([], "due")


def test_one_of_somebody_else_is_as_if_it_was_not_there(cast: Cast, clock: Clock) -> None:
    row = remind(cast.alice, clock)
    for deed in (
        lambda: service.change(cast.bob, row.pk, UpdateReminder(text="x"), clock()),
        lambda: service.finish(cast.bob, row.pk, clock()),
        lambda: service.delete(cast.bob, row.pk, clock()),
    ):
        with pytest.raises(Refused) as error:
            deed()
        assert str(error.value) == "not_found: no such reminder"
    assert mine(cast.bob) == []


def test_what_is_done_cannot_be_put_off(cast: Cast, clock: Clock) -> None:
    row = remind(cast.bob, clock)
    service.finish(cast.bob, row.pk, clock())
    with pytest.raises(Refused, match="it is done"):
        service.change(cast.bob, row.pk, UpdateReminder(text="x"), clock())


@pytest.mark.parametrize("ahead_s", [0, -60, 367 * 86_400])
def test_a_time_that_is_past_or_too_far_is_refused(cast: Cast, clock: Clock, ahead_s: int) -> None:
    with pytest.raises(ProtocolError) as error:
        remind(cast.bob, clock, ahead_s)
    assert error.value.code is ErrorCode.BAD_FRAME


def test_the_list_comes_in_pages(cast: Cast, clock: Clock) -> None:
    pks = [remind(cast.bob, clock).pk for _ in range(3)]
    first, last = service.browse(cast.bob, 0, 2)
    assert ([row.pk for row in first], last) == (pks[:2], pks[1])
    rest, last = service.browse(cast.bob, pks[1], 2)
    assert ([row.pk for row in rest], last) == (pks[2:], None)


def test_there_is_a_bound_and_what_is_over_makes_room(
    cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REMINDERS_MAX_COUNT", 2)
    monkeypatch.setattr(service, "_OVER_MAX_COUNT", 1)
    rows = [remind(cast.bob, clock) for _ in range(2)]
    with pytest.raises(Refused) as error:
        remind(cast.bob, clock)
    assert str(error.value) == "too_many: you have 2 reminders, at most 2"
    for row in rows:
        service.finish(cast.bob, row.pk, clock())
    remind(cast.bob, clock)
    remind(cast.alice, clock)
    assert Reminder.objects.filter(user=cast.bob).count() == 2
