"""The opening handshake of a WebSocket, from the request that the HTTP parser has read already.

daphne writes the request down once more for autobahn to read: most of the time of a handshake goes there, and into
some forty attributes that each connection gets although nearly all of them stay as they are. Here a connection has
them from its class. tests/gateway/test_opening.py compares with what autobahn sets, so that an upgrade is noticed.
"""

# mypy: disallow-untyped-calls=False

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from autobahn.websocket.protocol import TrafficStats
from autobahn.websocket.protocol import WebSocketProtocol as Rfc6455
from autobahn.websocket.utf8validator import Utf8Validator
from daphne.utils import INVALID_HEADER_VALUE_BYTES
from twisted.web.http_headers import Headers

from chat.gateway import heap
from chat.gateway.websocket_transport import SocketFactory, SocketProtocol

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BAD_BYTES = re.compile(b"[%s]" % re.escape(bytes(INVALID_HEADER_VALUE_BYTES)))
# What a connection has of its own once it is open and has answered a ping.
_OWN = (
    "_is_plain", "_pinged_at", "_pings_left", "autoPingPending", "autoPingPendingCall", "autoPingPendingSent",
    "autoPingPendingSeq", "autoPingTimeoutCall", "control_frame_data", "current_frame", "current_frame_masker", "data",
    "gate", "link", "state",
)  # fmt: skip
_CONFIG = (*Rfc6455.CONFIG_ATTRS_COMMON, *Rfc6455.CONFIG_ATTRS_SERVER)


class _Nobody:
    """In the place of futures that nobody waits for."""

    def callback(self, _result: Any) -> None:
        """Nothing."""


class OpeningSocket(SocketProtocol):
    """A WebSocket that begins with a request instead of bytes."""

    # --- what autobahn sets on each connection
    is_open = is_closed = _Nobody()
    _valid_events = _listeners = _parent = None
    _transport_details = None
    _perMessageCompress = trackedTimings = None  # noqa: N815
    trafficStats = TrafficStats()  # noqa: N815 - counts all connections together; nobody reads it
    state = Rfc6455.STATE_CONNECTING
    send_state = Rfc6455.SEND_STATE_GROUND
    data = b""
    send_queue: Any = ()
    triggered = False
    wasMaxFramePayloadSizeExceeded = wasMaxMessagePayloadSizeExceeded = False  # noqa: N815
    closedByMe = failedByMe = droppedByMe = wasClean = False  # noqa: N815
    wasNotCleanReason = None  # noqa: N815
    wasServerConnectionDropTimeout = wasOpenHandshakeTimeout = wasCloseHandshakeTimeout = False  # noqa: N815
    wasServingFlashSocketPolicyFile = False  # noqa: N815
    localCloseCode = localCloseReason = remoteCloseCode = remoteCloseReason = None  # noqa: N815
    openHandshakeTimeoutCall = closeHandshakeTimeoutCall = None  # noqa: N815
    autoPingTimeoutCall = autoPingPending = autoPingPendingCall = autoPingPendingSent = None  # noqa: N815
    autoPingPendingSeq = 0  # noqa: N815
    websocket_version = 13
    inside_message = False
    current_frame = current_frame_masker = control_frame_data = None

    # --- and what daphne sets
    path = b""
    client_addr: list[Any] | None = None
    application_queue: Any
    websocket_protocols: tuple[str, ...] = ()
    _key = b""

    def __init__(self) -> None:
        # All of it is above.
        heap.take_places(self, _OWN)

    @cached_property
    def utf8validator(self) -> Any:
        """Made for the first message that comes in pieces."""
        return Utf8Validator()

    @property
    def request(self) -> OpeningSocket:
        """The request, of which only the path is read; as text where daphne has it."""
        return self

    def connectionMade(self) -> None:  # noqa: N802
        """Take the transport of an HTTP connection over."""
        self.factory.countConnections += 1
        # A unix socket has none.
        with suppress(AttributeError, OSError):
            self.transport.setTcpNoDelay(True)

    def open(self, server: Any, path: bytes, query: bytes, headers: Headers) -> None:
        """Start the application of a request that was found to be in order."""
        self.server = server
        server.protocol_connected(self)
        self.path = path
        self.socket_opened = self.last_ping = time.monotonic()
        peer, host = self.transport.getPeer(), self.transport.getHost()
        server_address = None
        if hasattr(peer, "port"):
            self.client_addr, server_address = [peer.host, peer.port], [host.host, host.port]
        self._key = (headers.getRawHeaders(b"Sec-WebSocket-Key") or [b""])[0].strip()
        offered = headers.getRawHeaders(b"Sec-WebSocket-Protocol")
        if offered:
            self.websocket_protocols = subprotocols_of(offered)
        scope = {
            "type": "websocket",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "root_path": server.root_path,
            "headers": _asgi(headers),
            "query_string": query,
            "client": self.client_addr,
            "server": server_address,
            "subprotocols": list(self.websocket_protocols),
        }
        self.application_queue = server.create_application(self, scope)
        self.application_queue.put_nowait({"type": "websocket.connect"})

    def processHandshake(self) -> None:  # noqa: N802
        """Keep what comes before the application has answered."""
        if len(self.data) > self.factory.server_class.limits.message_bytes:
            self.transport.abortConnection()

    def serverReject(self, status: int = 403) -> None:  # noqa: N802
        """Answer the handshake with an error status."""
        if self.state == self.STATE_CONNECTING:
            self.server.protocol_disconnected(self)
            self.failHandshake("", status)

    def _accept(self, subprotocol: str | None, headers: Any) -> None:
        if self.state != self.STATE_CONNECTING:
            raise ValueError("the connection was accepted before")
        answer = [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"]
        for name, value in headers:
            if b"\r" in name + value or b"\n" in name + value:
                raise ValueError("a header of the handshake has a line break")
            answer.append(b"%s: %s\r\n" % (name, value))
        if subprotocol is not None:
            if subprotocol not in self.websocket_protocols:
                raise ValueError("the accepted subprotocol was not offered by the client")
            answer.append(b"Sec-WebSocket-Protocol: %s\r\n" % subprotocol.encode("ascii"))
        digest = base64.b64encode(hashlib.sha1(self._key + _MAGIC, usedforsecurity=False).digest())
        answer.append(b"Sec-WebSocket-Accept: %s\r\n\r\n" % digest)
        self.transport.write(b"".join(answer))
        self.state = self.STATE_OPEN
        # Neither is read again.
        del self._key
        if self.websocket_protocols:
            del self.websocket_protocols
        self.onOpen()
        if self.data:
            self.consumeData()


class OpeningFactory(SocketFactory):
    """Makes the WebSockets of one ChatServer; its options are attributes of their class."""

    def set_options(self, **options: Any) -> None:
        """Set autobahn's options, once, before the first connection."""
        self.setProtocolOptions(**options)
        settings = {name: getattr(self, name) for name in _CONFIG}
        self.protocol: Any = type("ConfiguredSocket", (OpeningSocket,), settings)


def opening_problem(uri: bytes, headers: Headers) -> int | None:
    """Return the status for a handshake that is refused for what autobahn and daphne refuse, or None."""
    if not uri.isascii() or b"#" in uri:
        return 400
    # Names that are none have not come past Twisted.
    for _, values in headers.getAllRawHeaders():
        if any(_BAD_BYTES.search(value) for value in values):
            return 400
    host = (headers.getRawHeaders(b"Host") or [b""])[0].strip()
    if b":" in host and not host.endswith(b"]") and not host.rpartition(b":")[2].isdigit():
        return 400
    offered = subprotocols_of(headers.getRawHeaders(b"Sec-WebSocket-Protocol") or [])
    return 400 if len(set(offered)) < len(offered) else None


def subprotocols_of(values: Sequence[bytes]) -> tuple[str, ...]:
    """Return the subprotocols that a client offers, in its order."""
    if not values:
        return ()
    return tuple(one.strip() for one in b",".join(values).decode("ascii").split(","))


def upgrade(request: Any) -> None:
    """Make a WebSocket of an HTTP connection whose request was found to be in order."""
    server, transport = request.server, request.channel.transport
    socket: OpeningSocket = server.ws_factory.buildProtocol(transport.getPeer())
    transport.protocol = socket
    socket.makeConnection(transport)
    path, _, query = request.uri.partition(b"?")
    # The request is no connection any more.
    server.protocol_disconnected(request)
    socket.open(server, path, query, request.requestHeaders)


def _asgi(headers: Headers) -> list[tuple[bytes, bytes]]:
    found = []
    for name, values in headers.getAllRawHeaders():
        # Django would take both for one (CVE-2015-0219).
        if b"_" not in name:
            found += [(name.lower(), value.strip()) for value in values]
    return found
