from __future__ import annotations

from typing import Any

import pytest

from chat import database
from chat.models import Message
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture
def said(cast: Cast) -> list[Message]:
    return [post(cast.room, cast.alice, str(number)) for number in range(3)]


async def test_what_is_saved_is_told_to_all_devices_of_the_person_and_to_nobody_else(
    door: Door, cast: Cast, said: list[Message], connect: Any
) -> None:
    sockets = [await connect(cast.token(user)) for user in (cast.bob, cast.bob, cast.alice)]
    for socket in sockets:
        await socket.resume()
    bob = door(cast.bob)
    saved = await bob.put(f"saved/{said[0].pk}")
    assert (saved.status_code, saved.json()["message"]["body"], saved.json()["done_at"]) == (200, "0", None)
    for socket in sockets[:2]:
        await socket.until("saved.changed")
    assert (await bob.get("saved/ids")).json() == {"messages": [said[0].pk]}
    done = (await bob.put(f"saved/{said[0].pk}", json={"is_done": True})).json()
    assert done["done_at"] is not None
    for socket in sockets[:2]:
        await socket.until("saved.changed")
    assert (await bob.get("saved/ids")).json() == {"messages": []}
    assert (await bob.get("saved")).json() == {"items": [], "next": None}
    assert [item["message"]["id"] for item in (await bob.get("saved?done=true")).json()["items"]] == [
        said[0].pk
    ]
    assert (await bob.delete(f"saved/{said[0].pk}")).status_code == 204
    assert error_of(await bob.delete(f"saved/{said[0].pk}")) == (404, "not_found")
    await sockets[2].ask("ping")
    assert "saved.changed" not in [frame.get("type") for frame in sockets[2].seen]


async def test_pages_and_deleted_messages(door: Door, cast: Cast, said: list[Message]) -> None:
    bob = door(cast.bob)
    for message in said:
        await bob.put(f"saved/{message.pk}")
    page = (await bob.get("saved?limit=2")).json()
    assert [item["message"]["body"] for item in page["items"]] == ["2", "1"]
    await database.run(run, cast.alice.pk, DeleteMessage(message=said[0].pk))
    assert (await bob.get(f"saved?cursor={page['next']}")).json() == {"items": [], "next": None}


async def test_hidden_and_missing_are_the_same(door: Door, cast: Cast, said: list[Message]) -> None:
    carol = door(cast.carol)
    hidden, missing = await carol.put(f"saved/{said[0].pk}"), await carol.put("saved/987654321")
    assert (hidden.status_code, hidden.content) == (404, missing.content)


@pytest.mark.parametrize("body", [{"is_done": 1}, {"is_done": "yes"}])
async def test_what_is_no_answer_is_refused(
    door: Door, cast: Cast, said: list[Message], body: object
) -> None:
    assert error_of(await door(cast.bob).put(f"saved/{said[0].pk}", json=body)) == (400, "bad_frame")
