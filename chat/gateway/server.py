"""ChatServer: daphne's server with the behaviour that a chat needs, in one process with one event loop.

What it adds to daphne: back-pressure in both directions, honest close codes, bounded requests, a drain at
SIGTERM, and prepared frames for the hub (chat/gateway/links.py says how a consumer uses them). Every
difference has a contract test against a raw socket in tests/gateway, so that an upgrade of daphne, autobahn
or Twisted that changes it is noticed.
"""

import asyncio
import importlib.metadata
import os
import signal
import threading
import time
from functools import partial
from typing import Any

import structlog
from daphne.server import Server
from twisted.internet.defer import Deferred
from twisted.logger import globalLogBeginner

from chat.gateway import drain, forwarded
from chat.gateway.bounds import ServerLimits
from chat.gateway.flow import Inbox
from chat.gateway.hearing import Hearing
from chat.gateway.http_transport import BoundedFactory, BoundedRequest
from chat.gateway.links import Hook, ServerState, SocketLink
from chat.gateway.opening import OpeningFactory
from chat.gateway.outermost import Application, Outermost, announce_stock_server, claim_server
from chat.gateway.quiet_log import QuietLog
from chat.gateway.reactor import reactor
from chat.gateway.websocket_transport import SocketProtocol

__all__ = ["ChatServer", "ServerLimits", "announce_stock_server", "claim_server", "refuse_old_daphne"]

# Before 4.2.2 incoming WebSocket messages had no limit (CVE-2026-44545), 4.2.3 mends the repair.
LEAST_DAPHNE = (4, 2, 3)
LISTEN_BACKLOG_COUNT = 1024

log = structlog.get_logger(__name__)
quiet_log = QuietLog(__name__)
Protocol = SocketProtocol | BoundedRequest


class ChatServer(Server):  # type: ignore[misc]
    """One listening port or unix socket and everything behind it; `run` returns after the drain."""

    def __init__(
        self,
        application: Application,
        *,
        host: str = "127.0.0.1",
        port: int = 8000,
        unix_socket: str | None = None,
        limits: ServerLimits | None = None,
        trust_proxy: bool = False,
        on_drain: Hook | None = None,
        ready_callable: Any = None,
    ) -> None:
        self.limits = limits or ServerLimits()
        super().__init__(
            application if isinstance(application, Outermost) else Outermost(application),
            endpoints=[f"unix:{unix_socket}" if unix_socket else f"tcp:{host}:{port}"],
            request_buffer_size=64 * 1024,
            websocket_timeout=-1,
            ping_interval=self.limits.ping_interval_s,
            ping_timeout=self.limits.ping_timeout_s,
            application_close_timeout=self.limits.application_close_s,
            ready_callable=ready_callable,
            server_name="",
        )
        self.host, self.port, self.unix_socket = host, port, unix_socket
        self.trust_proxy = trust_proxy
        self.state = ServerState()
        if on_drain is not None:
            self.state.on_drain(on_drain)
        self.connections: dict[Protocol, dict[str, Any]] = {}
        self.hurry = asyncio.Event()
        self.connection_gone = asyncio.Event()
        self._stopping = False
        self._port: Any = None

    # --- life

    def run(self) -> None:
        """Listen and serve until stopped; raises twisted's CannotListenError when the address is taken."""
        loop = reactor._asyncioEventloop
        asyncio.set_event_loop(loop)
        observer: Any = _report_failure
        globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=True)
        self.http_factory = BoundedFactory(self)
        self.ws_factory = OpeningFactory(self, server="")
        self.ws_factory.set_options(
            versions=[13],
            allowNullOrigin=True,  # origins are judged by the application, which knows the list
            failByDrop=False,
            echoCloseCodeReason=True,
            autoPingTimeout=self.limits.ping_timeout_s,
            closeHandshakeTimeout=self.limits.close_s,
            maxMessagePayloadSize=self.limits.message_bytes,
            maxFramePayloadSize=self.limits.message_bytes,
        )
        self._listen()
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.stop)
        if self.ready_callable:
            reactor.callWhenRunning(self.ready_callable)
        reactor.run(installSignalHandlers=False)
        _end_tasks(loop)

    @property
    def address(self) -> str:
        """Where this server listens, for people."""
        if self.unix_socket:
            return f"unix:{self.unix_socket}"
        host = self._port.getHost()
        return f"http://[{host.host}]:{host.port}" if ":" in host.host else f"http://{host.host}:{host.port}"

    def stop(self) -> None:
        """Drain and end; called again, hurry."""
        if self._stopping:
            self.hurry.set()
            self.connection_gone.set()
            return
        self._stopping = True
        self.state.draining = True
        # not on the loop: it may be the loop that hangs
        hard_stop = threading.Timer(self.limits.hard_stop_s, os._exit, (1,))
        hard_stop.daemon = True
        hard_stop.start()
        reactor.stop()

    def kill_all_applications(self) -> Any:
        """Drain before the reactor stops; the stock way is to cancel consumers without disconnect()."""
        return Deferred.fromFuture(asyncio.ensure_future(drain.run(self)))

    def _listen(self) -> None:
        if self.unix_socket:
            self._port = reactor.listenUNIX(self.unix_socket, self.http_factory, backlog=LISTEN_BACKLOG_COUNT)
        else:
            self._port = reactor.listenTCP(
                self.port, self.http_factory, backlog=LISTEN_BACKLOG_COUNT, interface=self.host
            )

    async def stop_listening(self) -> None:
        """Refuse new connections; a unix socket is removed too."""
        stopped = self._port.stopListening()
        if stopped is not None:
            await stopped.asFuture(asyncio.get_running_loop())

    # --- connections and their applications

    def sockets(self) -> list[SocketProtocol]:
        """Return the WebSockets that are not gone yet."""
        return [
            protocol
            for protocol, details in self.connections.items()
            if isinstance(protocol, SocketProtocol) and "disconnected" not in details
        ]

    def application_tasks(self) -> list[asyncio.Task[Any]]:
        """Return the applications that still run."""
        tasks = [details.get("application_instance") for details in self.connections.values()]
        return [task for task in tasks if task is not None and not task.done()]

    def create_application(self, protocol: Protocol, scope: dict[str, Any]) -> Inbox:
        """Start the application of one connection and return the queue towards it."""
        inbox: Inbox
        scope["asgi"] = {"version": "3.0", "spec_version": "2.4"}
        if isinstance(protocol, SocketProtocol):
            protocol.link = SocketLink(protocol, self.state)
            inbox = hearing = Hearing(protocol)
            scope["scheme"] = "ws"
            scope["extensions"] = {
                "websocket.http.response": {},
                "maru.server": protocol.link,
                "maru.prepared": protocol.link,
                "maru.hearing": hearing,
            }
        else:
            scope["extensions"] = {"maru.server": self.state}
            if protocol.intake is not None:
                scope["extensions"]["maru.body"] = protocol.intake
            inbox = Inbox()
        forwarded.apply(scope, self.trust_proxy)
        running = self.application(scope, inbox.get, partial(self.handle_reply, protocol))
        self.application_began(protocol, asyncio.get_running_loop().create_task(running))
        return inbox

    async def handle_reply(self, protocol: Protocol, message: dict[str, Any]) -> None:
        """Carry a message of an application to its client, waiting while the client is behind."""
        if self._is_gone(protocol):
            return
        gate = protocol.gate
        if gate is not None and gate.full:
            await gate.wait()
            if self._is_gone(protocol):
                return
        self.check_headers_type(message)
        protocol.handle_reply(message)

    def protocol_disconnected(self, protocol: Protocol) -> None:
        """Note that a client has gone; the stock method fails for one that is forgotten already."""
        details = self.connections.get(protocol)
        if details is not None:
            details.setdefault("disconnected", time.monotonic())
            self._forget(protocol)

    def application_checker(self) -> None:
        """Cancel applications that outlive their client by too long."""
        for details in list(self.connections.values()):
            gone_at, task = details.get("disconnected"), details.get("application_instance")
            if gone_at is None or task is None or task.done():
                continue
            if time.monotonic() - gone_at > self.limits.application_close_s:
                quiet_log.error("application outlived its client and was cancelled")
                task.cancel()
        reactor.callLater(1, self.application_checker)

    def _is_gone(self, protocol: Protocol) -> bool:
        details = self.connections.get(protocol)
        return details is None or "disconnected" in details

    def application_began(self, protocol: Protocol, task: asyncio.Task[Any]) -> None:
        """Take note of what works for a connection."""
        details = self.connections.get(protocol)
        if details is not None:
            details["application_instance"] = task
            task.add_done_callback(partial(self._application_ended, protocol))

    def _application_ended(self, protocol: Protocol, task: asyncio.Task[Any]) -> None:
        details = self.connections.get(protocol, {})
        if details.get("application_instance") is task:
            # Its frames, and through them the request, would stay for as long as the connection.
            del details["application_instance"]
        if not self._is_gone(protocol):
            error = None if task.cancelled() else task.exception()
            if error is not None:
                quiet_log.error("application failed", exc_info=error)
            if error is not None or isinstance(protocol, BoundedRequest):
                protocol.handle_exception(error or RuntimeError("no complete response"))
        elif not task.cancelled():
            task.exception()
        self._forget(protocol)

    def _forget(self, protocol: Protocol) -> None:
        details = self.connections.get(protocol)
        if details is None:
            return
        task = details.get("application_instance")
        if "disconnected" in details and (task is None or task.done()):
            del self.connections[protocol]
            self.connection_gone.set()


def refuse_old_daphne() -> None:
    """End the process with one line when the installed daphne is known to be unsafe."""
    version = importlib.metadata.version("daphne")
    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
    if numbers < LEAST_DAPHNE:
        raise SystemExit(f"maru: daphne {version} is installed, at least 4.2.3 is needed (CVE-2026-44545)")


def _report_failure(event: Any) -> None:
    failure = event.get("log_failure")
    if failure is not None:
        quiet_log.error("failure in the reactor", exc_info=failure.value)


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=2.0))
    loop.run_until_complete(loop.shutdown_asyncgens())
