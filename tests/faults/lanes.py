"""One connection through the proxy: two lanes of bytes, each of which can be slowed, held, cut or ended."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, Protocol

Direction = Literal["to_server", "to_client"]

# As a kernel's send buffer: when so much is unacknowledged the sender has to wait.
HOLD_MAX_BYTES = 256 * 1024
_PIECE_BYTES = 16 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Stage(Protocol):
    """Something that understands what passes and may change it."""

    # How long it may keep something back while nothing follows.
    patience_s: float

    def feed(self, data: bytes) -> bytes:
        """Take what arrived, return what goes on."""

    def flush(self) -> bytes:
        """Return what was kept back."""


@dataclass
class Weather:
    """What one direction is like now; all connections of a proxy share the two of them."""

    rng: random.Random
    delay_s: float = 0.0
    jitter_s: float = 0.0
    bytes_per_s: float | None = None
    is_dropped: bool = False
    is_stalled: bool = False
    cut_after_bytes: int | None = None
    passed_bytes: int = 0

    def clear(self) -> None:
        """Make it a fine day."""
        self.delay_s = self.jitter_s = 0.0
        self.bytes_per_s = self.cut_after_bytes = None
        self.is_dropped = self.is_stalled = False


class _End(Enum):
    FIN = "fin"
    RESET = "reset"


class Side(asyncio.Protocol):
    """One of the two sockets of a connection."""

    def __init__(self, lane: Lane, made: Callable[[Side], None], gone: Callable[[Side], None]) -> None:
        # The lane that this socket fills, and the one that ends in it.
        self.fills = lane
        self.drains: Lane | None = None
        self.transport: asyncio.Transport | None = None
        self.is_writable = True
        self._made = made
        self._gone = gone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=4 * _PIECE_BYTES)
        self._made(self)

    def data_received(self, data: bytes) -> None:
        self.fills.push(data)

    def eof_received(self) -> bool:
        self.fills.push(_End.FIN)
        # Half open until the other direction has ended too.
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if exc is not None:
            self.fills.push(_End.RESET)
        self._gone(self)

    def pause_writing(self) -> None:
        self.is_writable = False

    def resume_writing(self) -> None:
        self.is_writable = True
        if self.drains is not None:
            self.drains.pump()

    def reset(self) -> None:
        """Close the socket so that the peer gets a RST (on a unix socket: an end without goodbye)."""
        if self.transport is not None:
            # Another error may have closed the socket under it already.
            with contextlib.suppress(OSError):
                found: socket.socket | None = self.transport.get_extra_info("socket")
                if found is not None:
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self.transport.abort()


@dataclass
class Lane:
    """The bytes of one connection in one direction, in order, at most HOLD_MAX_BYTES of them at a time."""

    weather: Weather
    on_end: Callable[[_End], None]
    stage: Stage | None = None
    source: Side | None = None
    sink: Side | None = None
    left_bytes: int | None = None
    is_ended: bool = False
    is_mute: bool = False
    _queue: deque[tuple[float, bytes | _End]] = field(default_factory=deque)
    _queued_bytes: int = 0
    _last_due: float = 0.0
    _free_at: float = 0.0
    _timer: asyncio.TimerHandle | None = None
    _flush_timer: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        self.left_bytes = self.weather.cut_after_bytes

    def push(self, what: bytes | _End) -> None:
        """Take bytes, or their end, from the source."""
        if self.is_mute and what is not _End.RESET:
            return
        if self.stage is None:
            self._append(what)
            return
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        if isinstance(what, bytes):
            self._append(self.stage.feed(what))
            loop = asyncio.get_running_loop()
            self._flush_timer = loop.call_later(self.stage.patience_s, self._flush)
        else:
            self._append(self.stage.flush())
            self._append(what)

    def pump(self) -> None:
        """Hand on what may go on now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        while self._queue and not self.is_ended and not self.weather.is_dropped:
            if self.sink is None or not self.sink.is_writable:
                break
            due, what = self._queue[0]
            now = loop.time()
            if isinstance(what, bytes):
                due = max(due, self._free_at)
            if due > now:
                self._timer = loop.call_at(due, self.pump)
                break
            self._queue.popleft()
            if isinstance(what, bytes):
                self._write(what, now)
            else:
                self._end(what)
        self.match()

    def match(self) -> None:
        """Read from the source, or do not, as the weather and the room in the queue say."""
        transport = self.source.transport if self.source else None
        if transport is None:
            return
        is_full = self._queued_bytes >= HOLD_MAX_BYTES
        if self.weather.is_stalled or is_full or self.sink is None:
            transport.pause_reading()
        else:
            transport.resume_reading()

    def clear_up(self) -> None:
        """Deliver at once what had to wait, from now on without limits."""
        self.left_bytes = None
        self._free_at = self._last_due = 0.0
        self._queue = deque((0.0, what) for _, what in self._queue)
        self.pump()

    def finish(self) -> None:
        """End this direction after what is under way, and swallow what comes later."""
        self.push(_End.FIN)
        self.is_mute = True

    def close(self) -> None:
        """Forget everything; the connection is over."""
        self.is_ended = True
        self._queue.clear()
        self._queued_bytes = 0
        for timer in (self._timer, self._flush_timer):
            if timer is not None:
                timer.cancel()

    def _append(self, what: bytes | _End) -> None:
        if self.is_ended or what == b"":
            return
        delay_s = 0.0
        if self.weather.delay_s or self.weather.jitter_s:
            delay_s = self.weather.delay_s + self.weather.rng.uniform(0, self.weather.jitter_s)
        # Never before what was said earlier: a jittery network does not reorder a TCP stream.
        self._last_due = max(asyncio.get_running_loop().time() + delay_s, self._last_due)
        self._queue.append((self._last_due, what))
        if isinstance(what, bytes):
            self._queued_bytes += len(what)
        self.pump()

    def _flush(self) -> None:
        self._flush_timer = None
        if self.stage is not None:
            self._append(self.stage.flush())

    def _write(self, data: bytes, now: float) -> None:
        piece = data[: self._allowance()]
        if len(piece) < len(data):
            self._queue.appendleft((now, data[len(piece) :]))
        self._queued_bytes -= len(piece)
        if self.weather.bytes_per_s is not None:
            self._free_at = max(now, self._free_at) + len(piece) / self.weather.bytes_per_s
        if self.left_bytes is not None:
            self.left_bytes -= len(piece)
        transport = self.sink.transport if self.sink else None
        if piece and transport is not None and not transport.is_closing():
            self.weather.passed_bytes += len(piece)
            transport.write(piece)
        if self.left_bytes is not None and self.left_bytes <= 0 and (self._queue or piece):
            self._end(_End.RESET)

    def _allowance(self) -> int:
        most = _PIECE_BYTES
        if self.weather.bytes_per_s is not None:
            # Pieces of a twentieth of a second, so that a slow line drips and does not gush.
            most = min(most, max(1, int(self.weather.bytes_per_s / 20)))
        if self.left_bytes is not None:
            most = min(most, self.left_bytes)
        return most

    def _end(self, how: _End) -> None:
        self.is_ended = True
        self._queue.clear()
        self._queued_bytes = 0
        if how is _End.FIN and self.sink is not None and self.sink.transport is not None:
            with contextlib.suppress(OSError):
                self.sink.transport.write_eof()
        self.on_end(how)


class Link:
    """A client's connection and the one to the server behind it."""

    def __init__(
        self, to_server: Weather, to_client: Weather, on_gone: Callable[[Link], None], stage: Stage | None
    ) -> None:
        self.to_server = Lane(to_server, self._ended)
        self.to_client = Lane(to_client, self._ended, stage)
        self.client = Side(self.to_server, self._side_made, self._side_gone)
        self.server = Side(self.to_client, self._side_made, self._side_gone)
        self.to_server.source = self.client
        self.to_client.source, self.to_client.sink = self.server, self.client
        self.client.drains = self.to_client
        self._on_gone = on_gone
        self._open_count = 0
        self._is_over = False

    @property
    def lanes(self) -> tuple[Lane, Lane]:
        """Both directions."""
        return self.to_server, self.to_client

    def chosen(self, directions: tuple[Direction, ...]) -> list[Lane]:
        """The lanes of these directions."""
        return [self.to_server if name == "to_server" else self.to_client for name in directions]

    def reset(self) -> None:
        """Break both connections off."""
        self._is_over = True
        for lane in self.lanes:
            lane.close()
        self.client.reset()
        self.server.reset()

    def _ended(self, how: _End) -> None:
        if how is _End.RESET:
            self.reset()
        elif self.to_server.is_ended and self.to_client.is_ended:
            for side in (self.client, self.server):
                if side.transport is not None:
                    side.transport.close()

    def _side_made(self, side: Side) -> None:
        self._open_count += 1
        if self._is_over:
            side.reset()
            return
        if side is self.server:
            side.drains = self.to_server
            self.to_server.sink = side
            self.to_server.pump()
        side.fills.match()

    def _side_gone(self, side: Side) -> None:
        self._open_count -= 1
        if self._open_count == 0:
            # Nobody is left to whom anything held back could be delivered.
            for lane in self.lanes:
                lane.close()
            self._on_gone(self)
