from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.features.retention import expiring
from chat.models import Change, Message, Room, ScheduledMessage
from chat.pipeline.run import run
from chat.protocol.commands import AddReaction
from tests.aging import age
from tests.cast import Cast
from tests.make import post

CUTOFF_DAYS = 10


def through(room: Room) -> tuple[Room, int]:
    found = Room.objects.get(pk=room.pk)
    return found, expiring.last_before(found, timezone.now() - timedelta(days=CUTOFF_DAYS))


def batch(room: Room) -> list[int]:
    found, last = through(room)
    return expiring.next_batch(found.pk, timezone.now() - timedelta(days=CUTOFF_DAYS), last)


@pytest.mark.parametrize("old", range(7))
def test_the_last_old_change_is_found_wherever_it_stands(cast: Cast, old: int) -> None:
    room = cast.plaza
    for number in range(5):
        post(room, cast.alice, str(number))
    if old:
        age(room, 11, through=old)
    assert Room.objects.get(pk=room.pk).last_seq == 6
    assert through(room)[1] == old


def test_a_hole_in_the_log_is_passed_over(cast: Cast) -> None:
    room = cast.plaza
    for number in range(9):
        post(room, cast.alice, str(number))
    age(room, 11, through=4)
    Change.objects.filter(room=room, seq__in=[5, 6, 7, 8]).delete()
    assert through(room)[1] == 4
    Change.objects.filter(room=room, seq=4).delete()
    assert through(room)[1] == 3


def test_what_is_young_stays(cast: Cast) -> None:
    post(cast.room, cast.alice, "young")
    age(cast.room, 9)
    assert batch(cast.room) == []


def test_the_oldest_goes_first_and_a_thread_goes_whole(cast: Cast) -> None:
    first, second = post(cast.room, cast.alice, "one"), post(cast.room, cast.alice, "two")
    reply = post(cast.room, cast.bob, "re one", parent=first.pk)
    age(cast.room, 11)
    post(cast.room, cast.bob, "young")
    assert batch(cast.room) == [first.pk, reply.pk, second.pk]


def test_a_thread_lives_as_long_as_its_newest_reply(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "one")
    old = post(cast.room, cast.bob, "old", parent=first.pk)
    other = post(cast.room, cast.alice, "other")
    age(cast.room, 11)
    young = post(cast.room, cast.bob, "young", parent=first.pk)
    assert batch(cast.room) == [other.pk]
    age(cast.room, 11)
    assert batch(cast.room) == [first.pk, old.pk, young.pk, other.pk]


def test_a_reply_that_waits_for_its_time_keeps_its_thread(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "one")
    age(cast.room, 11)
    waiting = ScheduledMessage.objects.create(
        author=cast.bob, room=cast.room, parent=first, due_at=timezone.now() + timedelta(days=1),
        client_scheduled_id="later",
    )  # fmt: skip
    assert batch(cast.room) == []
    ScheduledMessage.objects.filter(pk=waiting.pk).update(failed_at=timezone.now())
    assert batch(cast.room) == [first.pk]


def test_a_transaction_has_a_bound_in_messages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.protocol.limits.EXPIRY_MAX_COUNT", 3)
    said = [post(cast.room, cast.alice, str(number)) for number in range(2)]
    replies = [post(cast.room, cast.bob, str(number), parent=said[1].pk) for number in range(2)]
    age(cast.room, 11)
    # The thread does not fit behind the first: it is the next one's.
    assert batch(cast.room) == [said[0].pk]
    Message.objects.filter(pk=said[0].pk).delete()
    assert batch(cast.room) == [said[1].pk, *(reply.pk for reply in replies)]


def test_a_transaction_has_a_bound_in_rows_with_what_hangs_on_the_messages(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "ROWS_MAX_COUNT", 4)
    said = [post(cast.room, cast.alice, f"{number} @bob") for number in range(3)]
    for emoji in ("👍", "🎉"):
        run(cast.bob.pk, AddReaction(message=said[1].pk, emoji=emoji))
    age(cast.room, 11)
    # 1 + mention; 1 + mention + two reactions.
    assert batch(cast.room) == [said[0].pk]
    Message.objects.filter(pk=said[0].pk).delete()
    assert batch(cast.room) == [said[1].pk]


def test_of_a_thread_that_is_too_much_for_one_transaction_a_part_goes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.protocol.limits.EXPIRY_MAX_COUNT", 3)
    first = post(cast.room, cast.alice, "one")
    replies = [post(cast.room, cast.bob, str(number), parent=first.pk) for number in range(5)]
    age(cast.room, 11)
    assert batch(cast.room) == [first.pk, replies[0].pk, replies[1].pk]
    monkeypatch.setattr(expiring, "ROWS_MAX_COUNT", 1)
    # Never nothing, or it would never go.
    assert batch(cast.room) == [first.pk, replies[0].pk]
