import asyncio
import json
import re
from typing import Any

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow


async def opened(url: str, token: str, ticket: str) -> ClientConnection:
    offered = [Subprotocol("maru.v1"), Subprotocol(f"ticket.{ticket}")]
    headers = {"Authorization": f"Bearer {token}"}
    return await connect(url, additional_headers=headers, subprotocols=offered, proxy=None)


async def hello_of(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        value = json.loads(await socket.recv())
    first: dict[str, Any] = value[0] if isinstance(value, list) else value
    assert first["type"] == "hello"
    return first


async def believed(topology: Topology, web: int) -> float:
    text = (await asyncio.to_thread(topology.webs[web].get, "/metrics")).body.decode()
    found = re.search(r'^maru_sign_ins_total\{outcome="believed"\} (\S+)$', text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_a_ticket_of_one_process_is_believed_by_another_until_its_token_is_revoked(
    topology: Topology,
) -> None:
    bob: Person = topology["bob"]
    made = await asyncio.to_thread(topology.ask, bob, "POST", "/tokens", {"label": "a telephone"})
    async with await opened(topology.url(0), made["token"], "none") as first:
        assert first.subprotocol == "maru.v1"
        ticket = (await hello_of(first))["ticket"]
    before = await believed(topology, 1)
    async with await opened(topology.url(1), made["token"], ticket) as second:
        assert second.subprotocol == "maru.v1"
        assert (await hello_of(second))["user"]["handle"] == "bob"
        assert await believed(topology, 1) == before + 1
        answer = await asyncio.to_thread(topology.call, bob, "DELETE", f"/tokens/{made['id']}", None, 0)
        assert answer.status_code == 204
        async with asyncio.timeout(10):
            await second.wait_closed()
        assert second.close_code == 4501
    # It has heard of the end, so the ticket is worth nothing, however young it is.
    async with await opened(topology.url(1), made["token"], ticket) as third:
        async with asyncio.timeout(10):
            await third.wait_closed()
        assert third.close_code == 4501


async def test_a_ticket_passes_the_proxy(topology: Topology) -> None:
    bob = topology["bob"]
    url = topology.url(None)
    async with await opened(url, bob.token, "none") as first:
        ticket = (await hello_of(first))["ticket"]
    async with await opened(url, bob.token, ticket) as second:
        assert second.subprotocol == "maru.v1"
        assert (await hello_of(second))["user"]["handle"] == "bob"


def freeze(pid: int) -> None:
    """Stop PostgreSQL and the processes that it has for its clients, each of which is a group of its own."""
    parent = psutil.Process(pid)
    # First, so that it makes no more of them.
    parent.suspend()
    for process in parent.children(recursive=True):
        process.suspend()


def thaw(pid: int) -> None:
    parent = psutil.Process(pid)
    for process in [*parent.children(recursive=True), parent]:
        process.resume()


async def told(socket: ClientConnection, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            value = json.loads(await socket.recv())
            for frame in value if isinstance(value, list) else [value]:
                if frame["type"] == kind:
                    return dict(frame)


async def test_who_has_a_ticket_gets_in_while_the_database_is_frozen_and_others_are_asked_to_come_later(
    topology: Topology,
) -> None:
    bob = topology["bob"]
    # One that no process has seen: who was there a moment ago is known without the database.
    made = await asyncio.to_thread(topology.ask, topology["alice"], "POST", "/tokens", {"label": "new"})
    async with await opened(topology.url(0), bob.token, "none") as first:
        ticket = (await hello_of(first))["ticket"]
    await topology.run(freeze, topology.postgres.pid)
    try:
        async with await opened(topology.url(1), bob.token, ticket) as bobs:
            # Young enough to need no database, it does not even know.
            assert (await hello_of(bobs))["user"]["handle"] == "bob"
            await bobs.send('{"type":"resume","ref":1,"epoch":null,"rooms":{}}')
            refused = (await told(bobs, "reply"))["error"]
            assert (refused["code"], refused["retry"]) == ("unavailable", True)
            async with await opened(topology.url(1), made["token"], "none") as alices:
                assert 2_000 <= (await told(alices, "bye"))["in_ms"] <= 10_000
                await alices.wait_closed()
                assert alices.close_code == 4200
            for place in ("/readyz", "/livez"):
                assert (await asyncio.to_thread(topology.webs[1].get, place)).status == 200
            await topology.run(thaw, topology.postgres.pid)
            async with asyncio.timeout(30):
                ref, reply = 1, {"ok": False}
                while not reply["ok"]:
                    await asyncio.sleep(0.1)
                    ref += 1
                    await bobs.send(json.dumps({"type": "resume", "ref": ref, "epoch": None, "rooms": {}}))
                    reply = await told(bobs, "reply")
    finally:
        await topology.run(thaw, topology.postgres.pid)
