"""The way in of one WebSocket: messages to a waiting application, or straight to a listener without a task.

An ASGI application waits in `receive` for as long as its connection lives: a task, the frames of every layer
around it, and two turns of the loop for each message. On our server it may put a listener in its place and
return. What the listener can answer at once it is given within the read; the rest is done in order by a task
that lives only while there is something to do.

How a consumer uses it, in the event loop's thread::

    hearing = scope["extensions"].get("maru.hearing")
    hearing.adopt(listener)       # the application may return now; the connection stays open
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from chat.gateway.flow import Inbox
from chat.gateway.quiet_log import QuietLog

log = QuietLog(__name__)

# Answered within one read, before others have their turn.
AT_ONCE_COUNT = 16


class Listener(Protocol):
    """Who takes the place of an application."""

    def hear(self, text: str) -> Any:
        """Answer a text at once and return None, or return what `dispatch` is to be given in its turn."""

    async def dispatch(self, message: Any) -> None:
        """Carry out an ASGI message, or what `hear` has returned."""

    def release(self) -> None:
        """Give everything back; called once the client is gone or the listener has failed, perhaps twice."""


class Owner(Protocol):
    """The server's end of a WebSocket."""

    def on_taken(self) -> None:
        """Called whenever a message was taken out."""

    def task_began(self, task: asyncio.Task[None]) -> None:
        """Take note of the task that works through what could not be answered at once."""

    def failed(self) -> None:
        """End the connection of a listener that has failed."""

    async def reply(self, message: dict[str, Any]) -> None:
        """Carry an ASGI message to the client, waiting while it is behind."""


class Hearing(Inbox):
    """The inbox of one WebSocket."""

    __slots__ = ("_at_once_count", "_listener", "_owner", "_task")

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner.on_taken)
        self._owner = owner
        self._listener: Listener | None = None
        self._task: asyncio.Task[None] | None = None
        self._at_once_count = 0

    @property
    def is_adopted(self) -> bool:
        """Tell whether a listener has taken the application's place."""
        return self._listener is not None

    def adopt(self, listener: Listener) -> None:
        """Give everything that comes to a listener from here on, what waits already first.

        It sends by `reply` from now on: what stood between it and the server has returned.
        """
        self._listener = listener
        if self._messages:
            self._work_soon()

    async def reply(self, message: dict[str, Any]) -> None:
        """Carry an ASGI message to the client."""
        await self._owner.reply(message)

    def begin_read(self) -> None:
        """Note that bytes have come: so many messages of them may be answered at once."""
        self._at_once_count = 0

    def put_text(self, text: str) -> None:
        """Hand over a whole text message."""
        listener = self._listener
        if listener is None or self._task is not None or self._at_once_count >= AT_ONCE_COUNT:
            self.put_nowait({"type": "websocket.receive", "text": text})
            return
        self._at_once_count += 1
        try:
            rest = listener.hear(text)
        except Exception as error:
            self._fail(listener, error)
            return
        if rest is not None:
            self.put_nowait(rest)

    def put_nowait(self, message: dict[str, Any]) -> None:
        """Add a message; the socket, not this method, keeps the number bounded by not reading."""
        if self._listener is not None and self._task is None and message["type"] == "websocket.disconnect":
            self._listener.release()
            return
        super().put_nowait(message)
        if self._listener is not None:
            self._work_soon()

    def _work_soon(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work())
            self._owner.task_began(self._task)

    async def _work(self) -> None:
        listener = self._listener
        assert listener is not None
        try:
            while self._messages:
                message = await self.get()
                if message["type"] == "websocket.disconnect":
                    listener.release()
                    return
                await listener.dispatch(message)
        except asyncio.CancelledError:
            listener.release()
            raise
        except Exception as error:
            self._fail(listener, error)
        finally:
            self._task = None

    def _fail(self, listener: Listener, error: Exception) -> None:
        log.error("application failed", kind="websocket", exc_info=error)
        self._messages.clear()
        self.waiting_count = self.waiting_bytes = 0
        listener.release()
        self._owner.failed()


def of(scope: Any) -> Hearing | None:
    """Return the way in of a scope's connection; None on a stock server."""
    hearing: Hearing | None = (scope.get("extensions") or {}).get("maru.hearing")
    return hearing
