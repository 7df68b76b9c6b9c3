from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Room, User
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage, LeaveRoom, MarkRead, OpenDirect
from chat.queries import payloads, unread
from tests.cast import Cast
from tests.make import make_room, post


def rooms(user: User, *ids: int, after: int = 0, limit: int = 10) -> dict[int, list[str]]:
    items, _ = unread.rooms(user, ids, after, limit)
    return {item["room"]["id"]: [message["body"] for message in item["messages"]] for item in items}


def mentions(user: User, below: int | None = None, limit: int = 20) -> list[tuple[str, bool]]:
    items, _ = unread.mentions(user, below, limit)
    return [(item["message"]["body"], item["unread"]) for item in items]


def test_messages_behind_the_read_mark_come_in_their_order(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "read")
    run(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=first.msg_no or 0))
    post(cast.room, cast.alice, "one")
    post(cast.room, cast.mina, "two")
    assert rooms(cast.bob) == {cast.room.pk: ["one", "two"]}
    items, _ = unread.rooms(cast.bob, [], 0, 10)
    assert items[0]["room"]["unread"] == 2


def test_what_is_read_deleted_or_in_a_thread_is_not_among_them(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "one")
    gone = post(cast.room, cast.alice, "gone")
    post(cast.room, cast.alice, "a reply", parent=first.pk)
    run(cast.alice.pk, DeleteMessage(message=gone.pk))
    assert rooms(cast.bob) == {cast.room.pk: ["one"]}
    run(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=gone.msg_no or 0))
    assert rooms(cast.bob) == {}


def test_only_rooms_that_one_is_in_now(cast: Cast) -> None:
    post(cast.room, cast.alice, "between us")
    post(cast.plaza, cast.alice, "between all")
    assert rooms(cast.carol) == rooms(cast.carol, cast.room.pk, cast.plaza.pk) == {}
    assert list(rooms(cast.bob)) == [cast.room.pk]
    run(cast.bob.pk, LeaveRoom(room=cast.room.pk))
    assert rooms(cast.bob, cast.room.pk) == {}


def test_muted_rooms_are_told_only_when_they_are_named(cast: Cast) -> None:
    post(cast.room, cast.alice, "one")
    Membership.objects.filter(room=cast.room, user=cast.bob).update(level=Membership.Level.NONE)
    assert rooms(cast.bob) == {}
    assert rooms(cast.bob, cast.room.pk) == {cast.room.pk: ["one"]}


def test_pages_go_on_by_room(cast: Cast) -> None:
    made = [make_room(cast.alice, cast.bob, name=f"Room {number}") for number in range(5)]
    for room in made:
        post(room, cast.alice, room.name)
    items, after = unread.rooms(cast.bob, [], 0, 3)
    assert [item["room"]["id"] for item in items] == [room.pk for room in made[:3]]
    assert after == made[2].pk
    items, after = unread.rooms(cast.bob, [], after, 3)
    assert ([item["room"]["id"] for item in items], after) == ([room.pk for room in made[3:]], None)


def test_newest_of_many_are_shown_as_far_as_they_are_near(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "MESSAGES_MAX_COUNT", 3)
    for number in range(5):
        post(cast.room, cast.alice, f"message {number}")
    assert rooms(cast.bob)[cast.room.pk] == ["message 2", "message 3", "message 4"]
    monkeypatch.setattr(unread, "LOOKED_MAX_COUNT", 2)
    assert rooms(cast.bob)[cast.room.pk] == ["message 3", "message 4"]
    items, _ = unread.rooms(cast.bob, [], 0, 10)
    assert items[0]["room"]["unread"] == 5


def test_long_texts_leave_the_newest_at_least(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payloads, "PAGE_CHARS", 2_000)
    post(cast.room, cast.alice, "a" * 3_000)
    post(cast.room, cast.alice, "b" * 3_000)
    assert rooms(cast.bob) == {cast.room.pk: ["b" * 3_000]}


@pytest.mark.parametrize("read", [unread.rooms, unread.mentions])
def test_number_of_queries_does_not_grow(cast: Cast, read: Any) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            read(*((cast.bob, [], 0, 20) if read is unread.rooms else (cast.bob, None, 20)))
        return len(seen)

    post(cast.room, cast.alice, "@bob see http://site.example.com/")
    few = count()
    for number in range(6):
        room = make_room(cast.alice, cast.bob, name=f"Room {number}")
        for _ in range(3):
            post(room, cast.alice, "@bob see http://site.example.com/")
    assert count() == few


def test_who_names_me_is_told_newest_first_with_threads(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "@bob one")
    run(cast.bob.pk, MarkRead(room=cast.room.pk, msg_no=first.msg_no or 0))
    post(cast.room, cast.alice, "nobody")
    post(cast.room, cast.bob, "@bob myself")
    post(cast.room, cast.mina, "@bob two")
    post(cast.room, cast.mina, "@bob three", parent=first.pk)
    assert mentions(cast.bob) == [("@bob three", False), ("@bob two", True), ("@bob one", False)]
    assert mentions(cast.alice) == []


def test_mentions_of_rooms_that_i_left_and_of_deleted_messages_are_not_told(cast: Cast) -> None:
    other = make_room(cast.alice, cast.bob, name="Other")
    post(other, cast.alice, "@bob elsewhere")
    gone = post(cast.room, cast.alice, "@bob gone")
    run(cast.alice.pk, DeleteMessage(message=gone.pk))
    direct = run(cast.alice.pk, OpenDirect(users=[cast.bob.pk]))["room"]
    post(Room.objects.get(pk=direct), cast.alice, "@bob here")
    assert [body for body, _ in mentions(cast.bob)] == ["@bob here", "@bob elsewhere"]
    run(cast.bob.pk, LeaveRoom(room=other.pk))
    assert [body for body, _ in mentions(cast.bob)] == ["@bob here"]


def test_pages_of_mentions_go_on_without_a_double(cast: Cast) -> None:
    for number in range(7):
        post(cast.room, cast.alice, f"@bob {number}")
    seen: list[str] = []
    below = None
    while True:
        items, below = unread.mentions(cast.bob, below, 3)
        seen += [item["message"]["body"] for item in items]
        post(cast.room, cast.alice, "@bob late")
        if below is None:
            break
    assert seen == [f"@bob {number}" for number in reversed(range(7))]
