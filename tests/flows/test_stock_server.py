import sys

import httpx
import pytest

from scripts.services import Process, free_port
from scripts.services.ports import can_connect
from tests.flows.client import LastingClient
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


class Stock(Process):
    """The application on a server that is not ours."""

    port = 0

    def is_ready(self) -> bool:
        return can_connect(("127.0.0.1", self.port))


async def test_a_stock_daphne_serves_a_conversation_with_our_server(topology: Topology) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "daphne",
        "-b",
        "127.0.0.1",
        "-p",
        str(port),
        "chatproject.asgi:application",
    ]
    stock = Stock("stock", command, env=topology.env, log=topology.folder / "stock.log")
    stock.port = port
    await topology.run(stock.start)
    try:
        guest = LastingClient(bob.token, [f"ws://127.0.0.1:{port}/ws/v1/", topology.url(1)])
        async with topology.client(alice, 0) as host, guest:
            for number in range(20):
                await host.post(room, f"안녕 {number}")
                await guest.post(room, f"hello {number}")
            await host.hears(room, 40)
            await guest.hears(room, 40)
            assert host.bodies(room) == guest.bodies(room)
            url = f"http://127.0.0.1:{port}/api/v1/rooms/{room}"
            async with httpx.AsyncClient(headers=bob.headers, trust_env=False) as rest:
                assert (await rest.get(url)).json()["last_msg_no"] == 40
            # It says no goodbye; whoever was on it goes on elsewhere without a loss.
            await topology.run(stock.stop)
            result = await guest.post(room, "무사해요")
            await guest.reads(room, result["seq"])
            assert guest.connections_count == 2
        assert host.faults == guest.faults == []
    finally:
        await topology.run(stock.stop)
    assert stock.log is not None
    assert "stock ASGI server" in stock.log.read_text()
