"""What the server offers an application beyond ASGI, as objects in scope["extensions"].

`scope["extensions"]["maru.server"]` is there for HTTP (`ServerState`) and for WebSocket (`SocketLink`);
`scope["extensions"]["maru.prepared"]` for WebSocket, where it is the same object. A request whose body is streamed
(ServerLimits.streamed_bodies and streamed_patches) has begun before its body has come: to `receive` it looks empty, and
`await scope["extensions"]["maru.body"].read()` gives what has come, b"" at the end. A stock server offers none
of them: ask with `.get` and fall back to `await send(...)` and to the body of the request.

How a consumer uses them, always in the event loop's thread::

    link = scope["extensions"].get("maru.prepared")
    link.on_bye = lambda in_ms: codec.encode(Bye(in_ms=in_ms))    # may return None: then no farewell
    frame = link.frame(text)          # once for all readers of a room
    for link in readers:
        if not link.send(frame):      # synchronous, no task, in order with `await send(...)`
            ...                       # not taken: closing, or above the bound. Remember the room, and
                                      # after `await link.writable.wait()` continue from the log;
                                      # disconnect() cancels who waits, for a closed link never wakes

`send` writes nothing when it returns False, so the memory of a reader who has stopped is bounded by the
server; after SLOW_READER_S it is closed with 4101. `await send(...)` waits instead of refusing.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import Protocol

from chat.gateway.flow import Gate

_TEXT = 0x81
_BINARY = 0x82

Hook = Callable[[], Awaitable[None]]


def frame(payload: bytes, binary: bool = False) -> bytes:
    """Build the bytes of one unfragmented server frame; a text payload must be UTF-8."""
    first = _BINARY if binary else _TEXT
    size = len(payload)
    if size <= 125:
        return bytes((first, size)) + payload
    if size <= 0xFFFF:
        return struct.pack("!BBH", first, 126, size) + payload
    return struct.pack("!BBQ", first, 127, size) + payload


class ServerState:
    """The one server of this process as its applications see it."""

    def __init__(self) -> None:
        self.draining = False
        self.drain_hooks: list[Hook] = []
        self.stop_hooks: list[Hook] = []

    @property
    def state(self) -> "ServerState":
        """The state itself, so that HTTP and WebSocket scopes read alike."""
        return self

    def on_drain(self, hook: Hook) -> None:
        """Have this awaited between the end of listening and the first goodbye: flush what was accepted."""
        self.drain_hooks.append(hook)

    def on_stop(self, hook: Hook) -> None:
        """Have this awaited when the last connection has gone: give back leases, close clients."""
        self.stop_hooks.append(hook)


class Socket(Protocol):
    """The part of a WebSocket that its link uses."""

    gate: Gate | None

    def write_prepared(self, prepared: bytes) -> bool:
        """Write a whole frame, or say that it was not written."""


class SocketLink:
    """The server's side of one WebSocket; safe to keep and to call after it has closed."""

    __slots__ = ("_socket", "on_bye", "send", "state")

    frame = staticmethod(frame)

    def __init__(self, socket: Socket, state: ServerState) -> None:
        self._socket = socket
        # Writes bytes made by `frame`; False means that nothing was written. Not a method: it is called for every
        # reader of every change.
        self.send = socket.write_prepared
        self.state = state
        # called once at a drain with the milliseconds to wait; returns the JSON text of a farewell or None
        self.on_bye: Callable[[int], bytes | None] | None = None

    @property
    def draining(self) -> bool:
        """Whether the server is on its way out."""
        return self.state.draining

    def buffered_bytes(self) -> int:
        """Return how many bytes wait for this reader; 0 before it is accepted."""
        gate = self._socket.gate
        return 0 if gate is None else gate.buffered_bytes()

    @property
    def writable(self) -> asyncio.Event:
        """Set while `send` takes bytes; never again once the connection closes: cancel who waits then."""
        gate = self._socket.gate
        # Without one the client has gone before it was accepted.
        return asyncio.Event() if gate is None else gate.writable
