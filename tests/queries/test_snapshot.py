from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.pipeline.run import run
from chat.protocol.commands import LeaveRoom, MarkRead, OpenDirect
from chat.queries import rooms, snapshot, workspace
from tests.cast import Cast, make_room
from tests.make import post

pytestmark = pytest.mark.usefixtures("cast")


def test_unread_and_mentions_are_counted_from_the_read_marker(cast: Cast) -> None:
    for body in ("one", "two @bob", "three @bob"):
        post(cast.room, cast.alice, body)
    room = next(room for room in rooms.mine(cast.bob) if room["id"] == cast.room.pk)
    assert (room["unread"], room["mentions"]) == (3, 2)
    run(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=2))
    room = next(room for room in rooms.mine(cast.bob) if room["id"] == cast.room.pk)
    assert (room["unread"], room["mentions"]) == (1, 1)


def test_what_i_write_is_read_by_me(cast: Cast) -> None:
    post(cast.room, cast.alice, "hi")
    post(cast.room, cast.bob, "hello")
    room = next(room for room in rooms.mine(cast.bob) if room["id"] == cast.room.pk)
    assert room["unread"] == 0


def test_replies_in_a_thread_are_not_unread_in_the_room(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "hi")
    run(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=1))
    post(cast.room, cast.alice, "more", parent=first.pk)
    room = next(room for room in rooms.mine(cast.bob) if room["id"] == cast.room.pk)
    assert room["unread"] == 0


def test_a_cursor_gets_the_changes_after_it(cast: Cast) -> None:
    head = rooms.mine(cast.bob, [cast.room.pk])[0]["last_seq"]
    post(cast.room, cast.alice, "one")
    post(cast.room, cast.alice, "two")
    late = make_room(cast.alice, cast.bob, name="Late")
    post(late, cast.alice, "three")
    late_head = rooms.mine(cast.bob, [late.pk])[0]["last_seq"]
    taken = snapshot.take(cast.bob, None, {cast.room.pk: head, late.pk: late_head - 1}, 100)
    assert [change["seq"] for change in taken.replay[cast.room.pk]] == [head + 1, head + 2]
    assert [change["seq"] for change in taken.replay[late.pk]] == [late_head]
    assert (taken.reset, taken.behind) == ([], {})


def test_one_room_alone_is_left_to_the_pages_that_its_readers_share(cast: Cast) -> None:
    head = rooms.mine(cast.bob, [cast.room.pk])[0]["last_seq"]
    post(cast.room, cast.alice, "one")
    taken = snapshot.take(cast.bob, None, {cast.room.pk: head}, 100)
    assert (taken.replay, taken.reset, taken.behind) == ({}, [], {cast.room.pk: head})


@pytest.mark.parametrize(
    ("known_epoch", "offset", "limit"),
    [("another", -1, 100), (None, 5, 100), (None, -3, 2)],
    ids=["another epoch", "beyond the log", "too far behind"],
)
def test_a_cursor_that_cannot_be_replayed_is_reset(
    cast: Cast, known_epoch: str | None, offset: int, limit: int
) -> None:
    for body in ("one", "two", "three"):
        post(cast.room, cast.alice, body)
    head = rooms.mine(cast.bob, [cast.room.pk])[0]["last_seq"]
    taken = snapshot.take(cast.bob, known_epoch, {cast.room.pk: head + offset}, limit)
    assert taken.reset == [cast.room.pk]
    assert taken.replay == {}


def test_cursors_of_rooms_that_are_hidden_missing_or_left_are_passed_over(cast: Cast) -> None:
    run(cast.bob.pk, LeaveRoom(room=cast.room.pk))
    for user in (cast.bob, cast.carol):
        taken = snapshot.take(user, None, {cast.room.pk: 1, 999_999: 1}, 100)
        assert (taken.replay, taken.reset) == ({}, [])
        assert cast.room.pk not in {room["id"] for room in taken.rooms}


def test_a_direct_room_is_called_by_the_others(cast: Cast) -> None:
    direct = run(cast.alice.pk, OpenDirect(users=[cast.bob.pk, cast.jiwoo.pk]))["room"]
    assert rooms.mine(cast.bob, [direct])[0]["name"] == "Alice, 지우"
    assert rooms.mine(cast.bob, [direct])[0]["peers"] == [cast.alice.pk, cast.jiwoo.pk]


def test_nothing_missed_costs_two_queries_and_directs_one_more(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    post(cast.room, cast.alice, "hi @bob")
    cursors = {room["id"]: room["last_seq"] for room in rooms.mine(cast.bob)}
    with django_assert_num_queries(2):
        snapshot.take(cast.bob, None, cursors, 1_000)
    run(cast.alice.pk, OpenDirect(users=[cast.bob.pk]))
    with django_assert_num_queries(3):
        snapshot.take(cast.bob, None, cursors, 1_000)


def test_the_rooms_at_once_are_the_rooms(cast: Cast) -> None:
    run(cast.alice.pk, OpenDirect(users=[cast.bob.pk]))
    for body in ("one @bob", "two", "three @bob"):
        post(cast.room, cast.alice, body)
    run(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=1))
    for user in (cast.alice, cast.bob, cast.carol, cast.admin):
        states, epoch, _ = rooms.mine_at_once(user)
        assert (states, epoch) == (rooms.mine(user), workspace.epoch())


def test_many_rooms_cost_as_many_queries_as_few(cast: Cast) -> None:
    def count() -> int:
        cursors = {room["id"]: 0 for room in rooms.mine(cast.bob)}
        with CaptureQueriesContext(connection) as caught:
            snapshot.take(cast.bob, None, cursors, 1_000)
        return len(caught)

    post(cast.room, cast.alice, "hi @bob")
    run(cast.alice.pk, OpenDirect(users=[cast.bob.pk]))
    few = count()
    for number in range(8):
        post(make_room(cast.alice, cast.bob, name=f"Room {number}"), cast.alice, "hi @bob")
    assert count() == few
