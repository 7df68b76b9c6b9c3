"""A TCP proxy between two programs of ours that can be as bad as any network.

What is dropped is held back as TCP would: the sender is not told, its bytes wait (at most HOLD_MAX_BYTES a direction,
then the sender waits too), and when the network is back they arrive, late and in order. `heal(is_reset=True)`
is the other ending: retransmission gave up. A packet filter leaves a new connection without an answer; here it is
accepted, and nothing follows.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeVar

from tests.faults.lanes import Direction, Link, Stage, Weather

_P = ParamSpec("_P")
_R = TypeVar("_R")
_ProxyT = TypeVar("_ProxyT", bound="Proxy")
Directions = Literal["both", "to_server", "to_client"]
_BACKLOG = 512
_CONNECT_TIMEOUT_S = 5.0
_STOP_TIMEOUT_S = 5.0


def in_its_loop(
    verb: Callable[Concatenate[_ProxyT, _P], _R],
) -> Callable[Concatenate[_ProxyT, _P], _R]:
    """Make a verb callable from any thread; it has happened when it returns."""

    @functools.wraps(verb)
    def call(self: _ProxyT, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        if self._loop is None or self._thread_id == threading.get_ident():
            return verb(self, *args, **kwargs)
        done: Future[_R] = Future()

        def run() -> None:
            try:
                done.set_result(verb(self, *args, **kwargs))
            except BaseException as error:
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done.result(_STOP_TIMEOUT_S)

    return call


class Proxy:
    """A proxy before `upstream`, listening on a port of 127.0.0.1 or on the unix socket `path`.

    `async with` runs it in the loop of the test, `with` in a thread of its own. The verbs are plain calls in both
    cases, work on live connections and on later ones, and add up until `heal()`. Delay and rate are those of
    one connection in one direction.
    """

    def __init__(
        self,
        upstream: tuple[str, int] | Path,
        *,
        path: Path | None = None,
        seed: int = 0,
        name: str = "proxy",
    ) -> None:
        # May be changed at any time; later connections go there.
        self.upstream = upstream
        self.path = path
        self.name = name
        self.port = 0
        self.connections_count = 0
        rng = random.Random(seed)
        self._weather = {"to_server": Weather(rng), "to_client": Weather(rng)}
        self._links: set[Link] = set()
        self._waiting: set[asyncio.Task[None]] = set()
        self._may_connect = self._is_idle = asyncio.Event()
        self._is_refusing = False
        self._guard: socket.socket | None = None
        self._listener: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._thread_id = 0

    async def start(self) -> int:
        """Listen; return the port, which stays the same for good (0 on a unix socket)."""
        self._may_connect, self._is_idle = asyncio.Event(), asyncio.Event()
        self._is_idle.set()
        self._loop = asyncio.get_running_loop()
        self._thread_id = threading.get_ident()
        if self.path is None:
            # Bound and never listening, it keeps the port ours while the proxy refuses connections.
            self._guard = socket.socket()
            self._guard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._guard.bind(("127.0.0.1", self.port))
            self.port = self._guard.getsockname()[1]
        self._adjust()
        return self.port

    async def stop(self) -> None:
        """Break everything off and give the port back."""
        self._is_refusing = True
        self._adjust()
        # A task that never ran would leave its socket to nobody.
        await asyncio.sleep(0)
        waiting = list(self._waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        self.reset_all()
        async with asyncio.timeout(_STOP_TIMEOUT_S):
            await self._is_idle.wait()
        if self._guard is not None:
            self._guard.close()
            self._guard = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)
        self._loop = None
        self._is_refusing = False

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def __enter__(self) -> Self:
        loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_run, args=[loop], name=self.name, daemon=True)
        self._thread.start()
        _wait(self.start(), loop)
        return self

    def __exit__(self, *_: object) -> None:
        loop, thread = self._loop, self._thread
        assert loop is not None
        assert thread is not None
        _wait(self.stop(), loop)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_STOP_TIMEOUT_S)
        loop.close()

    @property
    def address(self) -> tuple[str, int]:
        """Where clients connect."""
        return "127.0.0.1", self.port

    @property
    def open_count(self) -> int:
        """How many connections there are now."""
        return len(self._links)

    @property
    def to_server_bytes(self) -> int:
        """How much has been delivered to the server."""
        return self._weather["to_server"].passed_bytes

    @property
    def to_client_bytes(self) -> int:
        """How much has been delivered to clients."""
        return self._weather["to_client"].passed_bytes

    @in_its_loop
    def latency(self, delay_s: float, jitter_s: float = 0.0) -> None:
        """Let each direction take `delay_s` and up to `jitter_s` more; order stays."""
        for weather in self._weather.values():
            weather.delay_s, weather.jitter_s = delay_s, jitter_s

    @in_its_loop
    def rate(self, bytes_per_s: float) -> None:
        """Let no more pass than that, per connection and direction."""
        if bytes_per_s <= 0:
            raise ValueError("a rate is above zero; drop() stops everything")
        for weather in self._weather.values():
            weather.bytes_per_s = bytes_per_s

    @in_its_loop
    def drop(self, direction: Directions = "both") -> None:
        """Be a black hole: connections stay open, nothing arrives, and nobody is told."""
        for name in _each(direction):
            self._weather[name].is_dropped = True
        self._adjust()

    @in_its_loop
    def stall(self, direction: Directions = "both") -> None:
        """Stop reading, so that the sender's buffers fill up."""
        for name in _each(direction):
            self._weather[name].is_stalled = True
        self._adjust()

    @in_its_loop
    def refuse(self) -> None:
        """Refuse new connections; those that are open go on."""
        self._is_refusing = True
        self._adjust()

    @in_its_loop
    def reset_all(self) -> None:
        """Send a RST to both sides of every connection that is open now."""
        for link in list(self._links):
            link.reset()

    @in_its_loop
    def half_close(self, direction: Directions) -> None:
        """End one direction of every connection that is open now; the other one goes on."""
        for link in list(self._links):
            for lane in link.chosen(_each(direction)):
                lane.finish()

    @in_its_loop
    def cut_after(self, n_bytes: int, direction: Directions) -> None:
        """Reset each connection, also a later one, as soon as `n_bytes` more have passed in that direction."""
        for name in _each(direction):
            self._weather[name].cut_after_bytes = n_bytes
        for link in list(self._links):
            for lane in link.chosen(_each(direction)):
                lane.left_bytes = n_bytes

    @in_its_loop
    def heal(self, *, is_reset: bool = False) -> None:
        """End everything bad: what was held back arrives, or, with `is_reset`, those connections break off."""
        was_dropped = any(weather.is_dropped for weather in self._weather.values())
        for weather in self._weather.values():
            weather.clear()
        self._is_refusing = False
        if was_dropped and is_reset:
            self.reset_all()
        for link in list(self._links):
            for lane in link.lanes:
                lane.clear_up()
        self._adjust()

    def make_stage(self) -> Stage | None:
        """Return what shall change the bytes of a new connection on their way to the client."""
        return None

    def _adjust(self) -> None:
        if self._loop is None:
            return
        if self._is_refusing:
            self._close_listener()
        elif self._listener is None:
            self._open_listener(self._loop)
        if self._weather["to_server"].is_dropped:
            self._may_connect.clear()
        else:
            self._may_connect.set()
        for link in self._links:
            for lane in link.lanes:
                lane.match()

    def _open_listener(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.path is None:
            self._listener = socket.socket()
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind(("127.0.0.1", self.port))
        else:
            self.path.unlink(missing_ok=True)
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(self.path))
        self._listener.setblocking(False)
        self._listener.listen(_BACKLOG)
        loop.add_reader(self._listener, self._accept, self._listener)

    def _close_listener(self) -> None:
        if self._listener is not None and self._loop is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            client, _ = listener.accept()
            client.setblocking(False)
            self.connections_count += 1
            link = Link(
                self._weather["to_server"], self._weather["to_client"], self._forget, self.make_stage()
            )
            self._links.add(link)
            self._is_idle.clear()
            task = asyncio.get_running_loop().create_task(self._connect(link, client))
            self._waiting.add(task)
            task.add_done_callback(self._waiting.discard)

    async def _connect(self, link: Link, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.connect_accepted_socket(lambda: link.client, client)
            await self._may_connect.wait()
            upstream = self.upstream
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                if isinstance(upstream, Path):
                    await loop.create_unix_connection(lambda: link.server, str(upstream))
                else:
                    await loop.create_connection(lambda: link.server, *upstream)
        except OSError:
            # Nobody there: the client learns it as it would without us. A timeout is an OSError too.
            link.reset()
        except asyncio.CancelledError:
            link.reset()
            raise

    def _forget(self, link: Link) -> None:
        self._links.discard(link)
        if not self._links:
            self._is_idle.set()


def _each(direction: Directions) -> tuple[Direction, ...]:
    return ("to_server", "to_client") if direction == "both" else (direction,)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()


def _wait(coroutine: Coroutine[Any, Any, object], loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(coroutine, loop).result(2 * _STOP_TIMEOUT_S)
