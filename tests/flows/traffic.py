"""People who write all the time, and what must be true when they have stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from tests.flows.client import WAIT_S, LastingClient
from tests.flows.topology import Topology


class Traffic:
    """Writers and readers of one room. Each writer waits for its answer before it writes again."""

    def __init__(self, topology: Topology, room: int, clients: Sequence[LastingClient]) -> None:
        self.topology = topology
        self.room = room
        self.clients = clients
        self._is_over = False
        self._tasks = [
            asyncio.get_running_loop().create_task(self._write(number, client))
            for number, client in enumerate(clients)
        ]

    async def _write(self, number: int, client: LastingClient) -> None:
        count = 0
        while not self._is_over:
            count += 1
            await client.post(self.room, f"{number}:{count} 안녕하세요, hello")

    @property
    def acked_count(self) -> int:
        """How many messages were answered so far."""
        return sum(len(client.acked) for client in self.clients)

    async def more(self, count: int, wait_s: float = 20) -> None:
        """Wait until so many more messages have been answered."""
        wanted = self.acked_count + count
        async with asyncio.timeout(wait_s):
            while self.acked_count < wanted:
                for task in self._tasks:
                    if task.done():
                        task.result()
                quickest = [asyncio.ensure_future(self._one_more(client)) for client in self.clients]
                await asyncio.wait(quickest, return_when=asyncio.FIRST_COMPLETED)
                for waiting in quickest:
                    waiting.cancel()
                await asyncio.gather(*quickest, return_exceptions=True)

    @staticmethod
    async def _one_more(client: LastingClient) -> None:
        before = len(client.acked)
        await client.until(lambda: len(client.acked) > before)

    async def arrives(self, wait_s: float) -> None:
        """Wait until everybody has read what is answered by now."""
        await self._read(wait_s)

    async def end(self) -> None:
        """Let everybody have the answer to the last message and read the room to its end."""
        self._is_over = True
        await asyncio.gather(*self._tasks)
        await self._read(WAIT_S)

    async def _read(self, wait_s: float) -> None:
        last = max(result["seq"] for client in self.clients for result in client.acked.values())

        async def read(client: LastingClient) -> None:
            await client.reads(self.room, last, wait_s)

        await asyncio.gather(*(read(client) for client in self.clients))

    def check(self) -> None:
        """Nothing lost, nothing doubled, no hole, one order for all."""
        stored = self.topology.stored(self.room)
        log = self.topology.log(self.room)
        assert [seq for seq, _ in log] == list(range(1, len(log) + 1))
        seq_of = {key: seq for seq, _, key, _ in stored}
        assert len(seq_of) == len(stored), "a message is stored twice"
        acked = {key: result["seq"] for client in self.clients for key, result in client.acked.items()}
        assert acked == seq_of, "what was answered and what is stored differ"
        bodies = [body for _, _, _, body in stored]
        for client in self.clients:
            assert client.faults == []
            assert client.bodies(self.room) == bodies
            own = list(client.acked.values())
            assert [result["seq"] for result in own] == sorted(result["seq"] for result in own)


@asynccontextmanager
async def traffic(topology: Topology, *webs: int | None, count: int = 6) -> AsyncIterator[Traffic]:
    """Let some of the crowd write in a new room: each connected to the next of `webs` (None: through nginx)."""
    people = topology.crowd[:count]
    room = topology.room(*people, name="Crowd")
    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(topology.client(person, webs[number % len(webs)]))
            for number, person in enumerate(people)
        ]
        running = Traffic(topology, room, clients)
        try:
            yield running
        finally:
            for task in running._tasks:
                task.cancel()
            await asyncio.gather(*running._tasks, return_exceptions=True)
