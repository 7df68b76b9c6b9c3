"""The outermost ASGI layer: whatever the application does, its client gets an answer and an end.

Also two things an application needs on any ASGI server: the last route of a URLRouter, and the word about
a stock server.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import structlog

from chat.gateway import hearing
from chat.gateway.quiet_log import QuietLog

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[Any]]

INTERNAL_ERROR = 1011
_DENIAL = "websocket.http.response"

log = QuietLog(__name__)
_own_server = False


class Outermost:
    """Wraps an application so that a return or an exception never leaves a connection open.

    Stock servers keep a socket whose application has returned: it is open, answers pings, and messages pile
    up in a queue that nobody reads. One that has put a listener in its place is not over.
    """

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self.application(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = "connecting"

        async def watched(message: Message) -> None:
            nonlocal state
            await send(message)
            kind = message["type"]
            if kind == "websocket.accept":
                state = "open"
            elif kind in ("websocket.close", f"{_DENIAL}.body"):
                state = "closed"

        failed = False
        try:
            await self.application(scope, receive, watched)
        except Exception as error:
            failed = True
            log.error("application failed", kind="websocket", path=scope["path"], exc_info=error)
        if not failed and (way := hearing.of(scope)) is not None and way.is_adopted:
            return
        if state == "open":
            await _try(send, {"type": "websocket.close", "code": INTERNAL_ERROR})
        elif state == "connecting" and failed:
            await deny(scope, send, 500)
        elif state == "connecting":
            await _try(send, {"type": "websocket.close"})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            await send(message)
            started = True

        try:
            await self.application(scope, receive, watched)
        except Exception as error:
            log.error("application failed", kind="http", path=scope["path"], exc_info=error)
            if not started:
                await _respond(send, 500, b"Internal Server Error\n")


async def deny(scope: Scope, send: Send, status: int) -> None:
    """Answer a WebSocket handshake with this status, or with 403 where the server knows no other."""
    if _DENIAL not in (scope.get("extensions") or {}):
        await _try(send, {"type": "websocket.close"})
        return
    await _try(send, {"type": f"{_DENIAL}.start", "status": status, "headers": []})
    await _try(send, {"type": f"{_DENIAL}.body", "body": b""})


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 404; the last route of a URLRouter, which would raise for an unknown path."""
    if scope["type"] == "websocket":
        await receive()
        await deny(scope, send, 404)
    else:
        await _respond(send, 404, b"Not Found\n")


def claim_server() -> None:
    """Note that ChatServer runs this process; called before the application is loaded."""
    global _own_server
    _own_server = True


def announce_stock_server() -> None:
    """Say in the start-up log what is missing when another server loads the application."""
    if not _own_server:
        structlog.get_logger(__name__).warning(
            "stock ASGI server: no drain, no back-pressure, no prepared frames", instead="manage.py serve"
        )


async def _respond(send: Send, status: int, text: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
    ]
    await _try(send, {"type": "http.response.start", "status": status, "headers": headers})
    await _try(send, {"type": "http.response.body", "body": text})


async def _try(send: Send, message: Message) -> None:
    with suppress(OSError):  # how ASGI servers say that the client has gone
        await send(message)
