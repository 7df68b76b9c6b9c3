import pytest

from tests.gateway.conftest import StartServer
from tests.gateway.wire import ServerProcess, Wire

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
LIMITS = {"streamed_bodies": ["/stream/count", "/stream/early", "/stream/hold"], "body_s": 1.0}


@pytest.fixture
def streaming(start_server: StartServer) -> ServerProcess:
    return start_server(limits=LIMITS)


def head(path: str, length: int) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n".encode()


def test_body_comes_in_pieces_and_the_line_goes_on(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        for size in (1, 70_000, 5 * MIB, 9):
            assert wire.request("POST", "/stream/count", body=bytes(size)).json()["body_bytes"] == size
        assert wire.request("GET", "/scope").status == 200


def test_application_begins_before_the_body_has_come(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(head("/stream/count", 10))
        assert streaming.event("began")["path"] == "/stream/count"
        wire.send(b"0123456789")
        assert wire.answer().json()["body_bytes"] == 10


def test_chunked_body_comes_as_it_is_sent(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(b"POST /stream/count HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            wire.send(b"19000\r\n" + bytes(0x19000) + b"\r\n")
        wire.send(b"0\r\n\r\n")
        assert wire.answer().json()["body_bytes"] == 20 * 0x19000
        assert wire.request("GET", "/scope").status == 200


def test_answer_before_the_end_of_the_body_is_seen_and_ends_the_line(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(head("/stream/early", 200 * MIB))
        answer = wire.answer()
        assert (answer.status, answer.header("connection"), answer.body) == (413, "close", b"enough")
        assert wire.ended()


def test_client_that_goes_on_sending_sees_the_answer(streaming: ServerProcess) -> None:
    before = streaming.usage()["rss_bytes"]
    with Wire(streaming) as wire:
        wire.send(head("/stream/early", 200 * MIB))
        assert wire.send_until_stuck(bytes(1_000_000), 200) < 50
        assert wire.answer().status == 413
    assert streaming.usage()["rss_bytes"] - before < 8 * MIB


def test_application_that_does_not_read_holds_the_client_back(streaming: ServerProcess) -> None:
    before = streaming.usage()["rss_bytes"]
    with Wire(streaming) as wire:
        wire.send(head("/stream/hold", 200 * MIB))
        assert wire.send_until_stuck(bytes(1_000_000), 200) < 50
        assert streaming.usage()["rss_bytes"] - before < 8 * MIB


def test_client_that_goes_away_is_told_to_the_application(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(head("/stream/count", 1_000) + b"some")
        streaming.event("began")
    assert streaming.event("cut")["body_bytes"] == 4


def test_body_that_stops_coming_is_ended_with_408(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(head("/stream/count", 1_000) + b"some")
        assert wire.answer().status == 408
        assert wire.ended()
    assert streaming.event("cut")["body_bytes"] == 4


def test_other_methods_and_paths_are_not_streamed(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        assert wire.request("POST", "/body", body=bytes(100_000)).json()["body_bytes"] == 100_000
        assert wire.request("GET", "/stream/count").json()["body_bytes"] == -1


def test_upgrade_is_refused_there(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(
            b"POST /stream/count HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Content-Length: 5\r\n\r\nabcde"
        )
        assert wire.answer().status == 405
