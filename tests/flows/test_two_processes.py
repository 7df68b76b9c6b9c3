import asyncio

import pytest

from tests.flows.topology import Topology
from tests.flows.traffic import traffic
from tests.make import client_message_id

pytestmark = pytest.mark.slow


async def test_many_writers_on_both_processes_make_one_dense_order(topology: Topology) -> None:
    async with traffic(topology, 0, 1, count=12) as running:
        await running.more(300)
        await running.end()
        running.check()
        senders = {sender for _, sender, _, _ in topology.stored(running.room)}
    assert len(senders) == 12


async def test_a_burst_of_one_client_keeps_its_order(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    bodies = [f"줄 {number}" for number in range(100)]
    async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
        await asyncio.gather(*(writer.post(room, body) for body in bodies))
        await reader.hears(room, len(bodies))
    assert reader.bodies(room) == bodies


async def test_the_same_message_sent_to_both_processes_at_once_is_stored_once(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    keys = [client_message_id() for _ in range(20)]
    async with (
        topology.client(alice, 0) as one,
        topology.client(alice, 1) as two,
        topology.client(bob) as reader,
    ):
        for key in keys:
            fields = {"room": room, "client_message_id": key, "body": "한 번만"}
            first, second = await asyncio.gather(
                one.command("message.post", **fields), two.command("message.post", **fields)
            )
            assert first == second
        await reader.hears(room, len(keys))
    assert [key for _, _, key, _ in topology.stored(room)] == keys
    assert reader.faults == []


async def test_many_long_messages_at_once_cut_nobody_who_reads(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    bodies = [f"{number} " + "가나다라" * 1_900 for number in range(64)]
    async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
        await asyncio.gather(*(writer.post(room, body) for body in bodies))
        for client in (writer, reader):
            await client.hears(room, len(bodies))
            assert client.bodies(room) == bodies
            assert client.connections_count == 1
    assert writer.faults == reader.faults == []
