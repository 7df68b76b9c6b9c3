from __future__ import annotations

import asyncio
from typing import Any

import pytest

from chat.models import Message
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture
def root(cast: Cast) -> Message:
    return post(cast.room, cast.alice, "a question")


async def test_a_thread_is_followed_read_and_left(door: Door, cast: Cast, root: Message) -> None:
    bob, alice = door(cast.bob), door(cast.alice)
    path = f"messages/{root.pk}"
    mark = {"room": cast.room.pk, "message": root.pk}
    followed = (await bob.put(f"{path}/follow")).json()
    assert followed == {**mark, "is_followed": True, "read_seq": root.seq}
    reply = await alice.post(f"rooms/{cast.room.pk}/messages", json={"body": "one", "parent": root.pk})
    seq = reply.json()["seq"]
    (state,) = (await bob.get("threads/state")).json()["items"]
    assert (state["unread"], state["read_seq"], state["counted_seq"]) == (1, root.seq, seq)
    (whole,) = (await bob.get("threads?unread=true")).json()["items"]
    assert (whole["first"]["id"], [one["body"] for one in whole["replies"]]) == (root.pk, ["one"])
    assert (await bob.get("threads")).json() == {"items": [], "next": None}
    read = await bob.post(f"{path}/thread/read", json={"seq": seq})
    assert read.json() == {**mark, "is_followed": True, "read_seq": seq}
    assert (await bob.get("threads?unread=true")).json()["items"] == []
    assert [one["unread"] for one in (await bob.get("threads")).json()["items"]] == [0]
    left = (await bob.delete(f"{path}/follow")).json()
    assert left == {**mark, "is_followed": False, "read_seq": seq}
    assert (await bob.get("threads/state")).json()["items"] == []


async def test_a_cursor_that_was_not_given_is_refused(door: Door, cast: Cast, root: Message) -> None:
    for cursor in ("x", "1", "12.x", "9" * 40 + ".1"):
        assert error_of(await door(cast.bob).get(f"threads?cursor={cursor}")) == (400, "bad_frame")


async def test_one_message_stands_in_the_thread_and_in_the_room(
    door: Door, cast: Cast, root: Message
) -> None:
    bob = door(cast.bob)
    path = f"rooms/{cast.room.pk}/messages"
    body = {"body": "done", "parent": root.pk, "also_in_room": True}
    made: dict[str, Any] = (await bob.post(path, json=body)).json()
    assert (made["parent"], made["msg_no"]) == (root.pk, 2)
    assert [one["id"] for one in (await bob.get(path)).json()["items"]].count(made["id"]) == 1
    assert [one["id"] for one in (await bob.get(f"messages/{root.pk}/thread")).json()["items"]] == [
        made["id"]
    ]
    (room,) = [
        one for one in (await door(cast.mina).get("rooms")).json()["items"] if one["id"] == cast.room.pk
    ]
    assert room["unread"] == 2
    refused = await bob.post(path, json={"body": "x", "also_in_room": True})
    assert error_of(refused) == (400, "bad_frame")


async def test_two_who_read_at_once_leave_the_furthest(door: Door, cast: Cast, root: Message) -> None:
    bob, alice = door(cast.bob), door(cast.alice)
    await bob.put(f"messages/{root.pk}/follow")
    for number in range(6):
        await alice.post(f"rooms/{cast.room.pk}/messages", json={"body": f"{number}", "parent": root.pk})
    last = root.seq + 6
    await asyncio.gather(
        *(
            bob.post(f"messages/{root.pk}/thread/read", json={"seq": seq})
            for seq in (last, last - 3, last - 1)
        )
    )
    (state,) = (await bob.get("threads/state")).json()["items"]
    assert (state["read_seq"], state["unread"]) == (last, 0)
