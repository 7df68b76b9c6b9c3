from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.features.retention import expiring, removal
from chat.models import (
    Change,
    Mention,
    Message,
    Reaction,
    Room,
)
from chat.pipeline import trim
from chat.pipeline.run import run
from chat.protocol.commands import AddReaction, PostMessage
from chat.queries import changes, counts, rooms, snapshot
from tests.aging import age, left
from tests.cast import Cast
from tests.make import client_message_id, post

pytestmark = pytest.mark.usefixtures("ten_days")


def test_it_goes_on_where_it_stopped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.protocol.limits.EXPIRY_MAX_COUNT", 2)
    for number in range(5):
        post(cast.room, cast.alice, str(number))
    age(cast.room, 11)

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    # After the first transaction, and with all messages gone but nothing of the log.
    for place in ("chat.pipeline.run.tell", "chat.pipeline.trim.cut"):
        with monkeypatch.context() as patch:
            patch.setattr(place, die)
            with pytest.raises(Killed):
                removal.sweep()
    removal.sweep()
    assert left(cast.room) == []
    assert counts.wrong(cast.room.pk) == Counter()
    assert Change.objects.filter(room=cast.room).exclude(kind="message.expired").count() == 0


def test_no_transaction_removes_more_rows_than_its_bound(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.protocol.limits.EXPIRY_MAX_COUNT", 4)
    monkeypatch.setattr(expiring, "ROWS_MAX_COUNT", 6)
    monkeypatch.setattr(removal, "LOG_ROWS_MAX_COUNT", 7)
    for number in range(10):
        message = post(cast.room, cast.alice, f"{number} @bob")
        run(cast.bob.pk, AddReaction(message=message.pk, emoji="👍"))
    age(cast.room, 11)
    sizes: list[int] = []

    def rows() -> int:
        kinds = (Message, Reaction, Mention)
        return sum(kind._default_manager.count() for kind in kinds)

    def measured(actor: int, command: Any) -> Any:
        before = rows()
        result = run(actor, command)
        sizes.append(before - rows())
        return result

    def cut(room_id: int, count: int) -> int:
        before = Change.objects.filter(room=room_id).count()
        result = trim_cut(room_id, count)
        sizes.append(before - Change.objects.filter(room=room_id).count())
        return result

    trim_cut = trim.cut
    monkeypatch.setattr(removal, "run", measured)
    monkeypatch.setattr(trim, "cut", cut)
    removal.sweep()
    assert rows() == 0
    assert max(sizes) <= 7
    assert sizes.count(6) == 5


def test_an_order_that_is_repeated_while_its_message_is_kept_is_the_same(cast: Cast) -> None:
    command = PostMessage(room=cast.room.pk, client_message_id=client_message_id(), body="once")
    first = run(cast.bob.pk, command)
    age(cast.room, 9)
    removal.sweep()
    assert run(cast.bob.pk, command)["id"] == first["id"]


def test_a_cursor_from_before_the_beginning_of_the_log_is_reset(cast: Cast) -> None:
    post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    post(cast.room, cast.alice, "young")
    removal.sweep()
    begins = Room.objects.get(pk=cast.room.pk).expired_seq
    for cursor, is_reset in ((begins - 1, True), (begins, False), (begins + 1, False)):
        taken = snapshot.take(cast.bob, None, {cast.room.pk: cursor}, 100)
        assert (taken.reset == [cast.room.pk]) is is_reset
    with pytest.raises(changes.LogBeginsLater):
        changes.since(cast.room.pk, begins - 1, 10)
    assert [change["seq"] for change in changes.since(cast.room.pk, begins, 10)] == [begins + 1, begins + 2]


def test_a_cursor_is_reset_from_the_moment_in_which_something_is_missing(cast: Cast) -> None:
    post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    post(cast.room, cast.alice, "young")
    begins = Room.objects.get(pk=cast.room.pk).last_seq - 1
    # Killed between the announcement and the rows.
    trim.begin_after(cast.room.pk, begins)
    with pytest.raises(changes.LogBeginsLater):
        changes.since(cast.room.pk, begins - 1, 10)
    assert changes.since_many({cast.room.pk: begins - 1}, 10) == {}
    assert [change["seq"] for change in changes.since_many({cast.room.pk: begins}, 10)[cast.room.pk]] == [
        begins + 1
    ]


def test_a_room_whose_whole_log_has_gone_is_reset_and_goes_on(cast: Cast) -> None:
    post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    removal.sweep()
    Change.objects.filter(room=cast.room).update(at=timezone.now() - timedelta(days=11))
    removal.sweep()
    room = Room.objects.get(pk=cast.room.pk)
    assert Change.objects.filter(room=room).count() == 0
    with pytest.raises(changes.LogBeginsLater):
        changes.since(room.pk, room.last_seq - 1, 10)
    assert changes.since(room.pk, room.last_seq, 10) == []
    assert post(room, cast.bob, "anew").seq == room.last_seq + 1


def test_a_silent_room_does_not_become_the_last_alive(cast: Cast) -> None:
    post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    at = Room.objects.get(pk=cast.room.pk).last_at
    removal.sweep()
    assert Room.objects.get(pk=cast.room.pk).last_at == at


def test_unread_is_a_subtraction_and_mentions_that_have_gone_are_not_counted(cast: Cast) -> None:
    post(cast.room, cast.alice, "old @bob")
    age(cast.room, 11)
    post(cast.room, cast.alice, "young @bob")
    before = rooms.one(cast.bob, cast.room.pk)
    assert (before["unread"], before["mentions"]) == (2, 2)
    removal.sweep()
    after = rooms.one(cast.bob, cast.room.pk)
    assert (after["unread"], after["mentions"], after["last_msg_no"]) == (2, 1, 2)
