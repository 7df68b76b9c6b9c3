import json
from contextlib import suppress

import pytest

from tests.gateway.wire import BINARY, CLOSE, PING, PONG, TEXT, close_payload, frame
from tests.hostile.house import House, Line
from tests.people import Person

PING_TEXT = b'{"type":"ping","ref":1}'
CLOSED = {
    "unmasked": (frame(TEXT, PING_TEXT, masked=False), 1002),
    "reserved opcode": (frame(3, PING_TEXT), 1002),
    "reserved control opcode": (frame(15), 1002),
    "reserved bit": (frame(TEXT, PING_TEXT, rsv=4), 1002),
    "fragmented ping": (frame(PING, b"hi", fin=False), 1002),
    "ping of 126 bytes": (frame(PING, bytes(126)), 1002),
    "continuation without a start": (frame(0, PING_TEXT), 1002),
    "text inside a fragment": (frame(TEXT, b"{", fin=False) + frame(TEXT, PING_TEXT), 1002),
    "close with one byte": (frame(CLOSE, b"\x03"), 1002),
    "close with 1005": (frame(CLOSE, close_payload(1005)), 1002),
    "close with 5000": (frame(CLOSE, close_payload(5000)), 1002),
    "a request instead of frames": (b"GET / HTTP/1.1\r\nHost: test\r\n\r\n", 1002),
    "not UTF-8": (frame(TEXT, b'{"type":"\xff"}'), 1007),
    "not UTF-8 over fragments": (frame(TEXT, b'"\xed\xa0', fin=False) + frame(0, b'\x80"'), 1007),
    "overlong": (frame(TEXT, b"\xc0\xaf"), 1007),
    "bad reason of a close": (frame(CLOSE, close_payload(1000, b"\xff")), 1007),
    "2^62 bytes declared": (frame(TEXT, b"{", size=2**62), 1009),
    "one byte above the limit": (frame(TEXT, b" " * 65_537), 1009),
    "above the limit by fragments": (
        frame(TEXT, b" " * 40_000, fin=False) + frame(0, b" " * 40_000),
        1009,
    ),
    "a hundred pings": (frame(PING) * 100, 4201),
    "three binary frames": (frame(BINARY, PING_TEXT) * 3, 4500),
    "1,025 fragments": (frame(TEXT, b"", fin=False) + frame(0, b"", fin=False) * 1_024, 4500),
}


@pytest.mark.parametrize(("data", "code"), CLOSED.values(), ids=CLOSED)
def test_malformed_frame_is_closed_with_the_code_that_says_why(line: Line, data: bytes, code: int) -> None:
    assert line.send(data).close_code() == code
    with suppress(OSError):
        # Some are hung up on at once, the others when they have said goodbye too.
        line.frame(CLOSE, close_payload(1000))
    assert line.ended()


@pytest.mark.parametrize(("data", "code"), CLOSED.values(), ids=CLOSED)
def test_malformed_frame_before_the_resume_is_closed_alike(
    house: House, mallory: Person, data: bytes, code: int
) -> None:
    with Line(house).sign_in(mallory, resume=False) as line:
        assert line.send(data).close_code() == code


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
def test_close_is_echoed(line: Line, code: int) -> None:
    assert line.frame(CLOSE, close_payload(code, "잘 있어요".encode())).close_frame() == (code, "잘 있어요")
    assert line.ended()


def test_close_without_a_code_is_echoed_without_one(line: Line) -> None:
    assert line.frame(CLOSE).close_code() is None


def test_empty_text_is_refused_and_the_socket_stays(line: Line) -> None:
    assert line.refusal(b"")["code"] == "bad_json"
    assert line.still_talks()


def test_binary_frame_is_refused_and_the_socket_stays(line: Line) -> None:
    for _ in range(2):
        line.frame(BINARY, PING_TEXT)
        assert line.reply()["error"]["code"] == "unsupported"
    assert line.still_talks()
    # Counted in a row: the text between them begins the count anew.
    for _ in range(2):
        line.frame(BINARY, PING_TEXT)
        assert line.reply()["error"]["code"] == "unsupported"
    assert line.still_talks()


def test_pings_are_answered_also_inside_a_message(line: Line) -> None:
    line.frame(PING, b"one").frame(TEXT, PING_TEXT[:5], fin=False).frame(PING, b"two")
    line.frame(PONG, b"nobody asked").frame(0, PING_TEXT[5:])
    assert [line.read_frame() for _ in range(2)] == [(PONG, b"one"), (PONG, b"two")]
    assert line.reply() == {"type": "pong", "ref": 1}


def test_command_in_segments_of_one_byte_is_answered(line: Line) -> None:
    for byte in frame(TEXT, PING_TEXT):
        line.send(bytes([byte]))
    assert line.reply() == {"type": "pong", "ref": 1}


def test_command_behind_a_close_is_not_carried_out(
    house: House, mallory: Person, line: Line, room: int
) -> None:
    late = {
        "type": "message.post",
        "ref": 1,
        "room": room,
        "client_message_id": "behind-a-close",
        "body": "x",
    }
    line.send(frame(CLOSE, close_payload(1000)) + frame(TEXT, json.dumps(late).encode()) + frame(CLOSE))
    assert line.close_code() == 1000
    assert line.ended()
    stored = house.ask(mallory, "GET", f"/rooms/{room}/messages").json()["items"]
    assert "behind-a-close" not in [message["client_message_id"] for message in stored]


def test_frames_that_come_with_the_handshake_are_answered(house: House, mallory: Person) -> None:
    with Line(house) as line:
        head = f"GET /ws/v1/ HTTP/1.1\r\nHost: {house.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'A' * 22}==\r\n{mallory.bearer}\r\n\r\n"
        assert line.send(head.encode() + frame(TEXT, PING_TEXT)).answer().status == 101
        assert line.hear()["type"] == "hello"
        assert line.reply() == {"type": "pong", "ref": 1}
