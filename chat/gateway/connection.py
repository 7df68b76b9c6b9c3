"""One open socket as the hub sees it: a bounded queue and the way out of it."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from chat import conf
from chat.live.run import Run
from chat.live.send_queue import SendQueue
from chat.protocol import codec
from chat.protocol.errors import CloseCode
from chat.queries.sign_in import SignIn

# Replays wait until a reader has taken this much, so that a long absence costs no memory.
_ROOM_LEFT = 0.5
# Sockets that were opened together must not come back together.
_AGE_SPREAD = 0.1
_BACK_WITHIN_MS = 10_000
# Each `frozenset()` is another, of 0.2 kB.
NOTHING: frozenset[int] = frozenset()


class Connection:
    """Frames for one client, in order; whoever offers never waits.

    On our server they are written in the loop's next turn, all that came together in one frame; changes of a room
    at once, in the frame that all its readers share, while nothing else waits. On a stock server a task awaits
    `send`, and lives only while there is something to send.
    """

    # The name of what a run of changes becomes for this kind of reader, and whether that knows arrays.
    dialect = "full"
    knows_arrays = True

    def __init__(self, sign_in: SignIn) -> None:
        self.id = secrets.token_hex(8)
        self.user_id = sign_in.user.pk
        self.held = sign_in.held
        # Whose presence may be told; None for everybody's. A guest's are known when the rooms are.
        self.known_users: frozenset[int] | None = NOTHING if sign_in.user.is_guest else None
        self.rooms: set[int] = set()
        age_s = conf.get().MAX_AGE_S * random.uniform(1 - _AGE_SPREAD, 1 + _AGE_SPREAD)
        self._ends_at = asyncio.get_running_loop().time() + age_s
        self._queue = SendQueue(conf.get().SEND_QUEUE_BYTES, joins=self.knows_arrays)
        self._link: Any = None
        self._send: Callable[[str], Awaitable[None]] | None = None
        self._close: Callable[[CloseCode], Awaitable[None]] | None = None
        # Nearly all of the time there is neither.
        self._tasks: set[asyncio.Task[None]] | None = None
        self._drained: asyncio.Event | None = None
        self._is_flushing = False
        self._is_closed = False

    @property
    def proof(self) -> str:
        """Return the digest of the session or token with which it came in."""
        return self.held.proof

    def open(
        self,
        link: Any,
        send: Callable[[str], Awaitable[None]],
        close: Callable[[CloseCode], Awaitable[None]],
    ) -> None:
        """Say how frames leave: `link` is our server's prepared-frame extension or None."""
        self._link, self._send, self._close = link, send, close

    def offer(self, frame: bytes) -> None:
        """Queue an encoded object that must arrive; a reader too far behind is cut and resumes from the log."""
        if self._is_closed:
            return
        if not self._queue.offer(frame):
            self.close(CloseCode.TOO_SLOW)
            return
        self._flush_soon()

    async def answer(self, frame: bytes) -> None:
        """Queue what the client has asked for, when there is room: who asks for more than it reads waits."""
        while not self._is_closed and not self._queue.has_room(frame):
            await self._wait_drained()
        self.offer(frame)

    def offer_change(self, room: int, seq: int, frame: bytes) -> bool:
        """Queue a change of a room; when many large ones come at once it is no fault of the reader.

        Returns:
            False when it does not fit now: `fell_behind` then sees to the rest.
        """
        self.hear(frame)
        if self._queue.has_room(frame):
            self.offer(frame)
            return True
        if not self._is_closed:
            self.spawn(self.fell_behind(room, seq - 1))
        return False

    def offer_run(self, run: Run) -> bool:
        """Send changes of a room in the frame that is shared, or queue them behind what waits already.

        Returns:
            False when they do not all fit, as `offer_change`.
        """
        if self._send_shared(run):
            if not run.is_talk:
                for frame in run.frames:
                    self.hear(frame)
            return True
        return all(self.offer_change(run.room, seq, frame) for seq, frame in enumerate(run.frames, run.first))

    def offer_events(self, events: Run) -> None:
        """Send events that may be lost in the frame that is shared, or queue them."""
        if not self._send_shared(events):
            for frame in events.frames:
                self.offer_droppable(frame)

    def _send_shared(self, run: Run) -> bool:
        if self._is_flushing or self._is_closed or self._link is None:
            return False
        shared = run.forms.get(self.dialect)
        if shared is None:
            shared = run.forms[self.dialect] = self.shape(run)
        return not shared or bool(self._link.send(shared))

    def shape(self, run: Run) -> bytes:
        """Return the bytes of a run on the wire, for all readers of this dialect; none when there is nothing to say."""
        shaped: bytes = self._link.frame(codec.join(run.frames))
        return shaped

    def hear(self, frame: bytes) -> None:
        """Take note of what a change says that is sent to the client; the conversation replaces this."""

    async def fell_behind(self, room: int, holds: int) -> None:
        """Take a room up again from the log when the reader has caught up."""
        raise NotImplementedError

    def offer_droppable(self, frame: bytes) -> None:
        """Queue an encoded object that may be lost."""
        self.notice(frame)

    def notice(self, frame: bytes) -> None:
        """Queue word of the server itself, which may be lost and is for everybody at any time."""
        if not self._is_closed:
            self._queue.offer_droppable(frame)
            self._flush_soon()

    def room_joined(self, room: int) -> None:
        """Begin to follow a room; the conversation replaces this."""

    def signed_out(self, *, is_disabled: bool = False) -> None:
        """End: the session or token was ended somewhere, or the account was disabled."""
        self.close(CloseCode.DISABLED if is_disabled else CloseCode.SIGNED_OUT)

    def look_after(self, now: float) -> None:
        """End when the connection has lived for so long that it should move to another process."""
        if now > self._ends_at:
            self.close(CloseCode.MOVED, self.farewell(random.randrange(_BACK_WITHIN_MS)))

    def farewell(self, in_ms: int) -> bytes | None:
        """Return the last object before the server ends a connection of its own accord, if there is one."""
        return codec.encode({"type": "bye", "in_ms": in_ms})

    def moved(self) -> None:
        """End so that the client comes back: the user has another role in the workspace."""
        self.close(CloseCode.MOVED)

    def room_left(self, room: int) -> None:
        """Note that the hub no longer serves a room."""
        self.rooms.discard(room)

    async def _wait_drained(self) -> None:
        """Wait until the reader has taken something, or is gone."""
        if self._drained is None:
            self._drained = asyncio.Event()
        self._drained.clear()
        await self._drained.wait()

    def _wake_drained(self) -> None:
        if self._drained is not None:
            self._drained.set()

    async def drained(self) -> None:
        """Wait until the reader has taken most of what was queued, or is gone."""
        while not self._is_closed and self._queue.waiting_bytes > conf.get().SEND_QUEUE_BYTES * _ROOM_LEFT:
            await self._wait_drained()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something for this connection, at most until it ends."""
        task = asyncio.get_running_loop().create_task(work)
        if self._tasks is None:
            self._tasks = set()
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        if self._tasks is not None:
            self._tasks.discard(task)
            self._tasks = self._tasks or None

    def close(self, code: CloseCode, farewell: bytes | None = None) -> None:
        """End the connection from our side, with a last object if given; what is queued is forgotten."""
        if not self._is_closed and self._close is not None:
            self._is_closed = True
            self._queue.clear()
            self._wake_drained()
            self.spawn(self._end(code, farewell))

    def ended(self) -> None:
        """Note that the socket is gone: nothing is sent any more, all its work ends."""
        self._is_closed = True
        self._queue.clear()
        self._wake_drained()
        for task in list(self._tasks or ()):
            task.cancel()

    async def _end(self, code: CloseCode, farewell: bytes | None) -> None:
        assert self._send is not None
        assert self._close is not None
        with suppress(OSError):  # the client has gone before: `disconnect` follows
            if farewell is not None:
                await self._send(farewell.decode())
            await self._close(code)

    def _flush_soon(self) -> None:
        if not self._is_flushing and self._queue:
            self._is_flushing = True
            if self._link is None:
                self.spawn(self._flush_by_send())
            else:
                asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        while self._queue and not self._is_closed:
            frame = self._link.frame(self._queue.peek())
            if not self._link.send(frame):
                self.spawn(self._wait_writable())
                return
            self._queue.drop()
        self._is_flushing = False
        self._wake_drained()

    async def _wait_writable(self) -> None:
        # The server cuts a reader that stays behind for too long; until then it is waited for.
        await self._link.writable.wait()
        self._flush()

    async def _flush_by_send(self) -> None:
        assert self._send is not None
        try:
            while self._queue and not self._is_closed:
                payload = self._queue.peek()
                await self._send(payload.decode())
                self._queue.drop()
                self._wake_drained()
        except OSError:
            # How a server says that the client has gone; `disconnect` follows.
            self._is_closed = True
            self._queue.clear()
            self._wake_drained()
        finally:
            self._is_flushing = False
