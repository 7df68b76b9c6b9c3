"""One WebSocket on the wire: daphne's protocol with bounds in both directions and honest close codes."""

# mypy: disallow-untyped-calls=False

import asyncio
import time
from typing import Any

from daphne.ws_protocol import WebSocketFactory

from chat.gateway import direct_write
from chat.gateway.flow import Gate
from chat.gateway.links import SocketLink, frame
from chat.gateway.quiet_log import QuietLog
from chat.gateway.reactor import reactor
from chat.gateway.websocket_reading import BoundedReading, is_close_code
from chat.protocol.errors import CloseCode

log = QuietLog(__name__)

_REASON_BYTES = 123
_REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    426: "Upgrade Required",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}


class SocketProtocol(BoundedReading):
    """A WebSocket of ChatServer; the names in camel case are autobahn's."""

    link: SocketLink | None = None
    # whether bytes may go straight to the socket
    _is_plain = False
    _linger: Any = None
    _denial_status: int | None = None

    # --- handshake

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:  # noqa: N802, N803
        """Refuse with a constant text: the stock one repeats what the client sent, or a Python error."""
        if reason and code >= 500:
            log.error("handshake failed", status=code, reason=reason)
        elif reason:
            log.warning("handshake refused", status=code)
        headers = [("Content-Length", "0"), ("Connection", "close"), *(responseHeaders or ())]
        super().failHandshake(_REASONS.get(code, "Refused"), code, headers)

    def onOpen(self) -> None:  # noqa: N802
        """Take the transport over from the HTTP channel, which had itself registered as its producer."""
        super().onOpen()
        limits = self.server.limits
        self.begin_reading()
        self._is_plain = direct_write.is_plain(self.transport)
        self.gate = Gate(self.transport, limits.outbox_bytes, limits.slow_reader_s, self._cut)
        self.transport.unregisterProducer()
        self.transport.registerProducer(self.gate, True)

    # --- from the application

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Carry out one ASGI message of the application."""
        kind = message["type"]
        if kind == "websocket.send":
            self._send(message)
        elif kind == "websocket.close":
            self._close(message.get("code") or 1000, message.get("reason") or "")
        elif kind == "websocket.accept":
            self._accept(message.get("subprotocol"), message.get("headers") or ())
        elif kind == "websocket.http.response.start":
            self._denial_status = int(message["status"])
        elif kind == "websocket.http.response.body":
            if not message.get("more_body", False):
                self.serverReject(self._denial_status or 403)
        else:
            raise ValueError(f"a WebSocket cannot send {kind}")

    async def reply(self, message: dict[str, Any]) -> None:
        """Carry out one ASGI message once the client is not behind."""
        await self.server.handle_reply(self, message)

    def task_began(self, task: asyncio.Task[None]) -> None:
        """Take note of what works for this connection."""
        self.server.application_began(self, task)

    def failed(self) -> None:
        """End a connection whose listener has failed."""
        self.shut(1011)

    def handle_exception(self, _exception: BaseException) -> None:
        """End a connection whose application has failed beyond the outermost layer."""
        self.serverReject(500)
        self.shut(1011)

    def write_prepared(self, prepared: bytes) -> bool:
        """Write a whole frame unless the connection is not open or its buffer is full."""
        gate = self.gate
        if gate is None or gate.full or self.state != self.STATE_OPEN:
            return False
        # here and not by `_write`, once more for every reader of every change
        if self._is_plain:
            direct_write.write(self.transport, prepared)
        else:
            self.transport.write(prepared)
        return True

    def _write(self, data: bytes) -> None:
        if self._is_plain:
            direct_write.write(self.transport, data)
        else:
            self.transport.write(data)

    def _accept(self, subprotocol: str | None, headers: Any) -> None:
        """Answer the handshake; the opening replaces this."""
        raise NotImplementedError

    def _send(self, message: dict[str, Any]) -> None:
        if self.state == self.STATE_CONNECTING:
            raise ValueError("the connection is not accepted yet")
        if self.state != self.STATE_OPEN:
            return
        text, data = message.get("text"), message.get("bytes")
        # not sendMessage: it applies the limit of incoming messages to outgoing ones
        if text is not None and data is None:
            self._write(frame(text.encode()))
        elif data is not None and text is None:
            self._write(frame(data, binary=True))
        else:
            raise ValueError("a message has either text or bytes")

    def _close(self, code: int, reason: str) -> None:
        if self.state == self.STATE_CONNECTING:
            self.serverReject()
            return
        if not is_close_code(code):
            raise ValueError(f"{code} cannot be sent as a close code")
        self.shut(code, reason.encode()[:_REASON_BYTES].decode(errors="ignore").encode())

    # --- time and end

    def check_timeouts(self) -> None:
        """Look after one connection; called for each every two seconds."""
        self.check_message_age()
        now = time.monotonic()
        if self.state == self.STATE_CONNECTING:
            if now - self.socket_opened > self.server.limits.handshake_s:
                log.warning("handshake took too long", path=self.request.path)
                self.serverReject(503)
        elif (
            self.state == self.STATE_OPEN
            and not self._held
            and now - self.last_ping > self.server.ping_interval
        ):
            self._sendAutoPing()
            self.last_ping = now

    def _cut(self) -> None:
        log.warning("slow reader closed", client=self.client_addr)
        self.shut(CloseCode.TOO_SLOW, b"too slow")

    def sendCloseFrame(self, code: Any = None, reasonUtf8: Any = None, isReply: bool = False) -> None:  # noqa: N802, N803
        super().sendCloseFrame(code, reasonUtf8, isReply)
        if self.gate is not None:
            self.gate.close()
        if self._held:
            # messages no longer count, the answer to our close does
            self._read_on()

    def dropConnection(self, abort: bool = False) -> None:  # noqa: N802
        """Close the transport; in order when both sides have said goodbye, where autobahn sends a reset."""
        super().dropConnection(abort and not self.wasClean)
        if self.gate is not None:
            self.gate.close()

    def _closeConnection(self, abort: bool = False) -> None:  # noqa: N802
        super()._closeConnection(abort)
        if not abort and self._linger is None:
            # a peer that never reads would keep what is left in the buffer, and the socket, for ever
            self._linger = reactor.callLater(self.closeHandshakeTimeout, self.transport.abortConnection)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        if self._linger is not None and self._linger.active():
            self._linger.cancel()
        if self.gate is not None:
            self.gate.close()
        super().connectionLost(reason)

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:  # noqa: N802, N803
        if hasattr(self, "server"):  # else it was refused before there was an application
            super().onClose(wasClean, code, reason)


class SocketFactory(WebSocketFactory):  # type: ignore[misc]
    """Makes the WebSockets of one ChatServer."""

    protocol = SocketProtocol
