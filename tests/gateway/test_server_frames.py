import struct

import pytest

from tests.gateway.conftest import StartServer
from tests.gateway.wire import (
    BINARY,
    CLOSE,
    HANDSHAKE,
    PING,
    PONG,
    TEXT,
    ServerProcess,
    Wire,
    close_payload,
    frame,
)

pytestmark = pytest.mark.slow

MALFORMED = {
    "unmasked": frame(TEXT, b"hi", masked=False),
    "reserved opcode 3": frame(3, b"hi"),
    "reserved opcode 7": frame(7),
    "reserved control opcode 11": frame(11, b"hi"),
    "reserved control opcode 15": frame(15),
    "rsv1 without an extension": frame(TEXT, b"hi", rsv=4),
    "rsv2 and rsv3": frame(TEXT, b"hi", rsv=3),
    "fragmented ping": frame(PING, b"hi", fin=False),
    "ping of 126 bytes": frame(PING, b"x" * 126),
    "continuation without a start": frame(0, b"hi"),
    "text inside a fragmented message": frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"),
    "length not in its shortest form": bytes([0x81, 0xFE, 0, 5]) + b"\0\0\0\0hello",
    "length above 2^63": bytes([0x81, 0xFF]) + struct.pack("!Q", 2**63 + 1) + b"\0\0\0\0",
    "close with one byte": frame(CLOSE, b"\x03"),
    "garbage": b"\xff" * 40,
    "a second request": b"GET / HTTP/1.1\r\nHost: test\r\n\r\n",
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_malformed_frame_is_closed_with_1002(server: ServerProcess, data: bytes) -> None:
    with Wire(server).open() as wire:
        assert wire.send(data).close_code() == 1002
        assert wire.ended()


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
def test_close_with_a_code_that_may_not_be_sent_is_answered_with_1002(
    server: ServerProcess, code: int
) -> None:
    with Wire(server).open() as wire:
        assert wire.frame(CLOSE, close_payload(code)).close_code() == 1002
        assert wire.ended()


INVALID_UTF8 = {
    "whole": frame(TEXT, b"\xce\xba\xe1\xbd\xb9\xff"),
    "split over fragments": frame(TEXT, b"\xed\x95", fin=False) + frame(0, b"\xff"),
    "surrogate": frame(TEXT, b"\xed\xa0\x80"),
    "overlong": frame(TEXT, b"\xc0\xaf"),
    "above U+10FFFF": frame(TEXT, b"\xf4\x90\x80\x80"),
    "cut at the end": frame(TEXT, b"\xed\x95"),
    "in a close reason": frame(CLOSE, close_payload(1000, b"\xff")),
}


@pytest.mark.parametrize("data", INVALID_UTF8.values(), ids=INVALID_UTF8)
def test_text_that_is_not_utf8_is_closed_with_1007(server: ServerProcess, data: bytes) -> None:
    with Wire(server).open() as wire:
        assert wire.send(data).close_code() == 1007
        assert wire.ended()


TOO_LARGE = {
    "declared 2^62": frame(TEXT, b"x", size=2**62),
    "one byte above the limit": frame(BINARY, bytes(65_537)),
    "above the limit by fragments": frame(BINARY, bytes(40_000), fin=False) + frame(0, bytes(40_000)),
}


@pytest.mark.parametrize("data", TOO_LARGE.values(), ids=TOO_LARGE)
def test_message_above_64_kib_is_closed_with_1009(server: ServerProcess, data: bytes) -> None:
    with Wire(server).open() as wire:
        assert wire.send(data).close_code() == 1009
        assert wire.ended()


def test_message_of_exactly_64_kib_is_taken(server: ServerProcess) -> None:
    with Wire(server).open() as wire:
        assert wire.frame(TEXT, b"x" * 65_536).text() == "x" * 65_536


def test_reading_stops_after_a_fatal_close_frame(start_server: StartServer) -> None:
    server = start_server(limits={"close_s": 0.5})
    before = server.usage()["rss_bytes"]
    with Wire(server).open() as wire:
        wire.send(frame(BINARY, b"", size=2**40))
        assert wire.send_until_stuck(bytes(1_000_000), 300) < 30
    assert server.usage()["rss_bytes"] - before < 8_000_000


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
def test_close_is_echoed_with_code_and_reason(server: ServerProcess, code: int) -> None:
    with Wire(server).open() as wire:
        assert wire.frame(CLOSE, close_payload(code, "안녕".encode())).close_frame() == (code, "안녕")
        assert wire.ended()
    server.event("disconnect", path="/echo", code=code)


def test_close_without_code_is_answered_without_code(server: ServerProcess) -> None:
    with Wire(server).open() as wire:
        assert wire.frame(CLOSE).close_code() is None
        assert wire.ended()


def test_data_after_close_is_ignored_and_a_second_close_too(server: ServerProcess) -> None:
    with Wire(server).open() as wire:
        late = frame(CLOSE, close_payload(1000)) + frame(TEXT, b"late") + frame(CLOSE, close_payload(1001))
        assert wire.send(late).close_code() == 1000
        with pytest.raises((EOFError, ConnectionResetError)):
            wire.read_frame()


def test_ping_is_answered_with_its_payload_also_inside_a_fragmented_message(server: ServerProcess) -> None:
    with Wire(server).open() as wire:
        wire.frame(PING, b"one").frame(TEXT, b"fi", fin=False).frame(PING, b"two").frame(0, b"sh")
        assert [wire.read_frame() for _ in range(3)] == [(PONG, b"one"), (PONG, b"two"), (TEXT, b"fish")]


def test_pong_nobody_asked_for_is_ignored(server: ServerProcess) -> None:
    with Wire(server).open() as wire:
        assert wire.frame(PONG, b"hello").frame(TEXT, b"still here").text() == "still here"


def test_hundred_pings_at_once_are_closed_with_4201(server: ServerProcess) -> None:
    with Wire(server).open() as wire:
        wire.send(frame(PING, b"x") * 100)
        pongs_count = 0
        while (received := wire.read_frame())[0] == PONG:
            pongs_count += 1
        assert received == (CLOSE, struct.pack("!H", 4201) + b"too many pings")
        assert pongs_count == 40


def test_hundred_pongs_nobody_asked_for_are_closed_with_4201(server: ServerProcess) -> None:
    with Wire(server).open() as wire:
        assert wire.send(frame(PONG, b"x") * 100).close_frame() == (4201, "too many pings")


def test_message_in_segments_of_one_byte_arrives_whole(server: ServerProcess) -> None:
    with Wire(server).open() as wire:
        for byte in frame(TEXT, "한 글자씩".encode()):
            wire.send(bytes([byte]))
        assert wire.text() == "한 글자씩"


def test_empty_text_and_binary_arrive(server: ServerProcess) -> None:
    with Wire(server).open() as wire:
        assert wire.frame(TEXT).frame(BINARY, b"\0").read_frame() == (TEXT, b"")
        assert wire.read_frame() == (BINARY, b"\0")


def test_frames_sent_with_the_handshake_are_read_after_it(server: ServerProcess) -> None:
    with Wire(server) as wire:
        assert (
            wire.send(HANDSHAKE.format(path="/echo").encode() + frame(TEXT, b"early")).answer().status == 101
        )
        assert wire.text() == "early"


def test_garbage_sent_with_the_handshake_is_closed_with_1002(server: ServerProcess) -> None:
    with Wire(server) as wire:
        assert (
            wire.send(HANDSHAKE.format(path="/echo").encode() + b"GET /other HTTP/1.1\r\n\r\n")
            .answer()
            .status
            == 101
        )
        assert wire.close_code() == 1002


def test_unfinished_message_is_closed_with_4500(strict_server: ServerProcess) -> None:
    with Wire(strict_server).open() as fragment, Wire(strict_server).open() as bare_header:
        fragment.frame(TEXT, b"begun", fin=False)
        bare_header.send(frame(TEXT, b"", size=100))
        assert fragment.close_frame() == (4500, "unfinished message")
        assert bare_header.close_code() == 4500


def test_too_many_fragments_are_closed_with_4500(strict_server: ServerProcess) -> None:
    with Wire(strict_server).open() as wire:
        wire.send(frame(TEXT, b"", fin=False) + frame(0, b"", fin=False) * 19)
        assert wire.frame(PING, b"still open").read_frame() == (PONG, b"still open")
        assert wire.frame(0, b"", fin=False).close_frame() == (4500, "too many fragments")


def test_no_malformed_frame_leaves_a_traceback_or_a_connection(server: ServerProcess) -> None:
    before = server.log()
    for data in [*MALFORMED.values(), *INVALID_UTF8.values(), *TOO_LARGE.values()]:
        with Wire(server).open() as wire:
            wire.send(data).close_code()
    assert "Traceback" not in server.log()[len(before) :]
    with Wire(server).open() as wire:
        assert wire.frame(TEXT, b"fine").text() == "fine"
