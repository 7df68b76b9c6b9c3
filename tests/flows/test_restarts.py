import asyncio
import json
import os
import signal
import time

import pytest

from scripts.services.process import until
from tests.flows.topology import Topology
from tests.flows.traffic import traffic

pytestmark = pytest.mark.slow

# Whatever is down: by then a message must have arrived.
_LATEST_S = 5.0


async def test_sigterm_under_traffic_loses_nothing_and_doubles_nothing(topology: Topology) -> None:
    leaving = topology.webs[0]
    async with traffic(topology, None, count=10) as running:
        await running.more(50)
        leaving_count = topology.figure(0, "maru_connections")
        assert 0 < leaving_count < len(running.clients), "nginx spreads the clients over both"
        began_at = time.monotonic()
        os.kill(leaving.pid, signal.SIGTERM)
        await topology.run(until, lambda: not leaving.is_running, 20)
        took_s = time.monotonic() - began_at
        while len(moved := [client for client in running.clients if client.closes]) < leaving_count:
            await running.more(1)
        await asyncio.gather(*(client.synced() for client in moved))
        await running.more(50)
        await running.end()
        running.check()
        assert topology.figure(1, "maru_connections") == len(running.clients)
    assert leaving.returncode == 0
    assert took_s < 10
    assert len(moved) == leaving_count
    for client in moved:
        # The last close is that of the test's end.
        assert client.closes[0] == 1012
        assert client.connections_count == 2
        assert len(client.byes) == 1
    assert leaving.log is not None
    assert "Traceback" not in leaving.log.read_text()


async def test_kill_9_under_traffic_loses_nothing_and_doubles_nothing(topology: Topology) -> None:
    killed = topology.webs[1]
    async with traffic(topology, None, count=10) as running:
        await running.more(50)
        await topology.run(killed.kill)
        cut = [client for client in running.clients if client.closes]
        await running.more(100)
        await topology.run(killed.start)
        await running.more(20)
        await running.end()
        running.check()
        assert {code for client in running.clients for code in client.closes} <= {1006}
        assert all(client.connections_count >= 2 for client in cut)


async def test_messages_arrive_while_redis_restarts_and_keep_their_order(topology: Topology) -> None:
    async with traffic(topology, 0, 1, count=6) as running:
        await running.more(50)
        for _ in range(2):
            await topology.run(topology.redis.kill)
            await running.more(50)
            # Not only answered: they reach the readers on the other process.
            await running.arrives(_LATEST_S)
            await topology.run(topology.redis.start)
            await running.more(20)
            await running.arrives(_LATEST_S)
        await running.end()
        running.check()
        assert all(client.connections_count == 1 for client in running.clients)


async def test_a_single_message_arrives_while_redis_is_down_and_at_once_when_it_is_back(
    topology: Topology,
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
        await topology.run(topology.redis.kill)
        for body in ("혼자라도", "alone"):
            result = await writer.post(room, body)
            await reader.reads(room, result["seq"], _LATEST_S)
        await topology.run(topology.redis.start)
        await topology.redis_carries()
        result = await writer.post(room, "다시 함께")
        await reader.reads(room, result["seq"], 1.0)
        assert reader.bodies(room) == ["혼자라도", "alone", "다시 함께"]
    assert reader.faults == []


async def test_sockets_open_and_messages_are_stored_while_redis_is_down(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    await topology.run(topology.redis.kill)
    async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
        result = await writer.post(room, "Redis가 없어도")
        await reader.reads(room, result["seq"], _LATEST_S)
    # The state of the parts is told, and the process stays in the round.
    health = topology.webs[0].get("/healthz")
    assert health.status == 200
    assert "redis" in json.loads(health.body)["degraded"]
    assert topology.webs[0].get("/readyz").status == 200


async def test_a_web_process_started_without_redis_joins_when_redis_comes(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    late = topology.webs[1]
    await topology.run(late.stop)
    await topology.run(topology.redis.kill)
    await topology.run(late.start)
    async with topology.client(alice, 0) as writer, topology.client(bob, 1) as reader:
        result = await writer.post(room, "먼저")
        await reader.reads(room, result["seq"], _LATEST_S)
        await topology.run(topology.redis.start)
        await topology.redis_carries()
        result = await writer.post(room, "나중")
        await reader.reads(room, result["seq"], 1.0)
    assert reader.faults == []
