"""A server process under test and raw sockets towards it: what a stranger sends and sees, byte by byte."""

import json
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 15.0
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
MASK = b"\x0f\xf0\x33\xcc"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
)


class ServerProcess:
    """The tiny application behind ChatServer in a process of its own."""

    def __init__(self, log_path: Path, program: str = "tests.gateway.tiny_app", **options: Any) -> None:
        self.log_path = log_path
        with log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", program, json.dumps(options)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.address = str(self.event("listening")["address"])
        self.unix_socket = options.get("unix_socket")
        self.port = 0 if self.unix_socket else int(self.address.rpartition(":")[2])

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.put(json.loads(line))

    def event(self, name: str, **expected: Any) -> dict[str, Any]:
        """Return the next report of this name with these fields; others are passed over."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                event = self.events.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no event {name} {expected}; log: {self.log()}") from None
            if event["event"] == name and expected.items() <= event.items():
                return event

    def release(self) -> None:
        """Let everything go on that waits on purpose."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"release\n")
        self.process.stdin.flush()

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def usage(self) -> dict[str, int]:
        with Wire(self) as wire:
            usage: dict[str, int] = wire.request("GET", "/usage").json()
        return usage

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        return self.process.wait(DEADLINE_S)

    def kill(self) -> None:
        """End the process if it still runs and close the pipes."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class Answer:
    """A response head and what follows it."""

    def __init__(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        self.head = head.decode("latin-1")
        self.status = int(lines[0].split(" ")[1])
        self.headers = [
            (name.lower(), value) for name, _, value in (line.partition(": ") for line in lines[1:])
        ]
        self.body = b""

    def header(self, name: str) -> str | None:
        return dict(self.headers).get(name)

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One raw connection."""

    def __init__(self, server: ServerProcess, receive_buffer_bytes: int = 0) -> None:
        kind = socket.AF_UNIX if server.unix_socket else socket.AF_INET
        self.socket = socket.socket(kind)
        self.socket.settimeout(DEADLINE_S)
        if receive_buffer_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.connect(server.unix_socket or ("127.0.0.1", server.port))
        self.buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    # --- HTTP

    def send(self, data: bytes) -> Self:
        self.socket.sendall(data)
        return self

    def answer(self) -> Answer:
        """Read one response with its body."""
        answer = Answer(self.until(b"\r\n\r\n")[:-4])
        length = answer.header("content-length")
        if length is not None:
            answer.body = self.exactly(int(length))
        elif answer.header("transfer-encoding") == "chunked":
            while size := int(self.until(b"\r\n"), 16):
                answer.body += self.exactly(size)
                self.exactly(2)
            self.exactly(2)
        return answer

    def request(self, method: str, path: str, headers: Iterable[str] = (), body: bytes = b"") -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "Host: test", f"Content-Length: {len(body)}", *headers, "", ""]
        return self.send("\r\n".join(lines).encode("latin-1") + body).answer()

    # --- WebSocket

    def upgrade(self, path: str = "/echo", *headers: str, without: str = "") -> Answer:
        """Send a handshake; `headers` come on top, `without` names one that is left out."""
        lines = [
            "Host: test",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {KEY}",
        ]
        lines = [line for line in lines if not (without and line.startswith(without))]
        text = "\r\n".join([f"GET {path} HTTP/1.1", *lines, *headers, "", ""])
        return self.send(text.encode("latin-1")).answer()

    def send_until_stuck(self, data: bytes, times: int) -> int:
        """Send until the server takes no more for a moment, or resets; return how often it went."""
        self.socket.settimeout(0.4)
        for number in range(times):
            try:
                self.socket.sendall(data)
            except (TimeoutError, ConnectionError):
                self.socket.settimeout(DEADLINE_S)
                return number
        self.socket.settimeout(DEADLINE_S)
        return times

    def open(self, path: str = "/echo", *headers: str) -> Self:
        answer = self.upgrade(path, *headers)
        assert answer.status == 101, answer.head
        return self

    def frame(self, opcode: int, payload: bytes = b"", **flags: Any) -> Self:
        return self.send(frame(opcode, payload, **flags))

    def read_frame(self) -> tuple[int, bytes]:
        """Return opcode and payload of the next frame of the server; a closed connection is EOFError."""
        first, second = self.exactly(2)
        assert first & 0x70 == 0
        assert second & 0x80 == 0, "a server must not mask"
        size = second
        if size == 126:
            (size,) = struct.unpack("!H", self.exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.exactly(8))
        return first & 0x0F, self.exactly(size)

    def text(self) -> str:
        opcode, payload = self.read_frame()
        assert opcode == TEXT, (opcode, payload)
        return payload.decode()

    def close_code(self) -> int | None:
        """Return the code of the next close frame, passing over data; None for a close without code."""
        return self.close_frame()[0]

    def close_frame(self) -> tuple[int | None, str]:
        while True:
            opcode, payload = self.read_frame()
            if opcode == CLOSE:
                return (struct.unpack("!H", payload[:2])[0] if payload else None), payload[2:].decode()

    def ended(self) -> bool:
        """Wait for the end of the stream, in order or by a reset."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    # --- bytes

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self._fill()
        found, _, self.buffer = self.buffer.partition(mark)
        return found + mark

    def exactly(self, size: int) -> bytes:
        while len(self.buffer) < size:
            self._fill()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def _fill(self) -> None:
        data = self.socket.recv(1024 * 1024)
        if not data:
            raise EOFError("the server closed the connection")
        self.buffer += data


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    masked: bool = True,
    size: int | None = None,
) -> bytes:
    """Build a client frame; `size` declares another length than the payload has."""
    size = len(payload) if size is None else size
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if size <= 125:
        head += bytes([mask_bit | size])
    elif size <= 0xFFFF:
        head += struct.pack("!BH", mask_bit | 126, size)
    else:
        head += struct.pack("!BQ", mask_bit | 127, size)
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[place % 4] for place, byte in enumerate(payload))


def close_payload(code: int, reason: bytes = b"") -> bytes:
    return struct.pack("!H", code) + reason
