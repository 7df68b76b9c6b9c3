import asyncio

import pytest

from tests.flows.client import LastingClient
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

_AT_ONCE_S = 5.0


async def test_a_revoked_token_ends_its_sockets_on_every_process_and_no_others(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    made = topology.ask(bob, "POST", "/tokens", {"label": "the lost telephone"})
    lost = [LastingClient(made["token"], [topology.url(web)]) for web in (0, 1)]
    async with topology.client(bob, 0) as kept, topology.client(alice, 1) as writer, lost[0], lost[1]:
        await writer.post(room, "before")
        for client in (kept, *lost):
            await client.hears(room, 1)
        answer = await asyncio.to_thread(topology.call, bob, "DELETE", f"/tokens/{made['id']}", None, 1)
        assert answer.status_code == 204
        for client in lost:
            await client.ends(_AT_ONCE_S)
            assert client.closes == [4501]
        result = await writer.post(room, "after")
        await kept.reads(room, result["seq"])
        assert kept.closes == []
    for client in lost:
        assert client.bodies(room) == ["before"]
        # Whoever tries again is told the same, behind a handshake that a browser can tell from a fault.
        client.come()
        await client.ends(_AT_ONCE_S)
        assert client.closes == [4501, 4501]
        assert client.connections_count == 2
