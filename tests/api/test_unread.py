from __future__ import annotations

from typing import Any

import pytest

from chat import database
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import make_room, post


async def test_unread_messages_come_with_their_room(door: Door, cast: Cast) -> None:
    await database.run(post, cast.room, cast.alice, "one @bob")
    found = (await door(cast.bob).get("unread")).json()
    assert found["next"] is None
    (item,) = found["items"]
    assert (item["room"]["id"], item["room"]["unread"], item["room"]["mentions"]) == (cast.room.pk, 1, 1)
    assert [message["body"] for message in item["messages"]] == ["one @bob"]


async def test_rooms_can_be_named_and_pages_followed(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    rooms = [
        await database.run(make_room, cast.alice, cast.bob, name=f"Room {number}") for number in range(3)
    ]
    for room in rooms:
        await database.run(post, room, cast.alice, "hello")
    named = (await bob.get("unread", params={"room": [rooms[0].pk, rooms[2].pk]})).json()
    assert [item["room"]["id"] for item in named["items"]] == [rooms[0].pk, rooms[2].pk]
    first = (await bob.get("unread", params={"limit": 2})).json()
    rest = (await bob.get("unread", params={"limit": 2, "cursor": first["next"]})).json()
    assert [item["room"]["id"] for item in first["items"] + rest["items"]] == [room.pk for room in rooms]
    assert rest["next"] is None


async def test_mentions_are_told_newest_first(door: Door, cast: Cast) -> None:
    for number in range(3):
        await database.run(post, cast.room, cast.alice, f"@bob {number}")
    bob = door(cast.bob)
    first = (await bob.get("mentions", params={"limit": 2})).json()
    rest = (await bob.get("mentions", params={"limit": 2, "cursor": first["next"]})).json()
    items = first["items"] + rest["items"]
    assert [item["message"]["body"] for item in items] == ["@bob 2", "@bob 1", "@bob 0"]
    assert all(item["unread"] for item in items)
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("unread", {"limit": 21}),
        ("unread", {"limit": 0}),
        ("unread", {"room": "x"}),
        ("unread", {"room": list(range(1, 30))}),
        ("unread", {"cursor": "x"}),
        ("mentions", {"limit": 51}),
        ("mentions", {"cursor": "-1"}),
    ],
)
async def test_wrong_fields_are_refused(door: Door, cast: Cast, path: str, params: dict[str, Any]) -> None:
    assert error_of(await door(cast.bob).get(path, params=params)) == (400, "bad_frame")


@pytest.mark.parametrize("path", ["unread", "mentions"])
async def test_nobody_reads_without_sign_in(door: Door, path: str) -> None:
    assert (await door().get(path)).status_code == 401


async def test_rooms_of_others_are_as_if_they_were_not_there(door: Door, cast: Cast) -> None:
    await database.run(post, cast.room, cast.alice, "between us @bob")
    carol = door(cast.carol)
    hidden = await carol.get("unread", params={"room": cast.room.pk})
    assert hidden.content == (await carol.get("unread", params={"room": 987_654_321_012})).content
    assert (await carol.get("mentions")).json() == {"items": [], "next": None}
