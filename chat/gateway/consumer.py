"""The life of a socket of the full protocol."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import structlog
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError

from chat import conf, metrics
from chat.gateway import admission, heap, hearing, ticket
from chat.gateway.admission import Places
from chat.gateway.conversation import Conversation
from chat.gateway.dispatch import Dispatcher
from chat.live.bucket import TokenBucket
from chat.pipeline import runtime as runtimes
from chat.pipeline.runtime import Runtime
from chat.protocol import codec, limits
from chat.protocol.codec import Frame
from chat.protocol.ephemeral import Hello
from chat.protocol.errors import CloseCode, ErrorCode, ProtocolError, Refused
from chat.queries import payloads
from chat.queries.sign_in import SignIn

_log = structlog.get_logger(__name__)

# A client above its rate is told so by each answer; one that goes on regardless for this many frames is cut.
_IGNORED_ANSWERS_COUNT = 1_000
_BINARY_FRAMES_COUNT = 3
# When all who are sent away are asked to come back: spread, so that they do not come all at once again.
_BACK_MS = (2_000, 10_000)
# In the place of the scope of a socket that is open.
_DONE_WITH: dict[str, Any] = {"type": "websocket"}


class Socket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """What sockets of both protocols share: no layer channel, no thread hop, admission, an orderly end."""

    # The hub speaks to the layer, once for the whole process; with a channel of its own each socket would
    # need Redis to be there before it could be accepted.
    channel_layer_alias = None
    groups = ()
    runtime: Runtime
    places: Places | None = None
    connection: Any = None
    # Made for a client that is above its rate.
    patience: TokenBucket | None = None
    has_arrived = False
    # What is set when somebody has been let in.
    own: tuple[str, ...] = ("connection", "frames", "has_arrived", "patience", "places")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        heap.take_places(self, self.own)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Run the socket. `disconnect` is not called when a server cancels it or a handler raises."""
        way = hearing.of(scope)
        try:
            if way is None:
                await super().__call__(scope, receive, send)
                return
            self.scope, self.base_send = scope, send
            await receive()
            await self.connect()
            if self.connection is not None:
                # No task waits for the next message, and nobody reads the request again.
                self.scope = _DONE_WITH
                way.adopt(self)
                self.base_send = way.reply
                return
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            if way is None or not way.is_adopted:
                self.release()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the handler. The stock method hops to the one shared thread for every single frame."""
        await getattr(self, get_handler_name(message))(message)

    def hear(self, text: str) -> dict[str, Any] | None:
        """Return what `dispatch` has to be given to answer a text."""
        return {"type": "websocket.receive", "text": text}

    async def connect(self) -> None:
        """Let the client in, or tell it why not."""
        metrics.HANDSHAKES.labels("tried").inc()
        # Whatever is heard to have ended from here on is ended for this socket too.
        self.began_at = asyncio.get_running_loop().time()
        self.runtime = runtimes.of(self.scope)
        self.places = Places(self.runtime, self.scope)
        credentials = admission.credentials_of(self.scope)
        if not self.is_origin_allowed(credentials):
            metrics.HANDSHAKES.labels("origin").inc()
            await self.close()
            return
        if code := self.places.take_address():
            await self.turn_away(code)
            return
        try:
            await self.runtime.start()
            if refusal := await self.wait_turn():
                await self.send_away(refusal)
                return
            sign_in = await self.admit(credentials)
            if sign_in is None:
                await self.turn_away(CloseCode.SIGNED_OUT)
            elif code := self.places.take_user(sign_in.held):
                await self.turn_away(code)
            else:
                await self.arrive(sign_in)
        except DatabaseError as error:
            _log.warning("socket.database_unavailable", error=type(error).__name__)
            await self.send_away("database")
        except Refused as refused:
            await self.deny(refused)

    async def deny(self, refused: Refused) -> None:
        """Turn away who could come in, were there not too many."""
        await self.turn_away(CloseCode.TOO_MANY_CONNECTIONS)

    async def wait_turn(self) -> str | None:
        """Wait until this handshake's turn has come; the name of the rate where too many wait already."""
        now = asyncio.get_running_loop().time()
        # Behind a unix socket, or a proxy whose word is not taken, nobody's address is known.
        client = self.scope.get("client")
        if client and self.runtime.address_buckets.take(str(client[0]), now):
            return "address_rate"
        wait_s = self.runtime.turnstile.enter(now)
        if wait_s is None:
            return "rate"
        if wait_s:
            await asyncio.sleep(wait_s)
        return None

    async def arrive(self, sign_in: SignIn) -> None:
        """Accept the socket and begin."""
        await self.accept(subprotocol=self.subprotocol)
        metrics.HANDSHAKES.labels("accepted").inc()
        metrics.CONNECTIONS.inc()
        self.has_arrived = True
        await self.begin(sign_in)

    @property
    def subprotocol(self) -> str | None:
        """Return the subprotocol to choose: a browser that has named some gives up where none is chosen."""
        return ticket.SUBPROTOCOL if ticket.SUBPROTOCOL in (self.scope.get("subprotocols") or ()) else None

    def is_origin_allowed(self, credentials: admission.Credentials) -> bool:
        """Tell whether the handshake's origin is one of ours."""
        return admission.is_origin_allowed(self.scope, credentials)

    async def admit(self, credentials: admission.Credentials) -> SignIn | None:
        """Return who this is."""
        return await admission.sign_in_of(self.runtime, credentials)

    async def begin(self, sign_in: SignIn) -> None:
        """Start the conversation of an admitted user."""
        raise NotImplementedError

    def farewell(self, in_ms: int) -> bytes | None:
        """Return what is said before the server ends a connection of its own accord."""
        return codec.encode({"type": "bye", "in_ms": in_ms})

    def take_place(self, connection: Any, sign_in: SignIn) -> None:
        """Connect to the hub and be seen."""
        self.connection = connection
        bounds = conf.get()
        self.frames = TokenBucket(bounds.FRAMES_PER_S, bounds.FRAMES_BURST)
        extensions = self.scope.get("extensions") or {}
        connection.open(extensions.get("maru.prepared"), self.send_text, self.close_with)
        self.runtime.hub.connect(connection)
        self.runtime.presence.arrive(sign_in.user.pk)
        if self.runtime.sign_ins.has_ended(sign_in, self.began_at):
            connection.signed_out()

    def count_frame(self) -> float | None:
        """Count a frame that has come.

        Returns:
            0.0, or the seconds to wait where there are too many; None when the client has gone on regardless for
            long and was cut.
        """
        now = asyncio.get_running_loop().time()
        wait_s = self.frames.take(now)
        if wait_s:
            if self.patience is None:
                self.patience = TokenBucket(conf.get().FRAMES_PER_S, _IGNORED_ANSWERS_COUNT)
            if self.patience.take(now):
                self.connection.close(CloseCode.TOO_MANY_FRAMES)
                return None
        return wait_s

    async def turn_away(self, code: CloseCode) -> None:
        """Accept and close with a code: a browser cannot tell a refused handshake from a network fault."""
        metrics.HANDSHAKES.labels(code.name.lower()).inc()
        await self.accept(subprotocol=self.subprotocol)
        await self.close_with(code)

    async def send_away(self, why: str) -> None:
        """Ask the client to come again a little later, each at another time."""
        if not self.has_arrived:
            metrics.HANDSHAKES.labels(why).inc()
            await self.accept(subprotocol=self.subprotocol)
        if bye := self.farewell(random.randint(*_BACK_MS)):
            await self.send_text(bye.decode())
        await self.close_with(CloseCode.OVERLOADED)

    async def send_text(self, text: str) -> None:
        """Send one frame on a server without prepared frames."""
        await self.send(text_data=text)

    async def close_with(self, code: CloseCode) -> None:
        """Close with a code."""
        metrics.CLOSES.labels(str(int(code))).inc()
        await self.close(code=int(code))

    async def disconnect(self, code: int) -> None:
        """Give everything back."""
        self.release()

    def release(self) -> None:
        """Give everything back, once; only in memory, because a server does not wait long for it."""
        if self.places is not None:
            self.places.give_back()
        if self.has_arrived:
            self.has_arrived = False
            metrics.CONNECTIONS.dec()
        if self.connection is not None:
            connection, self.connection = self.connection, None
            connection.ended()
            self.runtime.hub.disconnect(connection, connection.rooms)
            self.runtime.presence.depart(connection.user_id)


class ChatConsumer(Socket):
    """A client of the full protocol at /ws/v1/."""

    own = (*Socket.own, "binary_count", "dispatcher")

    async def begin(self, sign_in: SignIn) -> None:
        """Greet; nothing else flows before the client's resume."""
        conversation = Conversation(self.runtime, sign_in)
        self.dispatcher = Dispatcher(self.runtime, conversation, admission.address_of(self.scope))
        self.binary_count = 0
        link = (self.scope.get("extensions") or {}).get("maru.prepared")
        if link is not None:
            link.on_bye = self.farewell
        hello: Hello = {
            "type": "hello",
            "connection": conversation.id,
            "epoch": sign_in.epoch,
            "heartbeat_s": int(conf.get().HEARTBEAT_S),
            "server_time": payloads.time(datetime.now(UTC)),
            "user": {**sign_in.me, "status": "online"},
            "limits": {**limits.as_wire(), "upload_bytes": conf.get().UPLOAD_MAX_BYTES},
            "degraded": self.runtime.degraded(is_database_away=not sign_in.is_proven),
            "ticket": ticket.issue(sign_in),
        }
        self.take_place(conversation, sign_in)
        conversation.offer(codec.encode(hello))

    def hear(self, text: str) -> dict[str, Any] | None:
        """Answer a frame at once where nothing has to be waited for; return it for `dispatch` where it has."""
        frame = self._take(text)
        if frame is None or self.dispatcher.answer_at_once(frame):
            return None
        # Its text is what it weighs while it waits.
        return {"type": "maru.frame", "frame": frame, "text": text}

    async def maru_frame(self, message: dict[str, Any]) -> None:
        """Answer a frame that was heard."""
        await self.dispatcher.answer(message["frame"])

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer one frame."""
        frame = self._take(text_data)
        if frame is not None:
            await self.dispatcher.answer(frame)

    def _take(self, text: str | None) -> Frame | None:
        """Return a frame that is to be answered; None for one that was refused or comes too late."""
        if self.connection is None or (wait_s := self.count_frame()) is None:
            return None
        try:
            frame = self._read(text)
        except ProtocolError as error:
            self.dispatcher.refuse(error.ref, error.code, error.detail)
            if self.binary_count >= _BINARY_FRAMES_COUNT:
                self.connection.close(CloseCode.PROTOCOL_BROKEN)
            return None
        if wait_s:
            detail = f"more than {conf.get().FRAMES_PER_S:g} frames a second"
            self.dispatcher.refuse(frame.ref, ErrorCode.RATE_LIMITED, detail, int(wait_s * 1_000) + 1)
            return None
        return frame

    def _read(self, text: str | None) -> Frame:
        if text is None:
            self.binary_count += 1
            raise ProtocolError(ErrorCode.UNSUPPORTED, "only text frames are spoken here")
        self.binary_count = 0
        return codec.decode(text)
