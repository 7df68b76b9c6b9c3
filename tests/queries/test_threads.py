from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Message, ThreadFollow
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage, LeaveRoom
from chat.protocol.threads import FollowThread, ReadThread, UnfollowThread
from chat.queries import messages, threads
from tests.cast import Cast, make_room
from tests.make import post


@pytest.fixture
def root(cast: Cast) -> Message:
    return post(cast.room, cast.alice, "a question")


def answer(cast: Cast, root: Message, who: Any, *bodies: str) -> list[Message]:
    return [post(root.room, who, body, parent=root.pk) for body in bodies]


def unread(user: Any) -> dict[int, int]:
    return {one["message"]: one["unread"] for one in threads.states(user)}


def test_unread_are_the_replies_of_others_after_the_marker(cast: Cast, root: Message) -> None:
    first, second = answer(cast, root, cast.bob, "one", "two")
    assert unread(cast.alice) == {root.pk: 2}
    assert unread(cast.bob) == {root.pk: 0}
    answer(cast, root, cast.mina, "three")
    assert unread(cast.bob) == {root.pk: 1}
    run(cast.alice.pk, ReadThread(message=root.pk, seq=first.seq))
    assert unread(cast.alice) == {root.pk: 2}
    run(cast.mina.pk, DeleteMessage(message=second.pk))
    assert unread(cast.alice) == {root.pk: 1}
    answer(cast, root, cast.alice, "thanks")
    assert unread(cast.alice) == {root.pk: 0}


def test_a_thread_that_is_left_and_a_room_that_is_left_are_not_listed(cast: Cast, root: Message) -> None:
    answer(cast, root, cast.bob, "one")
    run(cast.alice.pk, UnfollowThread(message=root.pk))
    assert unread(cast.alice) == {}
    run(cast.bob.pk, LeaveRoom(room=cast.room.pk))
    assert unread(cast.bob) == {}
    assert unread(cast.carol) == {}


def test_the_count_says_up_to_where_it_was_counted(cast: Cast, root: Message) -> None:
    answer(cast, root, cast.bob, "one")
    last = post(cast.room, cast.mina, "elsewhere")
    (state,) = threads.states(cast.alice)
    assert (state["counted_seq"], state["room"]) == (last.seq, cast.room.pk)


def test_pages_have_the_newest_activity_first_and_meet(cast: Cast) -> None:
    other = make_room(cast.bob, cast.alice, name="Other")
    roots = [
        post(room, cast.alice, f"question {n}") for n, room in enumerate([cast.room, other, cast.room, other])
    ]
    for root in roots:
        answer(cast, root, cast.bob, "one")
    answer(cast, roots[1], cast.bob, "two", "three", "four", "five")
    # Read, and so among the others.
    run(cast.alice.pk, ReadThread(message=roots[2].pk, seq=99))
    found, place = [], None
    while True:
        page, place = threads.page(cast.alice, is_unread=True, after=place, limit=2)
        found += page
        if place is None:
            break
        place = threads.place_of(threads.cursor_of(place))
    assert [one["message"] for one in found] == [roots[1].pk, roots[3].pk, roots[0].pk]
    assert [shape["body"] for shape in found[0]["replies"]] == ["three", "four", "five"]
    assert (found[0]["first"]["body"], found[0]["unread"]) == ("question 1", 5)
    (read,), _ = threads.page(cast.alice, is_unread=False, after=None, limit=2)
    assert read["message"] == roots[2].pk


def test_a_thread_without_replies_is_listed_with_its_first_message(cast: Cast, root: Message) -> None:
    run(cast.bob.pk, FollowThread(message=root.pk))
    (found,), _ = threads.page(cast.bob, is_unread=False, after=None, limit=5)
    assert (found["message"], found["replies"], found["unread"]) == (root.pk, [], 0)


@pytest.mark.parametrize("cursor", ["", "1", "x.1", "1.x", "1.", ".1", "１.1", "9" * 30 + ".1", "-1.1"])
def test_a_cursor_that_was_not_given_is_known(cursor: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        threads.place_of(cursor)


def test_many_threads_cost_as_many_queries_as_one(cast: Cast, root: Message) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            threads.page(cast.alice, is_unread=True, after=None, limit=20)
        return len(queries)

    answer(cast, root, cast.bob, "one")
    threads.page(cast.alice, is_unread=True, after=None, limit=20)
    first = asked()
    for number in range(4):
        answer(cast, post(cast.room, cast.alice, f"question {number}"), cast.bob, "yes", "no")
    assert asked() == first


def test_only_so_many_are_looked_at(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "FOLLOWED_MAX_COUNT", 2)
    roots = [post(cast.room, cast.alice, f"question {number}") for number in range(3)]
    for root in roots:
        answer(cast, root, cast.bob, "yes")
    assert set(unread(cast.bob)) == {roots[1].pk, roots[2].pk}


def test_under_its_first_message_stands_who_answered_last(cast: Cast, root: Message) -> None:
    assert "thread" not in messages.one(cast.bob, root.pk)
    for who in (cast.bob, cast.mina, cast.beep, cast.jiwoo):
        answer(cast, root, who, "hm")
    (last,) = answer(cast, root, cast.mina, "hm")
    shape = messages.one(cast.bob, root.pk)
    assert shape["reply_count"] == 5
    assert shape["thread"]["people"] == [cast.mina.pk, cast.jiwoo.pk, cast.beep.pk]
    assert shape["thread"]["last_at"] == messages.one(cast.bob, last.pk)["at"]


def test_one_reply_writes_the_rows_of_a_thread_once(cast: Cast, root: Message) -> None:
    answer(cast, root, cast.bob, "hi @mina and @alice")
    answer(cast, root, cast.bob, "again @mina")
    rows = ThreadFollow.objects.filter(message=root).values_list("user__handle", "is_on")
    assert sorted(rows) == [("alice", True), ("bob", True), ("mina", True)]
