"""One of many clients: a raw WebSocket that counts what comes and understands no more than it must."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass, field
from random import random

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_POSTED = re.compile(rb'"type":"message\.posted","room":(\d+),"seq":(\d+)')
_SENT_AT = re.compile(rb"at=(\d+);")
_BYE = re.compile(rb'"type":"bye","in_ms":(\d+)')
_REFUSED = re.compile(rb'"ref":1,"ok":false.*?(?:"after_ms":(\d+)|\})')
_RESET = re.compile(rb'"reset":\[(\d+)')
_BACKOFF_LEAST_S, _BACKOFF_MOST_S = 0.5, 8.0
_OVERLOADED = 4200
_SMALL_BUFFER_BYTES = 8192


@dataclass
class Group:
    """What the members of one kind have in common, and what they have seen together."""

    host: str
    port: int
    room: int
    # A second member of the same address would meet the limits of the proxy.
    is_scattered: bool = True
    comes_back: bool = False
    has_small_buffer: bool = False
    codes: Counter[int] = field(default_factory=Counter)
    # Handshakes that began in a second of the monotonic clock, and those that were let in.
    begun: Counter[int] = field(default_factory=Counter)
    let_in: Counter[int] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    delays_ms: list[float] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)


class Member(asyncio.Protocol):
    """A client that stays: it resumes from what it holds whenever it is connected again."""

    def __init__(self, group: Group, number: int, token: str, cursor: int | None) -> None:
        self.group = group
        self.number = number
        self.token = token
        self.cursor = cursor
        self.posted_count = 0
        self.holes_count = 0
        self.repeats_count = 0
        self.resets_count = 0
        self.refusals_count = 0
        self.bytes_count = 0
        self.opened_count = 0
        self.is_synced = False
        self.is_stopped = False
        self.transport: asyncio.Transport | None = None
        self.code: int | None = None
        self._buffer = bytearray()
        self._is_open = False
        self._wait_s: float | None = None
        self._backoff_s = _BACKOFF_LEAST_S
        self._task: asyncio.Task[None] | None = None

    # --- connecting

    def begin(self) -> None:
        """Connect now."""
        self._task = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        self.group.begun[int(loop.time())] += 1
        line = socket.socket()
        line.setblocking(False)
        if self.group.has_small_buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER_BYTES)
        if self.group.is_scattered:
            # All of 127.0.0.0/8 is this machine.
            line.bind((f"127.1.{self.number >> 8 & 255}.{self.number & 255}", 0))
        try:
            await loop.sock_connect(line, (self.group.host, self.group.port))
            await loop.create_connection(lambda: self, sock=line)
        except OSError:
            line.close()
            self._lost()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the handshake."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._buffer.clear()
        self._is_open, self.code, self._wait_s = False, None, None
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /ws/v1/ HTTP/1.1\r\nHost: {self.group.host}:{self.group.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Authorization: Bearer {self.token}\r\n\r\n".encode()
        )

    def connection_lost(self, _error: Exception | None) -> None:
        """Come back, when the group does."""
        self._lost()

    def _lost(self) -> None:
        self.transport = None
        self.is_synced = False
        if self._is_open or self.code is not None:
            self.group.codes[self.code or 1006] += 1
        self._is_open = False
        if not self.group.comes_back or self.is_stopped:
            return
        wait_s = self._wait_s
        if wait_s is None:
            wait_s = self._backoff_s * (0.5 + random())
            self._backoff_s = min(_BACKOFF_MOST_S, self._backoff_s * 2)
        asyncio.get_running_loop().call_later(wait_s, self.begin)

    # --- reading

    def stop(self) -> None:
        """Read nothing more until `go_on`."""
        self.is_stopped = True
        if self.transport is not None:
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Read again what waits; come back when the connection has ended meanwhile."""
        self.is_stopped = False
        if self.transport is not None:
            self.transport.resume_reading()
        elif self.group.comes_back:
            self.begin()

    def data_received(self, data: bytes) -> None:
        """Take the frames that are complete."""
        self.bytes_count += len(data)
        buffer = self._buffer
        buffer += data
        if not self._is_open and not self._read_answer():
            return
        place = 0
        while len(buffer) - place >= 2:
            size, head = buffer[place + 1], 2
            if size == 126:
                head = 4
                if len(buffer) - place < head:
                    break
                size = struct.unpack_from("!H", buffer, place + 2)[0]
            elif size == 127:
                head = 10
                if len(buffer) - place < head:
                    break
                size = struct.unpack_from("!Q", buffer, place + 2)[0]
            if len(buffer) - place < head + size:
                break
            payload = bytes(buffer[place + head : place + head + size])
            self._take(buffer[place] & 15, payload)
            place += head + size
        del buffer[:place]

    def _read_answer(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        status = int(self._buffer[9:12])
        del self._buffer[: end + 4]
        if status != 101:
            self.group.refused[status] += 1
            if self.transport is not None:
                self.transport.abort()
            return False
        self._is_open = True
        self.opened_count += 1
        return True

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self._take_text(payload)
        elif opcode == PING:
            self._send(PONG, payload)
        elif opcode == CLOSE:
            self.code = struct.unpack("!H", payload[:2])[0] if payload else 1005
            if self.code == _OVERLOADED and self._wait_s is None:
                self._wait_s = 1.0 + 4.0 * random()
            self._send(CLOSE, payload[:2])

    def _take_text(self, payload: bytes) -> None:
        if b'"type":"hello"' in payload:
            self.group.let_in[int(asyncio.get_running_loop().time())] += 1
            self._resume()
        elif (refused := _REFUSED.search(payload)) is not None:
            self.refusals_count += 1
            wait_s = int(refused[1] or 1000) / 1000 * (1 + random())
            asyncio.get_running_loop().call_later(wait_s, self._resume)
        posted = _POSTED.findall(payload)
        for room, text in posted:
            if int(room) != self.group.room:
                continue
            seq = int(text)
            if self.cursor is not None and seq <= self.cursor:
                self.repeats_count += 1
                continue
            if self.cursor is not None and seq > self.cursor + 1:
                self.holes_count += 1
            self.cursor = seq
            self.posted_count += 1
        if posted and self.number % 10 == 0 and (sent := _SENT_AT.findall(payload)):
            now_ns = time.monotonic_ns()
            self.group.delays_ms += [(now_ns - int(at)) / 1e6 for at in sent]
        if b'"type":"synced"' in payload:
            self.is_synced = True
            self._backoff_s = _BACKOFF_LEAST_S
        if b'"reset":[' in payload and _RESET.search(payload):
            self.resets_count += 1
        if (bye := _BYE.search(payload)) is not None:
            self._wait_s = int(bye[1]) / 1000

    # --- writing

    def say(self, **fields: object) -> None:
        """Send an object, if there is a connection."""
        self._send(TEXT, json.dumps(fields).encode())

    def _send(self, opcode: int, payload: bytes) -> None:
        if self.transport is None:
            return
        size = len(payload)
        head = (
            struct.pack("!BB", 0x80 | opcode, 0x80 | size)
            if size < 126
            else struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
        )
        # A mask of zeros leaves the payload as it is.
        self.transport.write(head + bytes(4) + payload)

    def _resume(self) -> None:
        if not self.is_synced:
            rooms = {} if self.cursor is None else {str(self.group.room): self.cursor}
            self.say(type="resume", ref=1, epoch=None, rooms=rooms)

    def leave(self) -> None:
        """Go without a word."""
        if self._task is not None:
            self._task.cancel()
        if self.transport is not None:
            self.transport.abort()
