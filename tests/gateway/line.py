"""A client at the server's own end of a WebSocket: what it sends is heard as on ChatServer, without a network."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from chat.gateway.flow import Gate
from chat.gateway.hearing import Hearing
from chat.gateway.links import ServerState, SocketLink

_WAIT_S = 10.0


class Line:
    """One socket of the full protocol."""

    gate: Gate | None = None

    def __init__(self, application: Any, token: str) -> None:
        self.hearing = Hearing(self)
        self.began: list[asyncio.Task[None]] = []
        self.failures = 0
        self.frames: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self._arrived = asyncio.Event()
        scope = {
            "type": "websocket",
            "path": "/ws/v1/",
            "headers": [(b"authorization", b"Bearer " + token.encode())],
            "subprotocols": [],
            "extensions": {
                "maru.hearing": self.hearing,
                "maru.prepared": SocketLink(self, ServerState()),
            },
        }
        self.hearing.put_nowait({"type": "websocket.connect"})
        self.application = asyncio.ensure_future(application(scope, self.hearing.get, self._send))

    def write_prepared(self, prepared: bytes) -> bool:
        """Take a frame, as a socket does."""
        value = json.loads(prepared[{126: 4, 127: 10}.get(prepared[1], 2) :])
        self.frames += value if isinstance(value, list) else [value]
        self._arrived.set()
        return True

    def say(self, kind: str, ref: int = 1, **fields: Any) -> None:
        """Send a command."""
        self.hearing.begin_read()
        self.hearing.put_text(json.dumps({"type": kind, "ref": ref, **fields}))

    async def until(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Return the objects of a type once there are so many."""
        async with asyncio.timeout(_WAIT_S):
            while len(found := [frame for frame in self.frames if frame["type"] == kind]) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return found

    async def resume(self) -> None:
        """Greet and come to rest."""
        await self.until("hello")
        self.say("resume", epoch=None, rooms={})
        await self.until("synced")
        await self.application

    def hang_up(self) -> None:
        """Be gone."""
        self.hearing.put_nowait({"type": "websocket.disconnect", "code": 1001})

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        self._arrived.set()

    async def reply(self, message: dict[str, Any]) -> None:
        """Take what the listener sends."""
        await self._send(message)

    def on_taken(self) -> None:
        """Nothing: as much as one likes may wait."""

    def task_began(self, task: asyncio.Task[None]) -> None:
        """Take note of a task."""
        self.began.append(task)

    def failed(self) -> None:
        """Take note of a failure."""
        self.failures += 1
