from __future__ import annotations

from typing import Any

import pytest

from chat import database
from chat.models import Message, Revision
from chat.pipeline.run import run
from chat.protocol import limits
from chat.protocol.commands import DeleteMessage, EditMessage
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture
def said(cast: Cast) -> list[Message]:
    return [post(cast.room, cast.alice, str(number)) for number in range(4)]


async def test_pins_are_listed_with_who_and_when_and_told_live(
    door: Door, cast: Cast, said: list[Message], connect: Any
) -> None:
    socket = await connect(cast.token(cast.bob))
    await socket.resume()
    mina = door(cast.mina)
    for message in said[:3]:
        assert (await mina.put(f"messages/{message.pk}/pin")).status_code == 200
        told = await socket.until("message.pinned")
        assert (told["message"]["pinned"]["by"], told["by"]) == (cast.mina.pk, cast.mina.pk)
    await mina.put(f"messages/{said[0].pk}/pin")
    page = (await door(cast.bob).get(f"rooms/{cast.room.pk}/pins?limit=2")).json()
    assert [item["body"] for item in page["items"]] == ["2", "1"]
    assert page["items"][0]["pinned"]["by"] == cast.mina.pk
    rest = (await door(cast.bob).get(f"rooms/{cast.room.pk}/pins?cursor={page['next']}")).json()
    assert ([item["body"] for item in rest["items"]], rest["next"]) == (["0"], None)
    assert (await mina.delete(f"messages/{said[0].pk}/pin")).status_code == 200
    assert "pinned" not in (await socket.until("message.unpinned"))["message"]
    await database.run(run, cast.alice.pk, DeleteMessage(message=said[1].pk))
    left = (await door(cast.bob).get(f"rooms/{cast.room.pk}/pins")).json()["items"]
    assert [item["body"] for item in left] == ["2"]


async def test_pins_have_a_bound(
    door: Door, cast: Cast, said: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PINS_PER_ROOM_MAX_COUNT", 2)
    alice = door(cast.alice)
    for message in said[:2]:
        await alice.put(f"messages/{message.pk}/pin")
    assert error_of(await alice.put(f"messages/{said[2].pk}/pin")) == (400, "too_many")


async def test_earlier_texts_are_there_for_who_reads_the_message(
    door: Door, cast: Cast, said: list[Message]
) -> None:
    path = f"messages/{said[0].pk}/versions"
    assert (await door(cast.bob).get(path)).json() == {"items": [], "next": None}
    for text in ("one", "two", "three"):
        await database.run(run, cast.alice.pk, EditMessage(message=said[0].pk, body=text))
    page = (await door(cast.bob).get(f"{path}?limit=2")).json()
    assert [item["body"] for item in page["items"]] == ["two", "one"]
    assert page["items"][0]["until"] >= page["items"][1]["until"]
    rest = (await door(cast.bob).get(f"{path}?limit=2&cursor={page['next']}")).json()
    assert ([item["body"] for item in rest["items"]], rest["next"]) == (["0"], None)
    missing = await door(cast.carol).get("messages/987654321/versions")
    assert (await door(cast.carol).get(path)).content == missing.content
    await database.run(run, cast.alice.pk, DeleteMessage(message=said[0].pk))
    assert error_of(await door(cast.bob).get(path)) == (404, "not_found")
    assert await database.run(Revision.objects.count) == 0


async def test_so_many_earlier_texts_are_kept(
    door: Door, cast: Cast, said: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "VERSIONS_MAX_COUNT", 2)
    for text in ("one", "two", "three", "four"):
        await database.run(run, cast.alice.pk, EditMessage(message=said[0].pk, body=text))
    page = (await door(cast.bob).get(f"messages/{said[0].pk}/versions?limit=2")).json()
    assert ([item["body"] for item in page["items"]], page["next"]) == (["three", "two"], None)


async def test_a_mark_goes_back_on_all_devices_and_a_late_repeat_does_not_undo_it(
    door: Door, cast: Cast, said: list[Message], connect: Any
) -> None:
    sockets = [await connect(cast.token(cast.bob)) for _ in range(2)]
    for socket in sockets:
        await socket.resume()
    bob, room = door(cast.bob), cast.room.pk
    await bob.post(f"rooms/{room}/read", json={"msg_no": 4, "backs": 0})
    for socket in sockets:
        assert (await socket.until("read"))["msg_no"] == 4
    back = await bob.post(f"rooms/{room}/unread", json={"msg_no": 1, "backs": 0})
    assert back.json() == {"room": room, "msg_no": 1, "backs": 1}
    for socket in sockets:
        told = await socket.until("read")
        assert (told["msg_no"], told["backs"]) == (1, 1)
    late = await bob.post(f"rooms/{room}/read", json={"msg_no": 4, "backs": 0})
    assert late.json() == back.json()
    state = (await bob.get(f"rooms/{room}")).json()
    assert (state["unread"], state["read_msg_no"], state["read_backs"]) == (3, 1, 1)


@pytest.mark.parametrize("body", [{"msg_no": 1}, {"msg_no": -1, "backs": 0}, {"msg_no": 1, "backs": "0"}, []])
async def test_a_mark_that_is_none_is_refused(door: Door, cast: Cast, body: object) -> None:
    answered = await door(cast.bob).post(f"rooms/{cast.room.pk}/unread", json=body)
    assert error_of(answered) == (400, "bad_frame")
