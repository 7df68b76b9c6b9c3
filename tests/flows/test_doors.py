import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow


@asynccontextmanager
async def simple(topology: Topology, person: Person, path: str, web: int) -> AsyncIterator[ClientConnection]:
    async with connect(topology.url(web, path), additional_headers=person.headers, proxy=None) as socket:
        yield socket


async def read(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    """Return the next objects, whether they come alone or in arrays."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            value = json.loads(await socket.recv())
            found += value if isinstance(value, list) else [value]
    return found


async def test_whichever_door_a_message_comes_through_it_reaches_the_same_people_as_the_same_thing(
    topology: Topology,
) -> None:
    alice, bob, mina = topology["alice"], topology["bob"], topology["mina"]
    room = topology.room(alice, bob, mina, name="Three doors", kind="open")
    slug = topology.ask(alice, "GET", f"/rooms/{room}")["slug"]
    async with (
        topology.client(alice, 0) as full,
        topology.client(bob, 1) as witness,
        simple(topology, mina, f"/ws/chat/{slug}/", 1) as plain,
    ):
        # It is inside when it is answered: this protocol says nothing of what was before.
        await plain.send("not json")
        assert (await read(plain, 1))[0]["error"]["code"] == "bad_json"
        await full.post(room, "소켓으로")
        assert [frame["message"] for frame in await read(plain, 1)] == ["소켓으로"]
        posted = await asyncio.to_thread(
            topology.ask, bob, "POST", f"/rooms/{room}/messages", {"body": "REST로"}, 1
        )
        assert [frame["message"] for frame in await read(plain, 1)] == ["REST로"]
        await plain.send(json.dumps({"message": "간단하게"}))
        (echo,) = await read(plain, 1)
        assert (echo["message"], echo["sender"]) == ("간단하게", "mina")
        for client in (full, witness):
            await client.hears(room, 3)
    assert full.bodies(room) == witness.bodies(room) == ["소켓으로", "REST로", "간단하게"]
    assert full.changes[room] == witness.changes[room]
    rows = topology.stored(room)
    assert [(sender, body) for _, sender, _, body in rows] == [
        (alice.id, "소켓으로"), (bob.id, "REST로"), (mina.id, "간단하게"),
    ]  # fmt: skip
    assert (posted["seq"], echo["seq"]) == (rows[1][0], rows[2][0])
    shapes = [set(change["message"]) for change in full.changes[room]]
    assert shapes[0] == shapes[1] == shapes[2]


async def test_a_retry_through_another_door_is_the_same_message(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    fields = {"client_message_id": "the-same-0001", "body": "한 번"}
    async with topology.client(alice, 0) as writer:
        first = await writer.command("message.post", room=room, **fields)
        again = await asyncio.to_thread(topology.ask, alice, "POST", f"/rooms/{room}/messages", fields, 1)
        assert (again["id"], again["seq"]) == (first["id"], first["seq"])
        other = fields | {"body": "두 번"}
        answer = await asyncio.to_thread(topology.call, alice, "POST", f"/rooms/{room}/messages", other, 1)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert len(topology.stored(room)) == 1


async def test_the_lobby_greets_as_the_tutorial_does_and_two_processes_share_it(topology: Topology) -> None:
    alice, carol = topology["alice"], topology["carol"]
    async with (
        simple(topology, alice, "/ws/chat/", 0) as first,
        simple(topology, carol, "/ws/chat/", 1) as second,
    ):
        assert await first.recv() == await second.recv() == '{"message":"연결 성공"}'
        await first.send('{"message":"hi"}')
        for socket in (first, second):
            assert (await read(socket, 1))[0]["message"] == "hi"
        await second.send("not json")
        (refused,) = await read(second, 1)
        assert refused["error"]["code"] == "bad_json"
        await second.send('{"message":"여전히 열려 있어요"}')
        for socket in (first, second):
            assert (await read(socket, 1))[0]["message"] == "여전히 열려 있어요"


async def test_a_closed_room_looks_missing_at_every_door(topology: Topology) -> None:
    alice, bob, carol = topology["alice"], topology["bob"], topology["carol"]
    room = topology.room(alice, bob)
    slug = topology.ask(alice, "GET", f"/rooms/{room}")["slug"]
    answers = [
        topology.call(carol, "GET", f"/rooms/{number}/messages", web=1) for number in (room, 2_000_000_000)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    closes = []
    for name in (slug, "no-such-room"):
        async with simple(topology, carol, f"/ws/chat/{name}/", 1) as socket:
            (refused,) = await read(socket, 1)
            await asyncio.wait_for(socket.wait_closed(), 10)
            closes.append((refused, socket.close_code))
    assert closes[0] == closes[1]
    assert (closes[0][0]["error"]["code"], closes[0][1]) == ("not_found", 4500)
