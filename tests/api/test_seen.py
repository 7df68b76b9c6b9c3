from __future__ import annotations

from typing import Any

import pytest

from chat import database
from chat.models import Membership, Message, Room, User
from chat.pipeline.run import run
from chat.protocol import limits
from chat.protocol.commands import MarkRead, UpdateRoom
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import make_room, make_user, post


def _read(room: Room, user: User, msg_no: int) -> None:
    run(user.pk, MarkRead(room=room.pk, msg_no=msg_no))


def _hide(user: User) -> None:
    User.objects.filter(pk=user.pk).update(hides_reading=True)


async def said(cast: Cast, count: int = 3) -> list[Message]:
    return [await database.run(post, cast.room, cast.alice, f"message {number}") for number in range(count)]


async def readers(door: Door, cast: Cast, viewer: User) -> dict[int, int]:
    found = (await door(viewer).get(f"rooms/{cast.room.pk}/seen")).json()
    return {item["user"]: item["msg_no"] for item in found["items"]}


async def test_it_is_told_how_far_the_other_people_have_read(door: Door, cast: Cast) -> None:
    await said(cast)
    await database.run(_read, cast.room, cast.bob, 2)
    await database.run(_read, cast.room, cast.jiwoo, 3)
    await database.run(_read, cast.room, cast.beep, 3)
    people = {cast.bob.pk: 2, cast.jiwoo.pk: 3, cast.mina.pk: 0}
    assert await readers(door, cast, cast.alice) == people
    del people[cast.bob.pk]
    assert await readers(door, cast, cast.bob) == people | {cast.alice.pk: 3}


async def test_who_has_read_a_message_comes_in_pages_with_two_numbers(door: Door, cast: Cast) -> None:
    messages = await said(cast)
    for user in (cast.bob, cast.jiwoo, cast.mina):
        await database.run(_read, cast.room, user, 2)
    alice, path = door(cast.alice), f"messages/{messages[1].pk}/seen"
    first = (await alice.get(path, params={"limit": 2})).json()
    rest = (await alice.get(path, params={"limit": 2, "cursor": first["next"]})).json()
    ids = [user["id"] for user in first["items"] + rest["items"]]
    assert sorted(ids) == sorted([cast.bob.pk, cast.jiwoo.pk, cast.mina.pk])
    assert rest["next"] is None
    assert [(page["count"], page["of"]) for page in (first, rest)] == [(3, 3), (3, 3)]
    last = (await alice.get(f"messages/{messages[2].pk}/seen")).json()
    assert (last["items"], last["count"], last["of"]) == ([], 0, 3)


async def test_neither_the_author_nor_who_asks_is_counted(door: Door, cast: Cast) -> None:
    (message,) = await said(cast, 1)
    await database.run(_read, cast.room, cast.bob, 1)
    found = (await door(cast.bob).get(f"messages/{message.pk}/seen")).json()
    assert (found["items"], found["count"], found["of"]) == ([], 0, 2)


async def test_who_hides_it_is_as_if_they_were_not_there_and_sees_nobody(door: Door, cast: Cast) -> None:
    (message,) = await said(cast, 1)
    for user in (cast.bob, cast.mina):
        await database.run(_read, cast.room, user, 1)
    patched = await door(cast.bob).patch("me", json={"hides_reading": True})
    assert patched.json()["hides_reading"] is True
    assert cast.bob.pk not in await readers(door, cast, cast.alice)
    found = (await door(cast.alice).get(f"messages/{message.pk}/seen")).json()
    assert ([user["id"] for user in found["items"]], found["of"]) == ([cast.mina.pk], 2)
    for path in (f"rooms/{cast.room.pk}/seen", f"messages/{message.pk}/seen"):
        assert error_of(await door(cast.bob).get(path)) == (403, "forbidden")
    await door(cast.bob).patch("me", json={"hides_reading": False})
    assert (await readers(door, cast, cast.alice))[cast.bob.pk] == 1


async def test_a_moderator_can_have_a_room_not_show_it(door: Door, cast: Cast) -> None:
    (message,) = await said(cast, 1)
    changed = await door(cast.mina).patch(f"rooms/{cast.room.pk}", json={"seen": False})
    assert changed.json()["seen"] is False
    for path in (f"rooms/{cast.room.pk}/seen", f"messages/{message.pk}/seen"):
        assert error_of(await door(cast.alice).get(path)) == (403, "forbidden")
    assert error_of(await door(cast.bob).patch(f"rooms/{cast.room.pk}", json={"seen": True})) == (
        403,
        "forbidden",
    )


async def test_larger_rooms_tell_when_asked_and_the_largest_do_not(
    door: Door, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    (message,) = await said(cast, 1)
    alice = door(cast.alice)
    monkeypatch.setattr(limits, "SEEN_SHOWN_MAX_COUNT", 4)
    assert error_of(await alice.get(f"rooms/{cast.room.pk}/seen")) == (403, "forbidden")
    assert (await alice.get(f"messages/{message.pk}/seen")).status_code == 200
    monkeypatch.setattr(limits, "SEEN_ASKED_MAX_COUNT", 4)
    assert error_of(await alice.get(f"messages/{message.pk}/seen")) == (403, "forbidden")


async def test_a_reply_in_a_thread_has_no_readers(door: Door, cast: Cast) -> None:
    (message,) = await said(cast, 1)
    reply = await database.run(lambda: post(cast.room, cast.bob, "below", parent=message.pk))
    assert error_of(await door(cast.alice).get(f"messages/{reply.pk}/seen")) == (404, "not_found")


async def test_outsiders_are_told_nothing(door: Door, cast: Cast) -> None:
    (message,) = await said(cast, 1)
    carol = door(cast.carol)
    for path, missing in (
        (f"rooms/{cast.room.pk}/seen", "rooms/987654321012/seen"),
        (f"messages/{message.pk}/seen", "messages/987654321012/seen"),
    ):
        hidden = await carol.get(path)
        assert error_of(hidden) == (404, "not_found")
        assert hidden.content == (await carol.get(missing)).content
    assert error_of(await carol.get(f"rooms/{cast.plaza.pk}/seen")) == (403, "forbidden")


async def test_somebody_who_left_or_is_disabled_is_told_of_no_more(door: Door, cast: Cast) -> None:
    await said(cast, 1)
    await database.run(lambda: Membership.objects.filter(user=cast.bob).update(left_seq=99))
    await database.run(lambda: User.objects.filter(pk=cast.mina.pk).update(is_active=False))
    assert await readers(door, cast, cast.alice) == {cast.jiwoo.pk: 0}


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": 201}, {"cursor": "x"}])
async def test_wrong_fields_are_refused(door: Door, cast: Cast, params: dict[str, Any]) -> None:
    (message,) = await said(cast, 1)
    found = await door(cast.alice).get(f"messages/{message.pk}/seen", params=params)
    assert error_of(found) == (400, "bad_frame")


async def test_it_costs_the_same_however_many_have_read(door: Door, cast: Cast, queries: Any) -> None:
    def fill(count: int) -> tuple[Room, Message]:
        people = [make_user(f"reader{count}x{number}") for number in range(count)]
        room = make_room(cast.alice, *people)
        message = post(room, cast.alice, "hello")
        for user in people:
            _read(room, user, 1)
        run(cast.alice.pk, UpdateRoom(room=room.pk, topic="read"))
        return room, message

    alice = door(cast.alice)
    counts = []
    for count in (2, 12):
        room, message = await database.run(fill, count)
        queries.clear()
        assert len((await alice.get(f"rooms/{room.pk}/seen")).json()["items"]) == count
        assert len((await alice.get(f"messages/{message.pk}/seen")).json()["items"]) == count
        counts.append(queries.count())
    assert counts[0] == counts[1] <= 16
