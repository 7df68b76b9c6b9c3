"""F-56: requests that never end. F-59: bodies that are far too large. Straight at the web process, past nginx."""

import select
import socket

import pytest

from scripts.services.process import until
from tests.faults.load.hall import Hall
from tests.faults.meter import Meter, look
from tests.faults.sizes import IS_FULL, size

MIB = 1024 * 1024
_LINES_COUNT = size(50, 300)
_BODY_BYTES = size(40, 200) * MIB
_CHUNK = bytes(256 * 1024)

# What each of them sends, and no more.
_UNFINISHED = {
    "nothing": b"",
    "half a request line": b"GET /ws/v",
    "half a handshake": b"GET /ws/v1/ HTTP/1.1\r\nHost: maru\r\nUpgrade: websocket\r\n",
}
_UNFINISHED_BODIES = {
    "half a body": b"POST /api/v1/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n{",
    "half a chunk": b"POST /api/v1/rooms HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
}


def test_connections_that_never_finish_are_all_freed(hall: Hall) -> None:
    texts = _UNFINISHED | _UNFINISHED_BODIES if IS_FULL else _UNFINISHED
    # Those of the row before may still be on their way out.
    assert until(lambda: hall.figure("maru_connections") == 0, 20)
    before = look(hall.web.pid)
    assert before is not None
    lines: list[socket.socket] = []
    try:
        for text in texts.values():
            for _ in range(_LINES_COUNT // len(texts)):
                line = socket.create_connection(("127.0.0.1", hall.web.port), 10)
                line.sendall(text)
                lines.append(line)
        with Meter([hall.web.pid]) as meter, hall.speaker(hall.people[0]) as speaker:

            def is_free() -> bool:
                sample = look(hall.web.pid)
                return sample is not None and sample.descriptors_count <= before.descriptors_count + 3

            assert until(lambda: not is_free(), 10)
            # 10 s for headers, and for a body 10 s and what its length may take.
            assert until(is_free, 30), look(hall.web.pid)
            assert speaker.answer(speaker.say("ping"))["type"] == "pong"
        assert meter.grown_bytes(hall.web.pid) <= 16 * MIB
    finally:
        for line in lines:
            line.close()


@pytest.mark.parametrize("has_length", [True, False], ids=["declared", "chunked"])
@pytest.mark.parametrize("path", ["/api/v1/rooms", "/accounts/login/", "/nothing/here", "/ws/v1/"])
def test_body_that_is_far_too_large_is_refused_and_never_kept(
    hall: Hall, has_length: bool, path: str
) -> None:
    length = f"Content-Length: {_BODY_BYTES}" if has_length else "Transfer-Encoding: chunked"
    with Meter([hall.web.pid]) as meter, socket.create_connection(("127.0.0.1", hall.web.port), 20) as line:
        line.sendall(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}\r\n\r\n".encode())
        sent = _send(line, has_length)
        answer = line.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 413 "), answer
    # What is on its way in the kernels may be sent, no more.
    assert sent < 24 * MIB
    assert meter.grown_bytes(hall.web.pid) <= 8 * MIB


def _send(line: socket.socket, has_length: bool) -> int:
    """Send until it is all sent or no more is taken; a reset must not lose the answer, so look for it first."""
    head = b"" if has_length else f"{len(_CHUNK):x}\r\n".encode()
    tail = b"" if has_length else b"\r\n"
    sent = 0
    line.settimeout(0.2)
    while sent < _BODY_BYTES:
        try:
            line.sendall(head + _CHUNK + tail)
            sent += len(_CHUNK)
        except TimeoutError:
            break
        if _has_answer(line):
            break
    line.settimeout(20)
    return sent


def _has_answer(line: socket.socket) -> bool:
    return bool(select.select([line], [], [], 0)[0])
