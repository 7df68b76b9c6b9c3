"""A client's command to whoever answers it: pipeline, live or a query."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import structlog
from django.db import Error as DatabaseError

from chat import database, metrics
from chat.gateway.conversation import Conversation
from chat.pipeline.runtime import Runtime
from chat.protocol import codec, commands, replies
from chat.protocol.codec import Frame, Ref
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.queries import changes, messages

_log = structlog.get_logger(__name__)

# A connection that has this many commands in the writer is not read until one of them is answered.
_IN_FLIGHT_COUNT = 32


class Dispatcher:
    """Answers the frames of one connection, each exactly once."""

    __slots__ = ("_conversation", "_has_room", "_in_flight_count", "_origin", "_runtime")

    def __init__(self, runtime: Runtime, conversation: Conversation, origin: str = "") -> None:
        self._runtime = runtime
        self._origin = origin
        self._conversation = conversation
        self._in_flight_count = 0
        self._has_room: asyncio.Future[None] | None = None

    def answer_at_once(self, frame: Frame) -> bool:
        """Carry out a frame that nothing has to be waited for; False, and nothing done, for any other."""
        command, conversation = frame.command, self._conversation
        if not command.is_prompt or not conversation.is_proven or self._in_flight_count >= _IN_FLIGHT_COUNT:
            return False
        _count(command)
        try:
            if command.is_durable:
                self._submit(frame.ref, command)
            else:
                self._answer_now(frame.ref, command)
        except Refused as refused:
            self.refuse(frame.ref, refused.code, refused.detail, refused.after_ms)
        return True

    async def answer(self, frame: Frame) -> None:
        """Carry out one frame; waits only while too many of this connection's commands are in the writer."""
        command = frame.command
        _count(command)
        try:
            if not isinstance(command, commands.Ping | commands.Resume):
                await self._conversation.prove()
            if command.is_durable:
                while self._in_flight_count >= _IN_FLIGHT_COUNT:
                    self._has_room = asyncio.get_running_loop().create_future()
                    await self._has_room
                self._submit(frame.ref, command)
            elif command.is_prompt:
                self._answer_now(frame.ref, command)
            else:
                await self._read(frame.ref, command)
        except ProtocolError as error:
            self.refuse(frame.ref, error.code, error.detail)
        except Refused as refused:
            self.refuse(frame.ref, refused.code, refused.detail, refused.after_ms)
        except DatabaseError as error:
            self.refuse_unavailable(frame.ref, error)

    def refuse(self, ref: Ref, code: ErrorCode, detail: str, after_ms: int | None = None) -> None:
        """Answer that something is not done."""
        metrics.REFUSALS.labels(code.value).inc()
        self._conversation.offer(codec.encode(replies.refused(ref, code, detail, after_ms)))

    def refuse_unavailable(self, ref: Ref, error: DatabaseError) -> None:
        """Answer that the database could not be asked."""
        _log.warning("dispatch.database_unavailable", error=type(error).__name__)
        self.refuse(
            ref, ErrorCode.UNAVAILABLE, "the database cannot be reached", random.randint(2_000, 10_000)
        )

    def _submit(self, ref: Ref, command: commands.Command) -> None:
        if isinstance(command, commands.PostMessage):
            self._runtime.check_send_rate(self._conversation.user_id)
            self._runtime.typing.stop(command.room, self._conversation.user_id)
        outcome = self._runtime.committer.submit(self._conversation.user_id, command, self._origin)
        self._in_flight_count += 1
        outcome.add_done_callback(partial(self._settled, ref))

    def _settled(self, ref: Ref, outcome: asyncio.Future[dict[str, Any]]) -> None:
        self._in_flight_count -= 1
        if self._has_room is not None and not self._has_room.done():
            self._has_room.set_result(None)
        if outcome.cancelled():
            return
        error = outcome.exception()
        if error is None:
            self._conversation.offer(codec.encode(replies.accepted(ref, outcome.result())))
        elif isinstance(error, Refused):
            refused = replies.refused(ref, error.code, error.detail, error.after_ms)
            self._conversation.offer(codec.encode(refused))

    def _answer_now(self, ref: Ref, command: commands.Command) -> None:
        match command:
            case commands.Ping():
                self._conversation.offer(codec.encode({"type": "pong", "ref": ref}))
            case commands.Resume():
                # In a task of its own: it waits for the reader, and the end of the socket must not wait for it.
                self._conversation.spawn(self._resume(ref, command))
            case commands.StartTyping() if self._may_type(command.room):
                self._runtime.typing.start(command.room, self._conversation.user_id)
            case commands.StopTyping() if command.room in self._conversation.rooms:
                self._runtime.typing.stop(command.room, self._conversation.user_id)

    async def _read(self, ref: Ref, command: commands.Command) -> None:
        match command:
            case commands.GetHistory():
                await self._accept(
                    ref, await database.run(messages.history, self._conversation.user, command)
                )
            case commands.GetChanges():
                await self._accept(ref, {"items": await self._changes(command)})

    def _may_type(self, room: int) -> bool:
        return room in self._conversation.rooms and self._conversation.voice.may_type(room)

    async def _resume(self, ref: Ref, command: commands.Resume) -> None:
        try:
            await self._conversation.resume(ref, command)
        except ProtocolError as error:
            self.refuse(ref, error.code, error.detail)
        except Refused as refused:
            self.refuse(ref, refused.code, refused.detail, refused.after_ms)
        except DatabaseError as error:
            self.refuse_unavailable(ref, error)

    async def _changes(self, command: commands.GetChanges) -> Sequence[Any]:
        """Read a page; while the database is away, what the hub has just delivered of a room that we follow."""
        try:
            return await database.run(changes.page, self._conversation.user, command)
        except DatabaseError:
            is_followed = command.room in self._conversation.rooms
            hub = self._runtime.hub
            recent = hub.recent(command.room, command.after, command.limit) if is_followed else None
            if recent is None:
                raise
            return [codec.decode_own(frame) for frame in recent]

    async def _accept(self, ref: Ref, result: dict[str, Any]) -> None:
        await self._conversation.answer(codec.encode(replies.accepted(ref, result)))


def _count(command: commands.Command) -> None:
    _counter(type(command))()


@cache
def _counter(kind: type[commands.Command]) -> Callable[[], None]:
    # To look up a label costs as much as to count.
    return metrics.COMMANDS.labels(kind.model_fields["type"].default).inc
