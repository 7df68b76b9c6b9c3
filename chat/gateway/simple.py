"""The simple protocol: one room a socket, `{"message": …}` both ways, as in the Channels tutorial."""

from __future__ import annotations

import secrets
import uuid
from functools import lru_cache
from typing import Any

from chat import conf, database
from chat.gateway import admission
from chat.gateway.admission import Admitted, Credentials
from chat.gateway.connection import Connection
from chat.gateway.consumer import Socket
from chat.models import Membership, Room, User
from chat.protocol import codec, commands, replies
from chat.protocol.errors import CloseCode, ErrorCode, ProtocolError, Refused
from chat.queries import changes, rooms

_LOBBY = "lobby"
_GREETING = codec.encode({"message": "연결 성공"})


class SimpleConnection(Connection):
    """A follower of one room that is told only what was said."""

    async def fell_behind(self, room: int, holds: int) -> None:
        """End: this protocol has no way to take up again, and its client knows the code."""
        self.close(CloseCode.TOO_SLOW)

    def offer(self, frame: bytes) -> None:
        """Queue what the frame means in this protocol, if anything."""
        simple = _translate(frame)
        if simple is not None:
            super().offer(simple)

    def offer_as_is(self, frame: bytes) -> None:
        """Queue a frame of this protocol."""
        super().offer(frame)

    def offer_droppable(self, frame: bytes) -> None:
        """Nothing that may be lost is spoken here."""

    def room_left(self, room: int) -> None:
        """End with the room."""
        super().room_left(room)
        self.close(CloseCode.PROTOCOL_BROKEN)


class SimpleConsumer(Socket):
    """A client at /ws/chat/ (the lobby) or /ws/chat/<slug>/."""

    def is_origin_allowed(self, credentials: Credentials) -> bool:
        """Tell whether the origin is ours; a program without any proof may come as a guest."""
        is_program = not admission.headers_of(self.scope, b"origin") and credentials.session_key is None
        return is_program or super().is_origin_allowed(credentials)

    async def admit(self, credentials: Credentials) -> Admitted | None:
        """Return who this is; in a room that takes guests, anybody."""
        admitted = await super().admit(credentials)
        if admitted is None and credentials.token is None:
            return await database.run(_guest, self.slug)
        return admitted

    @property
    def slug(self) -> str:
        """Return the slug of the address."""
        return str(self.scope["url_route"]["kwargs"].get("slug", _LOBBY))

    async def begin(self, admitted: Admitted) -> None:
        """Join the room, greet in the lobby, and go live."""
        self.user = admitted.user
        connection = SimpleConnection(admitted)
        self.take_place(connection, admitted)
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


def _guest(slug: str) -> Admitted | None:
    """Make an account for a visitor of a room that takes guests; None for every other room."""
    room = rooms.by_slug(slug)
    if room is None or not room.guests:
        return None
    number = secrets.token_hex(4)
    user = User.objects.create_user(f"guest-{number}", name=f"Guest {number[:4]}", role=User.Role.GUEST)
    return admission.admitted(user)


@lru_cache(maxsize=512)
def _translate(frame: bytes) -> bytes | None:
    """Say a change in the simple protocol; cached, because every reader of a room gets the same bytes."""
    change: dict[str, Any] = codec.decode_own(frame)
    if change.get("type") != "message.posted":
        return None
    message = change["message"]
    return codec.encode(
        {
            "message": message["body"],
            "sender": message["sender"]["handle"],
            "name": message["sender"]["name"],
            "seq": change["seq"],
            "id": message["id"],
            "at": change["at"],
        }
    )
