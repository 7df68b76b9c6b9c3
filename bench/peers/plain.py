"""Python's `websockets` alone, `python -m bench.peers.plain PORT`: a text goes to all sockets of its address."""

import asyncio
import sys
from collections import defaultdict

from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed


async def main(port: int) -> None:
    """Serve until the process is ended."""
    rooms: defaultdict[str, set[ServerConnection]] = defaultdict(set)

    async def member(socket: ServerConnection) -> None:
        assert socket.request is not None
        room = rooms[socket.request.path]
        room.add(socket)
        try:
            async for text in socket:
                broadcast(room, text)
        except ConnectionClosed:
            pass
        finally:
            room.discard(socket)

    async with serve(member, "127.0.0.1", port, compression=None, backlog=4096):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
