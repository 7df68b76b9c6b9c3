"""Back-pressure in both directions: Gate towards a slow reader, Inbox and Intake towards a slow application."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

# Twisted asks its producer to pause above this; it is also the size of one recv(), hence not our bound.
TRANSPORT_BUFFER_BYTES = 64 * 1024
# The kernel would take up to 4 MiB for a reader that has stopped: memory too, and old by the time it is read.
KERNEL_UNSENT_BYTES = 64 * 1024


def keep_kernel_short(transport: Any) -> None:
    """Have the kernel take no more than it can soon send; what is on its way to a fast reader does not count."""
    handle = transport.getHandle()
    if handle.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, KERNEL_UNSENT_BYTES)


class Gate:
    """Says whether one transport can take more bytes, and cuts a reader that has stopped.

    It is full once more than `bound_bytes` wait in the transport, until they are all gone. Within each
    `patience_s` half of the bound must be taken, or what is left must be less; `cut` is called for anyone
    slower. So one large answer may take a slow line as long as it needs. Twisted calls pauseProducing at every
    write above its own, lower mark, so a write never has to ask for the size.
    """

    __slots__ = (
        "_bound_bytes",
        "_closed",
        "_cut",
        "_event",
        "_left_bytes",
        "_patience_s",
        "_timer",
        "_transport",
        "_waiters",
        "full",
    )

    def __init__(self, transport: Any, bound_bytes: int, patience_s: float, cut: Callable[[], None]) -> None:
        self._transport = transport
        self._bound_bytes = bound_bytes
        self._patience_s = patience_s
        self._cut = cut
        self._event: asyncio.Event | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._closed = False
        # What waited when the patience last began.
        self._left_bytes = 0
        self.full = False
        if bound_bytes < TRANSPORT_BUFFER_BYTES:
            transport.bufferSize = bound_bytes

    @property
    def writable(self) -> asyncio.Event:
        """The event that is set while the transport takes bytes; made on first use to save memory.

        It is never set again after `close`: who waits and tries anew in a circle would spin until the
        application has noticed the end.
        """
        if self._event is None:
            self._event = asyncio.Event()
            if not self.full and not self._closed:
                self._event.set()
        return self._event

    def buffered_bytes(self) -> int:
        """Return how many bytes the kernel has not taken yet."""
        transport = self._transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    async def wait(self) -> None:
        """Return when the transport takes bytes again, or when nothing will be sent any more."""
        while self.full:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter

    def close(self) -> None:
        """Let everybody in `wait` go on; nothing will be sent any more."""
        self._closed = True
        self._release()
        if self._event is not None:
            self._event.clear()

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        if self.full or self._closed or (waiting := self.buffered_bytes()) <= self._bound_bytes:
            return
        self.full = True
        if self._event is not None:
            self._event.clear()
        self._be_patient(waiting)

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self._release()

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.close()

    def _be_patient(self, left_bytes: int) -> None:
        self._left_bytes = left_bytes
        self._timer = asyncio.get_running_loop().call_later(self._patience_s, self._judge)

    def _judge(self) -> None:
        self._timer = None
        left, half = self.buffered_bytes(), self._bound_bytes // 2
        if left > half and self._left_bytes - left >= half:
            self._be_patient(left)
            return
        self._release()
        if left > half:
            self._cut()

    def _release(self) -> None:
        self.full = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)
        if self._event is not None:
            self._event.set()


class Inbox:
    """The ASGI messages that wait for one application, with their size.

    An asyncio.Queue would do, but holds four deques and an event: 2 KiB for every idle connection. A list is as good
    for the few that a socket may send before it is not read any more.
    """

    __slots__ = ("_messages", "_on_taken", "_waiters", "waiting_bytes", "waiting_count")

    def __init__(self, on_taken: Callable[[], None] | None = None) -> None:
        self._messages: list[dict[str, Any]] = []
        self._waiters: list[asyncio.Future[None]] = []
        self._on_taken = on_taken
        self.waiting_bytes = 0
        self.waiting_count = 0

    def put_nowait(self, message: dict[str, Any]) -> None:
        """Add a message; the socket, not this method, keeps the number bounded by not reading."""
        self._messages.append(message)
        self.waiting_count += 1
        self.waiting_bytes += _payload_size(message)
        self._wake_next()

    async def get(self) -> dict[str, Any]:
        """Return the next message, waiting for one; this is the `receive` of the application."""
        while not self._messages:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
                elif self._messages:
                    self._wake_next()
                raise
        message = self._messages.pop(0)
        self.waiting_count -= 1
        self.waiting_bytes -= _payload_size(message)
        if self._on_taken is not None:
            self._on_taken()
        return message

    def _wake_next(self) -> None:
        while self._waiters:
            waiter = self._waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)
                return


class Intake:
    """The body of a request on its way to an application that takes it piece by piece.

    The socket is not read while more than `bound_bytes` wait. Offered as `scope["extensions"]["maru.body"]`.
    """

    __slots__ = ("_bound_bytes", "_held", "_hold", "_is_cut", "_pieces", "_release", "_waiter", "_waiting_bytes",
                 "has_ended")  # fmt: skip

    def __init__(self, bound_bytes: int, hold: Callable[[], None], release: Callable[[], None]) -> None:
        self._bound_bytes = bound_bytes
        self._hold, self._release = hold, release
        self._pieces: list[bytes] = []
        self._waiting_bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._held = self._is_cut = False
        self.has_ended = False

    def put(self, data: bytes) -> None:
        """Add what has come; above the bound reading stops."""
        self._pieces.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes > self._bound_bytes:
            # Each time: whoever reads an answer of before has Twisted read again.
            self._held = True
            self._hold()
        self._wake()

    def end(self) -> None:
        """Note that all of it has come."""
        self.has_ended = True
        self._wake()

    def cut(self) -> None:
        """Note that the rest will never come."""
        self._is_cut = not self.has_ended
        self._wake()

    async def read(self) -> bytes:
        """Return what has come since, waiting for some; nothing at the end.

        Raises:
            ConnectionResetError: the client has gone, or was sent away.
        """
        while not self._pieces:
            if self.has_ended:
                return b""
            if self._is_cut:
                raise ConnectionResetError("the body has broken off")
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        data = b"".join(self._pieces)
        self._pieces.clear()
        self._waiting_bytes = 0
        if self._held:
            self._held = False
            self._release()
        return data

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _payload_size(message: dict[str, Any]) -> int:
    # characters stand for bytes here: the same number must come off that went on
    return len(message.get("text") or message.get("bytes") or b"")
