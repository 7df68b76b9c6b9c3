"""Leaving without losing anything: what happens between SIGTERM and exit, in order and within bounds."""

# mypy: disallow-untyped-calls=False

import asyncio
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Protocol

import structlog

from chat.gateway.bounds import ServerLimits
from chat.gateway.http_transport import BoundedFactory
from chat.gateway.links import Hook, ServerState
from chat.gateway.websocket_transport import SocketProtocol
from chat.protocol.errors import CloseCode

log = structlog.get_logger(__name__)

# Sockets due within this are closed together: a timer for each would cost more than the closing.
TICK_S = 0.02
SETTLE_S = 0.05
# Clients told to come back within less would all come before the next process listens.
LEAST_SPREAD_S = 1.0
# The longest wait for others once we were told twice.
HURRY_S = 1.0


class Draining(Protocol):
    """The part of a server that its drain uses."""

    limits: ServerLimits
    state: ServerState
    hurry: asyncio.Event
    connection_gone: asyncio.Event
    http_factory: BoundedFactory
    connections: dict[Any, Any]

    def sockets(self) -> list[SocketProtocol]:
        """Return the WebSockets that are not gone yet."""

    def application_tasks(self) -> list[asyncio.Task[Any]]:
        """Return the applications that still run."""

    async def stop_listening(self) -> None:
        """Refuse new connections."""


async def run(server: Draining) -> None:
    """Stop listening, flush, say goodbye, wait, and let go; `server.hurry` cuts every wait short."""
    sockets_count = len(server.sockets())
    log.info("draining", connections_count=sockets_count)
    server.state.draining = True
    await server.stop_listening()
    await _await_hooks(server.state.drain_hooks, server.limits.flush_s)
    # the answers to what was flushed are on their way through the applications
    await asyncio.sleep(SETTLE_S)
    await asyncio.gather(_close_sockets(server), _finish_requests(server))
    await _let_applications_end(server)
    await _await_hooks(server.state.stop_hooks, server.limits.stop_s)
    log.info("drained", connections_count=sockets_count)


async def _await_hooks(hooks: Iterable[Hook], seconds: float) -> None:
    for hook in hooks:
        try:
            await asyncio.wait_for(hook(), seconds)
        except TimeoutError:
            log.error("a drain hook took too long", seconds=seconds)
        except Exception as error:
            log.error("a drain hook failed", exc_info=error)


async def _close_sockets(server: Draining) -> None:
    loop = asyncio.get_running_loop()
    sockets = server.sockets()
    random.shuffle(sockets)
    spread_s = min(server.limits.drain_s, len(sockets) / server.limits.drain_per_s)
    began_at = loop.time()
    for place, socket in enumerate(sockets):
        wait_s = began_at + spread_s * place / len(sockets) - loop.time()
        if wait_s > TICK_S:
            await _pause(server, wait_s)
        _say_goodbye(socket, spread_s)
    # whoever was accepted meanwhile
    for socket in server.sockets():
        _say_goodbye(socket, spread_s)


def _say_goodbye(socket: SocketProtocol, spread_s: float) -> None:
    if socket.state == socket.STATE_CONNECTING:
        socket.serverReject(503)
        return
    link = socket.link
    if socket.state == socket.STATE_OPEN and link is not None and link.on_bye is not None:
        in_ms = random.randrange(int(1000 * max(spread_s, LEAST_SPREAD_S)))
        try:
            farewell = link.on_bye(in_ms)
        except Exception as error:
            log.error("a farewell failed", exc_info=error)
            farewell = None
        if farewell is not None:
            link.send(link.frame(farewell))
    socket.shut(CloseCode.RESTART, b"service restart")


async def _finish_requests(server: Draining) -> None:
    channels = server.http_factory.channels
    for channel in list(channels):
        if channel.idle:
            channel.loseConnection()
    await _wait_until(server, lambda: not channels, server.limits.request_drain_s)
    for channel in list(channels):
        channel.transport.abortConnection()


async def _let_applications_end(server: Draining) -> None:
    # half of the time for the clients' answers, half for the applications of those who gave none
    half_s = server.limits.close_s / 2
    await _wait_until(server, lambda: not server.connections, half_s)
    for socket in server.sockets():
        socket.transport.abortConnection()
    await _wait_until(server, lambda: not server.connections, half_s)
    tasks: list[asyncio.Task[Any]] = server.application_tasks()
    for task in tasks:
        task.cancel()
    if tasks:
        log.warning("applications cancelled", applications_count=len(tasks))
        await asyncio.wait(tasks, timeout=1.0)


async def _wait_until(server: Draining, done: Callable[[], bool], seconds: float) -> None:
    loop = asyncio.get_running_loop()
    began_at = loop.time()
    while not done():
        server.connection_gone.clear()
        left_s = began_at + (min(seconds, HURRY_S) if server.hurry.is_set() else seconds) - loop.time()
        if left_s <= 0:
            return
        try:
            await asyncio.wait_for(server.connection_gone.wait(), left_s)
        except TimeoutError:
            return


async def _pause(server: Draining, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(server.hurry.wait(), seconds)
