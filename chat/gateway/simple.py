"""The simple protocol: one room a socket, `{"message": …}` both ways, as in the Channels tutorial."""

from __future__ import annotations

import uuid
from collections.abc import Container
from functools import lru_cache
from typing import Any

from django.db import OperationalError

from chat import conf, database
from chat.gateway import admission
from chat.gateway.admission import Credentials
from chat.gateway.connection import Connection
from chat.gateway.consumer import Socket
from chat.live.run import Run
from chat.models import Membership, Room, User
from chat.pipeline import guests
from chat.protocol import codec, commands, replies
from chat.protocol.errors import CloseCode, ErrorCode, ProtocolError, Refused
from chat.queries import changes, rooms, workspace
from chat.queries import sign_in as sign_ins
from chat.queries.sign_in import SignIn

_LOBBY = "lobby"
_GREETING = codec.encode({"message": "연결 성공"})


class SimpleConnection(Connection):
    """A follower of one room that is told only what was said, each message in a frame of its own."""

    dialect = "simple"
    knows_arrays = False

    async def fell_behind(self, room: int, holds: int) -> None:
        """End: this protocol has no way to take up again, and its client knows the code."""
        self.close(CloseCode.TOO_SLOW)

    def offer(self, frame: bytes) -> None:
        """Queue what the frame means in this protocol, if anything."""
        simple = _translate(frame)
        if simple is not None:
            super().offer(simple)

    def shape(self, run: Run) -> bytes:
        """Return the frames of what was said, one after the other."""
        said = filter(None, map(_translate, run.frames))
        return b"".join(map(self._link.frame, said))

    def offer_as_is(self, frame: bytes) -> None:
        """Queue a frame of this protocol."""
        super().offer(frame)

    def offer_events(self, events: Run) -> None:
        """Nothing that may be lost is spoken here."""

    def notice(self, frame: bytes) -> None:
        """Nothing that may be lost is spoken here."""

    def farewell(self, in_ms: int) -> bytes | None:
        """Nothing: the close code says it."""
        return None

    def room_left(self, room: int) -> None:
        """End with the room."""
        super().room_left(room)
        self.close(CloseCode.PROTOCOL_BROKEN)


class SimpleConsumer(Socket):
    """A client at /ws/chat/ (the lobby) or /ws/chat/<slug>/."""

    # Of a visitor without sign-in.
    network = ""

    def is_origin_allowed(self, credentials: Credentials) -> bool:
        """Tell whether the origin is ours; a program without any proof may come as a guest."""
        is_program = not admission.headers_of(self.scope, b"origin") and credentials.session_key is None
        return is_program or super().is_origin_allowed(credentials)

    async def admit(self, credentials: Credentials) -> SignIn | None:
        """Return who this is; in a room that takes guests, anybody. What is not proven is asked to come later."""
        sign_in = await super().admit(credentials)
        if sign_in is None and credentials.token is None:
            self.network = guests.network_of(admission.address_of(self.scope))
            return await database.run(_guest, self.slug, self.network, self.runtime.connections)
        if sign_in is not None and not sign_in.is_proven:
            raise OperationalError("the room cannot be read")
        return sign_in

    async def deny(self, refused: Refused) -> None:
        """Say why there is no account for this visitor, and close."""
        await self.accept(subprotocol=self.subprotocol)
        await self.send_text(_error(refused.code, refused.detail, refused.after_ms).decode())
        is_full = refused.code is ErrorCode.TOO_MANY
        await self.close_with(CloseCode.TOO_MANY_CONNECTIONS if is_full else CloseCode.PROTOCOL_BROKEN)

    def farewell(self, in_ms: int) -> bytes | None:
        """Return an error of this protocol."""
        return _error(ErrorCode.UNAVAILABLE, "too busy at the moment", in_ms)

    @property
    def slug(self) -> str:
        """Return the slug of the address."""
        return str(self.scope["url_route"]["kwargs"].get("slug", _LOBBY))

    async def begin(self, sign_in: SignIn) -> None:
        """Join the room, greet in the lobby, and go live."""
        self.user = sign_in.user
        connection = SimpleConnection(sign_in)
        self.take_place(connection, sign_in)
        try:
            self.room = room = await self._enter()
            head = await self._watch(room)
            if self.slug == _LOBBY:
                connection.offer_as_is(_GREETING)
            connection.rooms.add(room)
            while not self.runtime.hub.follow(connection, room, head):
                head = await self._watch(room)
        except Refused as refused:
            # Sent at once: what is queued would be lost in the closing.
            await self.send_text(_error(refused.code, refused.detail, refused.after_ms).decode())
            await self.close_with(CloseCode.PROTOCOL_BROKEN)
            return

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Store one message; errors are answered and do not close."""
        if self.connection is None or (wait_s := self.count_frame()) is None:
            return
        try:
            if wait_s:
                detail = f"more than {conf.get().FRAMES_PER_S:g} frames a second"
                raise Refused(ErrorCode.RATE_LIMITED, detail, int(wait_s * 1_000) + 1)
            command = self._parse(text_data)
            self.runtime.check_send_rate(self.user.pk)
            if self.network:
                # Guests of one network share one rate: to open more sockets gives no more messages. No account has
                # a negative number.
                self.runtime.check_send_rate(-int(self.network[:12], 16))
            await self.runtime.committer.submit(self.user.pk, command)
        except ProtocolError as error:
            await self.send_error(error.code, error.detail)
        except Refused as refused:
            await self.send_error(refused.code, refused.detail, refused.after_ms)

    async def send_error(self, code: ErrorCode, detail: str, after_ms: int | None = None) -> None:
        """Answer that something is not done."""
        self.connection.offer_as_is(_error(code, detail, after_ms))

    def _parse(self, text: str | None) -> commands.Command:
        if text is None:
            raise ProtocolError(ErrorCode.UNSUPPORTED, "only text frames are spoken here")
        fields = codec.decode_object(text)
        post = {
            "room": self.room,
            "body": fields.get("message"),
            "client_message_id": fields.get("client_message_id") or uuid.uuid4().hex,
        }
        if not isinstance(post["body"], str):
            raise ProtocolError(ErrorCode.BAD_FRAME, "message: a string is required")
        return commands.parse(commands.PostMessage, post)

    async def _watch(self, room: int) -> int:
        """Return the seq from which the room can be followed. Raises Refused: not_found."""
        await self.runtime.hub.watch([room])
        return await database.run(_head, self.user, room)

    async def _enter(self) -> int:
        """Return the id of the room, joined. Raises Refused: not_found, the same for missing and closed."""
        found = await database.run(_find, self.user, self.slug)
        if found is None:
            raise Refused(ErrorCode.NOT_FOUND, "no such room")
        room, is_in = found
        if not is_in:
            await self.runtime.committer.submit(self.user.pk, commands.JoinRoom(room=room))
        return room


def _find(user: User, slug: str) -> tuple[int, bool] | None:
    room = rooms.by_slug(slug)
    if room is None:
        return None
    is_in = Membership.objects.filter(room=room, user=user, left_seq=None).exists()
    may_join = room.kind == Room.Kind.OPEN and (room.guests or not user.is_guest)
    return (room.pk, is_in) if is_in or may_join else None


def _head(user: User, room: int) -> int:
    """Return the last seq of a room. Raises Refused: not_found, for who has been removed before it was read."""
    head = changes.heads([room])[room]
    if not Membership.objects.filter(room=room, user=user, left_seq=None).exists():
        raise Refused(ErrorCode.NOT_FOUND, "no such room")
    return head


def _error(code: ErrorCode, detail: str, after_ms: int | None) -> bytes:
    return codec.encode({"error": replies.error(code, detail, after_ms)})


def _guest(slug: str, network: str, here: Container[int]) -> SignIn | None:
    """Return an account for a visitor of a room that takes guests; None for every other room.

    Raises:
        Refused: too_many, forbidden.
    """
    room = rooms.by_slug(slug)
    if room is None or not room.guests or room.archived_at is not None:
        return None
    return sign_ins.of_user(guests.let_in(room, network, here), workspace.epoch())


@lru_cache(maxsize=512)
def _translate(frame: bytes) -> bytes | None:
    """Say a change in the simple protocol; cached, because every reader of a room gets the same bytes."""
    change: dict[str, Any] = codec.decode_own(frame)
    if change.get("type") != "message.posted":
        return None
    message = change["message"]
    files = message["attachments"]
    said = {
        # Who knows only of text is told the names.
        "message": message["body"] or ", ".join(file["name"] for file in files),
        "sender": message["sender"]["handle"],
        "name": message["sender"]["name"],
        "seq": change["seq"],
        "id": message["id"],
        "at": change["at"],
    }
    return codec.encode(said | {"attachments": files} if files else said)
