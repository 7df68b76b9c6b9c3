"""What a client may send: the reading half of a WebSocket, bounded in size, number and time."""

# mypy: disallow-untyped-calls=False

import time
from typing import Any

from autobahn.websocket.protocol import WebSocketProtocol as Rfc6455
from daphne.ws_protocol import WebSocketProtocol

from chat.gateway.flow import Gate
from chat.gateway.quiet_log import QuietLog
from chat.gateway.reactor import reactor
from chat.protocol.errors import CloseCode

log = QuietLog(__name__)

# What a peer may still push after we have said goodbye; it is thrown away unread, then reading stops.
LATE_BYTES = 256 * 1024
# Chunks of one frame before they are joined: a frame sent in tiny segments would cost an object for each.
CHUNKS_COUNT = 64
# The first bytes of a frame: a last fragment of text, the bit of its mask, and where its length is two bytes long.
_WHOLE_TEXT = 0x81
_MASKED = 0x80
_TWO_BYTES = 126


class BoundedReading(WebSocketProtocol):  # type: ignore[misc]
    """daphne's WebSocket, reading no more than it can keep; names in camel case are autobahn's."""

    server: Any
    gate: Gate | None = None
    _held = False
    _message_began_at: float | None = None
    _fragments_count = 0
    _late_bytes = 0
    _pings_left = 0.0
    _pinged_at = 0.0

    def begin_reading(self) -> None:
        """Start counting; the connection has just been opened."""
        self._pings_left = self.server.limits.pings_burst_count

    def shut(self, code: int, reason: bytes = b"") -> None:
        """Start the closing handshake with any code; autobahn's own sendClose refuses 1012 and 1013."""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code, reason or None)

    def onMessageBegin(self, isBinary: bool) -> None:  # noqa: N802, N803
        super().onMessageBegin(isBinary)
        self._message_began_at = time.monotonic()
        self._fragments_count = 0

    def onMessageFrameBegin(self, length: int) -> None:  # noqa: N802
        self._fragments_count += 1
        if self._fragments_count > self.server.limits.fragments_count:
            self.shut(CloseCode.PROTOCOL_BROKEN, b"too many fragments")
        super().onMessageFrameBegin(length)

    def onMessageFrameData(self, payload: bytes) -> None:  # noqa: N802
        if self.state == self.STATE_OPEN:
            super().onMessageFrameData(payload)
            if len(self.frame_data) > CHUNKS_COUNT:
                self.frame_data[:] = [b"".join(self.frame_data)]

    def onMessageEnd(self) -> None:  # noqa: N802
        self._message_began_at = None
        super().onMessageEnd()

    def check_message_age(self) -> None:
        """Close a connection whose message has been coming for too long."""
        began_at = self._message_began_at
        if began_at is not None and time.monotonic() - began_at > self.server.limits.message_s:
            self._message_began_at = None
            self.shut(CloseCode.PROTOCOL_BROKEN, b"unfinished message")

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        if self.state != self.STATE_OPEN:
            return
        self.last_ping = time.monotonic()
        if isBinary:
            self.application_queue.put_nowait({"type": "websocket.receive", "bytes": payload})
        else:
            self.application_queue.put_text(payload.decode())
        self._hold_when_full()

    def _hold_when_full(self) -> None:
        inbox, limits = self.application_queue, self.server.limits
        if inbox.waiting_count >= limits.inbox_count or inbox.waiting_bytes >= limits.inbox_bytes:
            self._hold()

    def onPing(self, payload: bytes) -> None:  # noqa: N802
        if self._may_ping() and self.gate is not None and not self.gate.full:
            super().onPing(payload)

    def onPong(self, payload: bytes) -> None:  # noqa: N802
        if self._may_ping():
            super().onPong(payload)

    def _may_ping(self) -> bool:
        # neither reaches the application, so nobody else counts them
        limits, now = self.server.limits, time.monotonic()
        earned = (now - self._pinged_at) * limits.pings_per_s
        self._pings_left = min(limits.pings_burst_count, self._pings_left + earned) - 1
        self._pinged_at = now
        if self._pings_left < 0:
            self.shut(CloseCode.TOO_MANY_FRAMES, b"too many pings")
        return self._pings_left >= 0

    def onCloseFrame(self, code: int | None, reasonRaw: bytes | None) -> bool | None:  # noqa: N802, N803
        """Answer a close; a malformed one gets 1002 or 1007, where autobahn would reset the connection."""
        if self.failedByMe:
            return True
        if code is not None and not is_close_code(code):
            self._protocol_violation("invalid close code")
            return True
        try:
            (reasonRaw or b"").decode()
        except UnicodeDecodeError:
            self._invalid_payload("invalid close reason")
            return True
        return bool(super().onCloseFrame(code, reasonRaw))

    def processData(self) -> bool:  # noqa: N802
        if self._held or self.failedByMe:
            return False
        return bool(super().processData())

    def _dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self.state == self.STATE_CLOSING:
            self._late_bytes += len(data)
            if self._late_bytes > LATE_BYTES:
                self.transport.pauseProducing()
                return
            if self.failedByMe:
                return
        super()._dataReceived(data)

    def _fail_connection(self, code: int = 1002, reason: str = "") -> None:
        """Send the close frame of a broken peer, then our end of stream; what it still sends is dropped."""
        if self.failedByMe:
            return
        log.warning("frame refused", code=code, reason=reason)
        super()._fail_connection(code, reason)
        if self.state == self.STATE_CLOSING:
            self.transport.loseWriteConnection()

    # --- the ordinary message, whole, of one frame, in what has just come

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Take the whole text frames off the front; all else goes the long way, which knows every rule."""
        if self.state == self.STATE_OPEN:
            self.application_queue.begin_read()
            if not (self.data or self.inside_message or self._held or self.failedByMe or self.current_frame):
                data = self._take_texts(data)
                if not data:
                    return
        self._dataReceived(data)

    def _take_texts(self, data: bytes) -> bytes:
        """Hand over the whole text messages at the front of some bytes and return what is left of them."""
        place = 0
        while self.state == self.STATE_OPEN and not self._held:
            found = text_frame(data, place, self.maxFramePayloadSize)
            if found is None:
                break
            text, place = found
            self.last_ping = time.monotonic()
            if self.autoPingTimeoutCall:
                # Who sends is there.
                self._cancelAutoPingTimeoutCall()
            self.application_queue.put_text(text)
            self._hold_when_full()
        return data[place:] if place else data

    # --- reading stops while the application is behind

    def _hold(self) -> None:
        self._held = True
        self.transport.pauseProducing()
        if self.autoPingTimeoutCall:
            # the pong may be among what we do not read
            self._cancelAutoPingTimeoutCall()

    def on_taken(self) -> None:
        """Read on once the application has caught up to half of the bound."""
        if not self._held:
            return
        inbox, limits = self.application_queue, self.server.limits
        if inbox.waiting_count <= limits.inbox_count // 2 and inbox.waiting_bytes <= limits.inbox_bytes // 2:
            self._read_on()

    def _read_on(self) -> None:
        self._held = False
        self.transport.resumeProducing()
        reactor.callLater(0, self.consumeData)


def text_frame(data: bytes, at: int, limit_bytes: int) -> tuple[str, int] | None:
    """Return the text of a whole, masked, unfragmented text frame and the place after it.

    None for anything else, a frame that is not allowed included: autobahn then says what is wrong with it.
    """
    if len(data) < at + 6 or data[at] != _WHOLE_TEXT:
        return None
    size = data[at + 1] - _MASKED
    at += 2
    if size == _TWO_BYTES:
        size = int.from_bytes(data[at : at + 2])
        if size < _TWO_BYTES:
            return None
        at += 2
    elif not 0 <= size < _TWO_BYTES:
        return None
    end = at + 4 + size
    if len(data) < end or size > limit_bytes:
        return None
    mask = data[at : at + 4] * (size // 4 + 1)
    # The numbers' order of bytes does not matter as long as it is one.
    both = int.from_bytes(data[at + 4 : end], "little") ^ int.from_bytes(mask[:size], "little")
    try:
        return both.to_bytes(size, "little").decode(), end
    except UnicodeDecodeError:
        return None


def is_close_code(code: int) -> bool:
    """Say whether a code may stand in a close frame."""
    return code in Rfc6455.CLOSE_STATUS_CODES_ALLOWED or 3000 <= code <= 4999
