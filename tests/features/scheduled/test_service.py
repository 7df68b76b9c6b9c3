from datetime import timedelta

import pytest
from django.utils import timezone

from chat.features.scheduled import sending, service
from chat.features.scheduled.commands import UpdateScheduled
from chat.models import ScheduledMessage
from chat.pipeline.run import run
from chat.protocol import limits
from chat.protocol.commands import DeleteMessage, MuteMember, UpdateRoom
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from tests.cast import Cast, make_room
from tests.features.scheduled.waiting import NOON, Clock, asked, later, mine
from tests.make import post

SOON = NOON + timedelta(minutes=1)


def refusal(error: pytest.ExceptionInfo[Refused | ProtocolError]) -> ErrorCode:
    return error.value.code


def test_the_same_order_again_gets_the_first_one(cast: Cast) -> None:
    order = asked(cast.room, "hi", SOON)
    first = service.create(cast.bob, order, NOON)
    assert service.create(cast.bob, order, NOON + timedelta(hours=3)).pk == first.pk
    assert ScheduledMessage.objects.count() == 1


def test_the_same_id_for_another_text_or_time_is_a_conflict(cast: Cast) -> None:
    order = asked(cast.room, "hi", SOON)
    service.create(cast.bob, order, NOON)
    for other in ({"body": "ho"}, {"due_at": (SOON + timedelta(minutes=1)).isoformat()}, {"parent": 1}):
        with pytest.raises(Refused) as error:
            service.create(cast.bob, order.model_copy(update=other), NOON)
        assert refusal(error) is ErrorCode.CONFLICT


def test_the_same_instant_in_another_zone_is_the_same_order(cast: Cast) -> None:
    order = asked(cast.room, "hi", SOON)
    first = service.create(cast.bob, order, NOON)
    again = order.model_copy(update={"due_at": "2026-06-01T21:01:00+09:00"})
    assert service.create(cast.bob, again, NOON).pk == first.pk


def test_the_same_id_of_somebody_else_is_another_message(cast: Cast) -> None:
    order = asked(cast.room, "hi", SOON)
    assert service.create(cast.bob, order, NOON).pk != service.create(cast.alice, order, NOON).pk


def test_a_repeat_finds_what_was_changed_since(cast: Cast) -> None:
    order = asked(cast.room, "hi", SOON)
    row = service.create(cast.bob, order, NOON)
    service.change(cast.bob, row.pk, UpdateScheduled(body="ho"), NOON)
    assert service.create(cast.bob, order, NOON).body == "ho"


def test_a_repeat_does_not_bring_a_cancelled_one_back(cast: Cast) -> None:
    order = asked(cast.room, "hi", SOON)
    service.cancel(cast.bob, service.create(cast.bob, order, NOON).pk, NOON)
    with pytest.raises(Refused) as error:
        service.create(cast.bob, order, NOON)
    assert refusal(error) is ErrorCode.NOT_FOUND
    assert (mine(cast.bob), ScheduledMessage.objects.get().body) == ([], "")


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=-1), timedelta(days=367)])
def test_a_time_that_is_past_or_too_far_is_refused(cast: Cast, ahead: timedelta) -> None:
    row = later(cast.bob, cast.room)
    with pytest.raises(ProtocolError) as error:
        service.create(cast.bob, asked(cast.room, "hi", NOON + ahead), NOON)
    assert refusal(error) is ErrorCode.BAD_FRAME
    with pytest.raises(ProtocolError):
        service.change(cast.bob, row.pk, UpdateScheduled(due_at=(NOON + ahead).isoformat()), NOON)


def test_who_may_not_write_there_may_not_schedule_there(cast: Cast) -> None:
    run(cast.alice.pk, MuteMember(room=cast.room.pk, user=cast.bob.pk, minutes=5))
    archived = make_room(cast.alice, name="Old")
    run(cast.alice.pk, UpdateRoom(room=archived.pk, archived=True))
    for person, room, code in (
        (cast.carol, cast.room, ErrorCode.NOT_FOUND),
        (cast.bob, cast.room, ErrorCode.MUTED),
        (cast.bob, cast.plaza, ErrorCode.FORBIDDEN),
        (cast.alice, archived, ErrorCode.ARCHIVED),
    ):
        with pytest.raises(Refused) as error:
            later(person, room, now=timezone.now())
        assert refusal(error) is code
    assert not ScheduledMessage.objects.exists()


def test_a_reply_waits_only_for_a_message_of_its_room(cast: Cast) -> None:
    here, elsewhere = post(cast.room, cast.bob, "hi"), post(cast.plaza, cast.alice, "hi")
    assert later(cast.bob, cast.room, parent=here.pk).parent_id == here.pk
    gone = post(cast.room, cast.bob, "gone")
    run(cast.bob.pk, DeleteMessage(message=gone.pk))
    for parent in (elsewhere.pk, gone.pk, 10**12):
        with pytest.raises(Refused) as error:
            later(cast.bob, cast.room, parent=parent)
        assert refusal(error) is ErrorCode.NOT_FOUND


def test_the_list_is_ones_own_and_comes_in_pages(cast: Cast) -> None:
    pks = [later(cast.bob, cast.room, after_s=seconds).pk for seconds in (90, 30, 60)]
    later(cast.alice, cast.room)
    assert [row.pk for row in mine(cast.bob)] == pks
    first, last = service.browse(cast.bob, 0, 2)
    assert ([row.pk for row in first], last) == (pks[:2], pks[1])
    rest, last = service.browse(cast.bob, pks[1], 2)
    assert ([row.pk for row in rest], last) == (pks[2:], None)


def test_a_page_of_long_texts_has_a_bound(cast: Cast) -> None:
    for _ in range(20):
        later(cast.bob, cast.room, "x" * 8_000)
    page, last = service.browse(cast.bob, 0, 200)
    assert len(page) == 15
    assert len(service.browse(cast.bob, last or 0, 200)[0]) == 5


def test_one_of_somebody_else_is_as_if_it_was_not_there(cast: Cast) -> None:
    row = later(cast.alice, cast.room)
    for deed in (
        lambda: service.one(cast.bob, row.pk),
        lambda: service.change(cast.bob, row.pk, UpdateScheduled(body="x"), NOON),
        lambda: service.cancel(cast.bob, row.pk, NOON),
        lambda: sending.take_now(cast.bob, row.pk, NOON),
    ):
        with pytest.raises(Refused) as error:
            deed()
        assert str(error.value) == "not_found: no such scheduled message"


def test_what_is_being_sent_or_was_sent_can_be_neither_changed_nor_cancelled(cast: Cast) -> None:
    clock = Clock()
    row = later(cast.bob, cast.room)
    clock.move(60)
    assert sending.take(row, clock()) is not None
    for detail in ("it is being sent", "it was sent"):
        with pytest.raises(Refused) as error:
            service.change(cast.bob, row.pk, UpdateScheduled(body="x"), clock())
        assert str(error.value) == f"conflict: {detail}"
        with pytest.raises(Refused, match=detail):
            service.cancel(cast.bob, row.pk, clock())
        clock.move(61)
        sending.sweep(clock)


def test_there_is_a_bound_and_what_is_over_makes_room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SCHEDULED_MAX_COUNT", 3)
    rows = [later(cast.bob, cast.room) for _ in range(3)]
    with pytest.raises(Refused) as error:
        later(cast.bob, cast.room)
    assert str(error.value) == "too_many: you have 3 messages waiting, at most 3"
    service.cancel(cast.bob, rows[0].pk, NOON)
    later(cast.bob, cast.room)
    later(cast.alice, cast.room)


def test_what_is_over_is_kept_to_a_bound(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_SETTLED_MAX_COUNT", 2)
    for _ in range(5):
        service.cancel(cast.bob, later(cast.bob, cast.room).pk, NOON)
    assert ScheduledMessage.objects.count() == 3
