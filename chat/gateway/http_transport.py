"""One HTTP connection on the wire: Twisted's and daphne's classes with bounds in time and size."""

# mypy: disallow-untyped-calls=False

import time
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.protocol import connectionDone
from twisted.web import http

from chat.gateway import handshake, opening
from chat.gateway.flow import Gate, Intake, keep_kernel_short
from chat.gateway.quiet_log import QuietLog
from chat.gateway.reactor import reactor

log = QuietLog(__name__)

# A refused client may still be sending: so much is read and dropped, for so long, that it sees our answer
# before the connection is reset.
LINGER_BYTES = 4 * 1024 * 1024
LINGER_S = 2.0
# A body may be slower than body_s by as long as this rate takes.
BODY_BYTES_PER_S = 64 * 1024


class BoundedRequest(WebRequest):  # type: ignore[misc]
    """A request whose body has a limit, and whose refusals are constant plain text."""

    server: Any
    channel: "BoundedChannel"
    # Set where the application takes the body as it comes.
    intake: Intake | None = None
    _body_limit = 0
    _body_bytes = 0
    # When the application had it as a whole; monotonic.
    _began_at: float | None = None
    _has_begun = False

    @property
    def gate(self) -> Gate:
        """The back-pressure of the connection this request came on."""
        return self.channel.gate

    def gotLength(self, length: int | None) -> None:  # noqa: N802
        """Refuse a declared body that is too large before it is sent."""
        path = self.channel.requested_path
        self._body_limit = self.server.limits.body_bytes_of(path)
        if length != 0 and self.channel.asks_for_streaming:
            # It says itself what is too large, in its own words and as soon as it likes.
            self.intake = Intake(self.server.limits.intake_bytes, self.channel.hold, self.channel.go_on)
            length = 0
        elif length is not None and length > self._body_limit:
            log.warning("body refused", declared_bytes=length, limit_bytes=self._body_limit)
            self.channel.refuse(413)
            length = 0
        super().gotLength(length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """Pass on what is streamed; refuse a body without a length as soon as it is too large."""
        if self.intake is not None:
            self.intake.put(data)
            return
        self._body_bytes += len(data)
        if self._body_bytes > self._body_limit:
            self.channel.refuse(413)
        elif not self.channel.refused:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:  # noqa: N802
        """Begin; for a body that is streamed Twisted calls this at its end, when all has begun long ago."""
        if self._has_begun and self.intake is not None:
            # From here on the application is waited for, and no longer the client.
            self._began_at = time.monotonic()
            self.intake.end()
            return
        self._has_begun = True
        super().requestReceived(command, path, version)

    @property
    def is_ahead(self) -> bool:
        """Whether the body is still coming, whatever the application has said by now."""
        return self.intake is not None and not self.intake.has_ended

    @property
    def has_answered(self) -> bool:
        """Whether some of an answer is on its way already."""
        return bool(getattr(self, "_response_started", False))

    def process(self) -> Any:
        """Answer what needs no application, and pass on the rest."""
        if self.channel.refused:
            return None
        headers = self.requestHeaders
        # any client could set it, and with it the prefix of every URL that Django builds
        headers.removeHeader(b"Daphne-Root-Path")
        problem = handshake.request_problem(self.method, self.clientproto, headers)
        upgrade = (headers.getRawHeaders(b"Upgrade") or [b""])[0].lower() == b"websocket"
        if problem is None and upgrade:
            path = self.uri.partition(b"?")[0]
            problem = handshake.upgrade_problem(self.method, self.clientproto, path, headers)
            problem = problem or opening.opening_problem(self.uri, headers)
            if problem is None and self.server.state.draining:
                problem = 503
        if problem is not None:
            log.warning("request refused", status=problem)
            self.basic_error(problem)
            return None
        if not upgrade:
            self._began_at = None if self.is_ahead else time.monotonic()
            return super().process()
        self.channel.upgraded = True
        opening.upgrade(self)
        self.channel.leave()
        return None

    def basic_error(self, status: int, _text: bytes = b"", _body: str = "") -> None:
        """Answer with a status and its name; the stock page has a footer with the name of the server."""
        text = http.RESPONSES.get(status, b"Error") + b"\n"
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(text))]
        if status == 426:
            headers.append((b"sec-websocket-version", b"13"))
        self.handle_reply({"type": "http.response.start", "status": status, "headers": headers})
        self.handle_reply({"type": "http.response.body", "body": text})

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Carry out one ASGI message of the application; a draining server keeps no connection alive."""
        start = message["type"] == "http.response.start" and not self._response_started
        channel: Any = getattr(self, "channel", None)
        if self.intake is not None and not self.finished and channel is not None and channel.refused:
            # Sent away meanwhile: what the application says about it is too late.
            return
        if start and (self.server.state.draining or self.is_ahead) and self.channel is not None:
            # Where the next request begins is not known before the rest of this one has come.
            self.channel.persistent = False
            headers = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"connection"]
            message = {**message, "headers": [*headers, (b"connection", b"close")]}
        super().handle_reply(message)

    def application_returned(self) -> None:
        """End a response that the application has left unfinished."""
        if self.finished or self.channel is None:
            return
        if self._response_started:
            # the length or the last chunk is missing, so the client sees that this is not all
            self.channel.transport.abortConnection()
        else:
            self.basic_error(500)

    def handle_exception(self, _exception: BaseException) -> None:
        """End the response of an application that has failed beyond the outermost layer."""
        self.application_returned()

    def check_timeouts(self) -> None:
        """Answer for an application that takes too long to begin."""
        if self._began_at is None or self._response_started or self.finished or self.channel is None:
            return
        if time.monotonic() - self._began_at > self.server.limits.response_s:
            log.error("no response in time", method=self.method.decode("latin-1"))
            self.basic_error(503)


class BoundedChannel(http.HTTPChannel):
    """A connection that has to deliver its headers and its body within deadlines."""

    _path: bytes  # type: ignore[assignment]  # the stubs guess a Request
    factory: Any
    transport: Any
    gate: Gate
    refused = False
    upgraded = False
    _has_begun = False
    _deadline: Any = None
    _late_bytes = 0

    @property
    def requested_path(self) -> str:
        """The path of the request whose headers have just arrived."""
        return self._path.partition(b"?")[0].decode("latin-1")

    @property
    def asks_for_streaming(self) -> bool:
        """Whether the body of the request whose headers have just arrived goes to its application as it comes."""
        limits, path = self.factory.server.limits, self.requested_path
        if self._command == b"PATCH":
            return path.startswith(tuple(limits.streamed_patches))
        return self._command == b"POST" and path in limits.streamed_bodies

    @property
    def idle(self) -> bool:
        """Whether nothing of a request has arrived that is not answered yet."""
        return not self.requests and (self._deadline is None or not self._has_begun)

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        limits = self.factory.server.limits
        keep_kernel_short(self.transport)
        self.gate = Gate(
            self.transport, limits.response_bytes, limits.slow_reader_s, self.transport.abortConnection
        )
        self.factory.channels.add(self)
        # Between requests a line may rest for longer; one that has never asked for anything is no use to anybody.
        self._expect(limits.header_s)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Start the clock with the first byte of a request; after a refusal drop what comes."""
        if self.refused:
            self._late_bytes += len(data)
            if self._late_bytes > LINGER_BYTES:
                self.transport.pauseProducing()
            return
        self._has_begun = True
        if not self._handlingRequest:
            self._expect(self.factory.server.limits.header_s)
        super().dataReceived(data)

    def rawDataReceived(self, data: bytes) -> None:  # noqa: N802
        if self.upgraded:
            # came in one segment with the handshake; the HTTP parser would keep it for a next request
            self.transport.protocol.dataReceived(data)
        elif not self.refused:
            super().rawDataReceived(data)

    def lineReceived(self, line: bytes) -> None:  # noqa: N802
        if self.refused:
            return
        if line[:1] in (b" ", b"\t"):
            # folded headers are obsolete (RFC 9112 5.2) and read differently by every proxy
            self.refuse(400)
            return
        self._expect(self.factory.server.limits.header_s)
        super().lineReceived(line)

    def lineLengthExceeded(self, _line: bytes) -> None:  # noqa: N802
        self.refuse(431)

    def allHeadersReceived(self) -> None:  # noqa: N802
        self._expect_nothing()
        super().allHeadersReceived()
        if not self.refused and self.length != 0:
            limits = self.factory.server.limits
            most = limits.body_bytes_of(self.requested_path)
            size = most if self.length is None else min(self.length, most)
            self._expect(limits.body_s + size / BODY_BYTES_PER_S)
            request = self.requests[-1]
            if request.intake is not None:
                request.requestReceived(self._command, self._path, self._version)

    def allContentReceived(self) -> None:  # noqa: N802
        self._expect_nothing()
        if not self.refused:
            super().allContentReceived()

    def refuse(self, status: int) -> None:
        """Answer with an error, end our side, and drop the connection soon."""
        if self.refused:
            return
        if any(request.has_answered for request in self.requests):
            # Whatever is written now would be read as a part of that answer.
            self.refused = True
            self.transport.abortConnection()
            return
        reason = http.RESPONSES.get(status, b"Error")
        self.transport.write(
            b"HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n%s\n" % (status, reason, len(reason) + 1, reason)
        )
        self._linger()

    def requestDone(self, request: Any) -> None:  # noqa: N802
        """Go on with the next request; after an answer that came before the end of its body there is none."""
        if not request.is_ahead:
            super().requestDone(request)
            return
        self.requests.remove(request)
        self._linger()

    def _linger(self) -> None:
        """End our side; who still sends sees the answer before the connection is reset."""
        self.refused = True
        self._expect_nothing()
        self.setTimeout(None)
        for request in self.requests:
            if request.intake is not None:
                request.intake.cut()
        self.transport.unregisterProducer()
        self.transport.loseWriteConnection()
        # Reading may have stopped for the application.
        self.transport.resumeProducing()
        self._deadline = reactor.callLater(LINGER_S, self.transport.abortConnection)

    def hold(self) -> None:
        """Read no more for now: the application has enough to do."""
        self.transport.pauseProducing()

    def go_on(self) -> None:
        """Read again."""
        if not self._waitingForTransport:
            self.transport.resumeProducing()

    def _respondToBadRequestAndDisconnect(self) -> None:  # noqa: N802
        self.refuse(400)

    def _send100Continue(self) -> None:  # noqa: N802
        if not self.refused:
            super()._send100Continue()

    def pauseProducing(self) -> None:  # noqa: N802
        super().pauseProducing()
        self.gate.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802
        super().resumeProducing()
        self.gate.resumeProducing()

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802
        self._expect_nothing()
        self.gate.close()
        for request in self.requests:
            if request.intake is not None:
                request.intake.cut()
        self.factory.channels.discard(self)
        self.factory.server.connection_gone.set()
        super().connectionLost(reason)

    def leave(self) -> None:
        """Give the connection to the WebSocket that it has become."""
        self._expect_nothing()
        self.setTimeout(None)
        self.factory.channels.discard(self)
        # Reading may have stopped for the request.
        self.transport.resumeProducing()
        # Whoever opens many would wait for the collector to find that nothing holds them.
        for request in self.requests:
            request.channel = None
        self.requests = []

    def _expect(self, seconds: float) -> None:
        if self._deadline is None:
            self._deadline = reactor.callLater(seconds, self._too_late)

    def _expect_nothing(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if not self._has_begun:
            self.transport.loseConnection()
            return
        log.warning("request too slow")
        self.refuse(408)


class BoundedFactory(HTTPFactory):  # type: ignore[misc]
    """Makes the HTTP connections of one ChatServer and knows which are open."""

    protocol = BoundedChannel

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.timeOut = server.limits.idle_s
        self.channels: set[BoundedChannel] = set()

    def buildProtocol(self, addr: Any) -> BoundedChannel:  # noqa: N802
        channel: BoundedChannel = super().buildProtocol(addr)
        channel.requestFactory = BoundedRequest
        return channel

    def log(self, request: Any) -> None:
        """Write no access log: the proxy in front has one, and formatting costs more than many requests."""
