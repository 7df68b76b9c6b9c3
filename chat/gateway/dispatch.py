"""A client's command to whoever answers it: pipeline, live or a query."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import structlog
from django.db import Error as DatabaseError

from chat import database, metrics
from chat.gateway.conversation import Conversation
from chat.models import User
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

    def __init__(self, runtime: Runtime, conversation: Conversation, user: User) -> None:
        self._runtime = runtime
        self._conversation = conversation
        self._user = user
        self._in_flight: set[asyncio.Future[dict[str, Any]]] = set()

    async def answer(self, frame: Frame) -> None:
        """Carry out one frame; waits only while too many of this connection's commands are in the writer."""
        command = frame.command
        metrics.COMMANDS.labels(command.type).inc()  # type: ignore[attr-defined]
        try:
            if command.is_durable:
                await self._submit(frame.ref, command)
            else:
                await self._answer_now(frame.ref, command)
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

    async def _submit(self, ref: Ref, command: commands.Command) -> None:
        if isinstance(command, commands.PostMessage):
            self._runtime.check_send_rate(self._user.pk)
            self._runtime.typing.stop(command.room, self._user.pk)
        outcome = self._runtime.committer.submit(self._user.pk, command)
        self._in_flight.add(outcome)
        outcome.add_done_callback(lambda done: self._settled(ref, done))
        if len(self._in_flight) >= _IN_FLIGHT_COUNT:
            await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)

    def _settled(self, ref: Ref, outcome: asyncio.Future[dict[str, Any]]) -> None:
        self._in_flight.discard(outcome)
        if outcome.cancelled():
            return
        error = outcome.exception()
        if error is None:
            self._conversation.offer(codec.encode(replies.accepted(ref, outcome.result())))
        elif isinstance(error, Refused):
            refused = replies.refused(ref, error.code, error.detail, error.after_ms)
            self._conversation.offer(codec.encode(refused))

    async def _answer_now(self, ref: Ref, command: commands.Command) -> None:
        match command:
            case commands.Ping():
                self._conversation.offer(codec.encode({"type": "pong", "ref": ref}))
            case commands.Resume():
                # In a task of its own: it waits for the reader, and the end of the socket must not wait for it.
                self._conversation.spawn(self._resume(ref, command))
            case commands.GetHistory():
                await self._accept(ref, await database.run(messages.history, self._user, command))
            case commands.GetChanges():
                await self._accept(ref, {"items": await database.run(changes.page, self._user, command)})
            case commands.StartTyping() if command.room in self._conversation.rooms:
                self._runtime.typing.start(command.room, self._user.pk)
            case commands.StopTyping() if command.room in self._conversation.rooms:
                self._runtime.typing.stop(command.room, self._user.pk)

    async def _resume(self, ref: Ref, command: commands.Resume) -> None:
        try:
            await self._conversation.resume(ref, command)
        except ProtocolError as error:
            self.refuse(ref, error.code, error.detail)
        except Refused as refused:
            self.refuse(ref, refused.code, refused.detail, refused.after_ms)
        except DatabaseError as error:
            self.refuse_unavailable(ref, error)

    async def _accept(self, ref: Ref, result: dict[str, Any]) -> None:
        await self._conversation.answer(codec.encode(replies.accepted(ref, result)))
