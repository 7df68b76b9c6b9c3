"""A client of the full protocol, in process over ASGI or over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from channels.testing import WebsocketCommunicator
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket

from tests.make import client_message_id

_WAIT_S = 10.0
Frame = dict[str, Any]


class Client:
    """Reads objects one by one, whether they came alone or in arrays; waiting always has an end."""

    def __init__(self) -> None:
        self._read: list[Frame] = []
        self._ref = 0
        self.hello: Frame = {}
        # Everything that ever arrived, in order.
        self.seen: list[Frame] = []

    async def _receive_text(self) -> str:
        raise NotImplementedError

    async def _send_text(self, text: str) -> None:
        raise NotImplementedError

    async def next(self) -> Frame:
        """Return the next object."""
        while not self._read:
            async with asyncio.timeout(_WAIT_S):
                value = json.loads(await self._receive_text())
            self._read += value if isinstance(value, list) else [value]
        frame = self._read.pop(0)
        self.seen.append(frame)
        return frame

    async def until(self, wanted: Callable[[Frame], bool] | str) -> Frame:
        """Return the first object of a type, or for which `wanted` holds; what comes before is only recorded."""
        async with asyncio.timeout(_WAIT_S):
            while True:
                frame = await self.next()
                if frame.get("type") == wanted if isinstance(wanted, str) else wanted(frame):
                    return frame

    async def send(self, frame: Frame) -> None:
        """Send an object."""
        await self._send_text(json.dumps(frame))

    async def ask(self, kind: str, **fields: Any) -> Frame:
        """Send a command and return its reply."""
        self._ref += 1
        ref = self._ref
        await self.send({"type": kind, "ref": ref, **fields})
        return await self.until(lambda frame: frame.get("type") in ("reply", "pong") and frame["ref"] == ref)

    async def ok(self, kind: str, **fields: Any) -> Frame:
        """Send a command that must be accepted and return its result."""
        reply = await self.ask(kind, **fields)
        assert reply["ok"], reply
        result: Frame = reply["result"]
        return result

    async def refused(self, kind: str, **fields: Any) -> str:
        """Send a command that must be refused and return the code."""
        reply = await self.ask(kind, **fields)
        assert not reply["ok"], reply
        code: str = reply["error"]["code"]
        return code

    async def resume(self, rooms: dict[int, int] | None = None, epoch: str | None = None) -> Frame:
        """Resume and read up to `synced`; return the reply's result."""
        cursors = {str(room): seq for room, seq in (rooms or {}).items()}
        result = await self.ok("resume", epoch=epoch, rooms=cursors)
        await self.until("synced")
        return result

    async def post(self, room: int, body: str, **fields: Any) -> Frame:
        """Post a message and return the result."""
        fields.setdefault("client_message_id", client_message_id())
        return await self.ok("message.post", room=room, body=body, **fields)

    def bodies(self, room: int) -> list[str]:
        """Return the texts posted in a room that have arrived so far, in order of arrival."""
        return [
            frame["message"]["body"]
            for frame in self.seen
            if frame.get("type") == "message.posted" and frame["room"] == room
        ]


class Socket(Client):
    """A client inside the test's own event loop, without a network."""

    def __init__(
        self,
        application: Any,
        path: str,
        token: str | None,
        headers: dict[str, str],
        *,
        subprotocols: Sequence[str] = (),
        address: str | None = None,
    ) -> None:
        super().__init__()
        sent = {"host": "127.0.0.1", **headers}
        if token is not None:
            sent["authorization"] = f"Bearer {token}"
        encoded = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in sent.items()]
        self._communicator = WebsocketCommunicator(application, path, encoded, list(subprotocols))
        if address is not None:
            self._communicator.scope["client"] = [address, 1]
        self.accepted = False
        self.subprotocol: str | None = None

    async def open(self) -> None:
        """Make the handshake."""
        self.accepted, self.subprotocol = await self._communicator.connect(timeout=_WAIT_S)

    async def _receive_text(self) -> str:
        text: str = await self._communicator.receive_from(timeout=_WAIT_S)
        return text

    async def _send_text(self, text: str) -> None:
        await self._communicator.send_to(text_data=text)

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame."""
        await self._communicator.send_to(bytes_data=data)

    async def closed(self) -> int:
        """Wait for the server's close and return its code; frames before it are recorded."""
        async with asyncio.timeout(_WAIT_S):
            while True:
                message = await self._communicator.receive_output(_WAIT_S)
                if message["type"] == "websocket.close":
                    code: int = message.get("code", 1000)
                    return code
                value = json.loads(message["text"])
                self.seen += value if isinstance(value, list) else [value]

    async def close(self) -> None:
        """Leave."""
        await self._communicator.disconnect(timeout=_WAIT_S)


class RealSocket(Client):
    """A client over a real socket."""

    def __init__(self, connection: ClientConnection) -> None:
        super().__init__()
        self.connection = connection

    @classmethod
    async def open(cls, url: str, token: str, **options: Any) -> RealSocket:
        """Connect to ws://… with a token and read the hello."""
        headers = {"Authorization": f"Bearer {token}"}
        connection = await connect_websocket(
            url, additional_headers=headers, open_timeout=_WAIT_S, proxy=None, **options
        )
        client = cls(connection)
        if url.endswith("/ws/v1/"):
            client.hello = await client.until("hello")
        return client

    async def _receive_text(self) -> str:
        return str(await self.connection.recv(decode=True))

    async def _send_text(self, text: str) -> None:
        await self.connection.send(text)

    async def close(self) -> None:
        """Leave."""
        await self.connection.close()
