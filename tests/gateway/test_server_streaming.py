import pytest

from tests.gateway.conftest import StartServer
from tests.gateway.wire import ServerProcess, Wire

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
PATHS = [f"/stream/{word}" for word in ("count", "early", "half", "hold", "never")]
LIMITS = {"streamed_bodies": PATHS, "streamed_patches": ["/stream/pieces/"], "body_s": 1.0}


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


def test_what_is_added_below_an_address_comes_in_pieces_too(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(head("/stream/pieces/7", 10).replace(b"POST", b"PATCH"))
        assert streaming.event("began")["path"] == "/stream/pieces/7"
        wire.send(b"0123456789")
        assert wire.answer().json()["body_bytes"] == 10


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


def test_what_follows_a_body_is_the_next_request(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        get = b"GET /scope HTTP/1.1\r\nHost: test\r\n\r\n"
        wire.send(head("/stream/count", 6) + b"GET / " + get + head("/stream/count", 3) + b"abc" + get)
        assert wire.answer().json()["body_bytes"] == 6
        assert wire.answer().json()["path"] == "/scope"
        assert wire.answer().json()["body_bytes"] == 3
        assert wire.answer().json()["path"] == "/scope"


def test_what_follows_a_body_that_was_not_waited_for_is_never_a_request(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        smuggled = b"POST /stream/count HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"
        wire.send(head("/stream/early", 5 * len(smuggled)) + smuggled)
        assert wire.answer().status == 413
        wire.send(4 * smuggled + smuggled)
        assert wire.ended()


def test_no_second_answer_is_written_into_one_that_has_begun(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(head("/stream/half", 1_000) + b"some")
        streaming.event("half")
        # The body stops coming: there is no way left to say so.
        with pytest.raises((EOFError, ConnectionResetError)):
            wire.answer()


def test_broken_chunk_is_refused_and_told_to_the_application(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(b"POST /stream/count HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.send(b"4\r\nsome\r\nnot a length\r\n")
        assert wire.answer().status == 400
        assert wire.ended()
    assert streaming.event("cut")["body_bytes"] == 4


def test_application_is_not_late_while_the_body_comes(start_server: StartServer) -> None:
    server = start_server(limits=LIMITS | {"body_s": 30.0, "response_s": 0.3})
    with Wire(server) as slow:
        slow.send(head("/stream/count", 4) + b"so")
        server.event("began")
        # Another one is answered for after the same time, and again: so long ours has had by then.
        for _ in range(2):
            with Wire(server) as clock:
                assert clock.request("GET", "/slow").status == 503
        slow.send(b"me")
        assert slow.answer().json()["body_bytes"] == 4


def test_application_that_has_the_body_is_answered_for_when_it_is_late(start_server: StartServer) -> None:
    server = start_server(limits=LIMITS | {"response_s": 0.3})
    with Wire(server) as wire:
        wire.send(head("/stream/never", 4) + b"some")
        assert server.event("whole")["body_bytes"] == 4
        assert wire.answer().status == 503


def test_body_that_comes_while_draining_is_taken_and_answered(streaming: ServerProcess) -> None:
    with Wire(streaming) as wire:
        wire.send(head("/stream/count", 4) + b"so")
        streaming.event("began")
        streaming.terminate()
        streaming.event("flushing")
        wire.send(b"me")
        answer = wire.answer()
        assert (answer.json()["body_bytes"], answer.header("connection")) == (4, "close")
        assert wire.ended()
    assert streaming.exit_code() == 0
