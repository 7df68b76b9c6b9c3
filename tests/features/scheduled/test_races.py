from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from chat.features.scheduled import sending, service
from chat.features.scheduled.commands import UpdateScheduled
from chat.models import Message, ScheduledMessage
from chat.pipeline.run import run
from chat.protocol import limits
from chat.protocol.errors import Refused
from tests.cast import Cast
from tests.features.scheduled.waiting import Clock, asked, later
from tests.pipeline.threads import at_once


@pytest.fixture
def clock() -> Clock:
    return Clock(timezone.now())


def test_sweeps_at_once_send_each_once_and_in_order(cast: Cast, clock: Clock) -> None:
    for n in range(8):
        later(cast.bob, cast.room, f"room {n}", 60 + n, now=clock())
        later(cast.alice, cast.plaza, f"plaza {n}", 60 + n, now=clock())
    clock.move(100)
    at_once([lambda: sending.sweep(clock)] * 3)
    # What one sweep had when the others looked may be left for the next.
    sending.sweep(clock)
    for room, name in ((cast.room, "room"), (cast.plaza, "plaza")):
        found = Message.objects.filter(room=room).order_by("seq").values_list("body", flat=True)
        assert list(found) == [f"{name} {n}" for n in range(8)]
    assert not ScheduledMessage.objects.filter(settled_at=None).exists()


def test_two_that_both_believe_it_is_theirs_send_it_once(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, "once", now=clock())
    clock.move(60)
    first = sending.take(row, clock())
    clock.move(61)
    second = sending.take(row, clock())
    assert first is not None
    assert second is not None
    at_once([lambda: run(cast.bob.pk, sending.command_of(first)), lambda: sending.sweep(clock)])
    results = at_once([lambda: run(cast.bob.pk, sending.command_of(second))] * 2)
    for result in results:
        sending.sent(second, result["id"], result["seq"], clock())
    assert Message.objects.filter(room=cast.room).count() == 1
    assert ScheduledMessage.objects.get().seq == Message.objects.get(room=cast.room).seq


def _outcome(deed: Callable[[], object]) -> Callable[[], str]:
    def done() -> str:
        try:
            deed()
        except Refused as error:
            return error.code.value
        return "ok"

    return done


def test_what_is_changed_while_it_is_sent_goes_out_as_its_author_was_told(cast: Cast, clock: Clock) -> None:
    for n in range(6):
        row = later(cast.bob, cast.room, f"old {n}", now=clock())
        clock.move(60)
        change = UpdateScheduled(body=f"new {n}")
        said, _ = at_once(
            [
                _outcome(partial(service.change, cast.bob, row.pk, change, clock())),
                _outcome(lambda: sending.sweep(clock)),
            ]
        )
        sending.sweep(clock)
        expected = f"new {n}" if said == "ok" else f"old {n}"
        assert Message.objects.filter(room=cast.room).order_by("-seq")[0].body == expected
        assert said in ("ok", "conflict")


def test_what_is_cancelled_while_it_is_sent_is_out_or_is_not(cast: Cast, clock: Clock) -> None:
    for n in range(6):
        row = later(cast.bob, cast.room, f"row {n}", now=clock())
        clock.move(60)
        said, _ = at_once(
            [
                _outcome(partial(service.cancel, cast.bob, row.pk, clock())),
                _outcome(lambda: sending.sweep(clock)),
            ]
        )
        sending.sweep(clock)
        assert Message.objects.filter(body=f"row {n}").exists() == (said == "conflict")


def test_one_that_is_sent_now_at_its_very_time_is_sent_once(cast: Cast, clock: Clock) -> None:
    row = later(cast.bob, cast.room, "once", now=clock())
    clock.move(60)

    def now() -> None:
        taken, _ = sending.take_now(cast.bob, row.pk, clock())
        if taken.state is ScheduledMessage.State.SENDING:
            result = run(cast.bob.pk, sending.command_of(taken))
            sending.sent(taken, result["id"], result["seq"], clock())

    said = at_once([_outcome(now), _outcome(now), _outcome(lambda: sending.sweep(clock))])
    sending.sweep(clock)
    assert set(said) <= {"ok", "conflict"}
    assert Message.objects.filter(room=cast.room).count() == 1


def test_the_same_order_at_once_is_one_and_the_bound_holds(
    cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCHEDULED_MAX_COUNT", 2)
    order = asked(cast.room, "once", clock() + timedelta(minutes=1))
    rows = at_once([lambda: service.create(cast.bob, order, clock())] * 3)
    assert len({row.pk for row in rows}) == 1
    said = at_once([_outcome(lambda: later(cast.bob, cast.room, now=clock()))] * 3)
    assert sorted(said) == ["ok", "too_many", "too_many"]
