import pytest

from tests.gateway.conftest import StartServer
from tests.gateway.wire import ServerProcess, Wire

pytestmark = pytest.mark.slow


def test_body_up_to_the_limit_arrives(server: ServerProcess) -> None:
    with Wire(server) as wire:
        for size in (0, 1, 65_535, 65_536, 131_072, 1024 * 1024):
            assert wire.request("POST", "/body", body=bytes(size)).json()["body_bytes"] == size


def test_declared_body_above_the_limit_is_refused_before_it_is_sent(server: ServerProcess) -> None:
    with Wire(server) as wire:
        wire.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1048577\r\nExpect: 100-continue\r\n\r\n")
        answer = wire.answer()
        assert (answer.status, answer.header("connection")) == (413, "close")
        assert wire.ended()


def test_declared_200_mb_leave_no_trace_in_memory(server: ServerProcess) -> None:
    before = server.usage()["rss_bytes"]
    with Wire(server) as wire:
        wire.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 200000000\r\n\r\n")
        assert wire.send_until_stuck(bytes(1_000_000), 200) < 50
        assert wire.answer().status == 413
    assert server.usage()["rss_bytes"] - before < 8_000_000


def test_chunked_body_above_the_limit_is_refused_on_the_way(server: ServerProcess) -> None:
    with Wire(server) as wire:
        wire.send(b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(11):
            wire.send(b"19000\r\n" + bytes(0x19000) + b"\r\n")
        assert wire.answer().status == 413


def test_a_path_may_take_larger_bodies(strict_server: ServerProcess) -> None:
    for path, size, status in (("/large", 300_000, 200), ("/large", 300_001, 413), ("/small", 100_001, 413)):
        with Wire(strict_server) as wire:
            assert wire.request("POST", path, body=bytes(size)).status == status


SLOW = {
    "request line": b"GET / HT",
    "headers": b"GET / HTTP/1.1\r\nHost: te",
    "one header after the other": b"GET / HTTP/1.1\r\nHost: test\r\nX-One: 1\r\n",
    "body": b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf",
    "chunk": b"POST /tiny HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
}


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW)
def test_unfinished_request_is_ended_with_408(strict_server: ServerProcess, data: bytes) -> None:
    with Wire(strict_server) as wire:
        assert wire.send(data).answer().status == 408
        assert wire.ended()


def test_bytes_that_keep_coming_do_not_extend_the_deadline(strict_server: ServerProcess) -> None:
    with Wire(strict_server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: test\r\n")
        wire.socket.settimeout(0.02)
        for number in range(500):
            wire.send(b"X-%d: 1\r\n" % number)
            try:
                wire.buffer += wire.socket.recv(1000)
                break
            except TimeoutError:
                continue
        assert wire.answer().status == 408


def test_request_after_request_on_one_connection(server: ServerProcess) -> None:
    with Wire(server) as wire:
        for _ in range(3):
            assert wire.request("GET", "/scope").status == 200
        wire.send(b"GET /scope HTTP/1.1\r\nHost: test\r\n\r\n" * 3)
        assert [wire.answer().status for _ in range(3)] == [200, 200, 200]


BROKEN = {
    "HTTP/0.9": (b"GET /\r\n", 400),
    "HTTP/3.0": (b"GET / HTTP/3.0\r\n\r\n", 400),
    "method with a colon": (b"G:T / HTTP/1.1\r\nHost: test\r\n\r\n", 400),
    "path that is not ASCII": (b"GET /\xff HTTP/1.1\r\nHost: test\r\n\r\n", 400),
    "header without a colon": (b"GET / HTTP/1.1\r\nHost: test\r\nnonsense\r\n\r\n", 400),
    "header name with a space": (b"GET / HTTP/1.1\r\nHost: test\r\nX Y: 1\r\n\r\n", 400),
    "NUL in a value": (b"GET / HTTP/1.1\r\nHost: test\r\nX: a\0b\r\n\r\n", 400),
    "bare LF in a value": (b"GET / HTTP/1.1\r\nHost: test\r\nX: a\nY: b\r\n\r\n", 400),
    "folded header": (b"GET / HTTP/1.1\r\nHost: test\r\nX: a\r\n b\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "length and chunks": (
        b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
    ),
    "negative length": (b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n", 400),
    "unknown coding": (b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    "broken chunk": (b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    "600 headers": (b"GET / HTTP/1.1\r\nHost: test\r\n" + b"X: 1\r\n" * 600 + b"\r\n", 400),
    "header of 20 kB": (b"GET / HTTP/1.1\r\nHost: test\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431),
    "cookie of 64 kB": (b"GET / HTTP/1.1\r\nHost: test\r\nCookie: " + b"x" * 65_536 + b"\r\n\r\n", 431),
    "TRACE": (b"TRACE / HTTP/1.1\r\nHost: test\r\n\r\n", 405),
    "CONNECT": (b"CONNECT test:443 HTTP/1.1\r\nHost: test\r\n\r\n", 405),
}


@pytest.mark.parametrize(("data", "status"), BROKEN.values(), ids=BROKEN)
def test_broken_request_is_refused(server: ServerProcess, data: bytes, status: int) -> None:
    with Wire(server) as wire:
        answer = wire.send(data).answer()
        assert answer.status == status
        assert b"daphne" not in answer.body.lower()


def test_refused_request_is_not_followed_by_what_came_behind_it(server: ServerProcess) -> None:
    with Wire(server) as wire:
        wire.send(b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\nGET /scope HTTP/1.1\r\nHost: test\r\n\r\n")
        assert wire.answer().status == 400
        assert wire.ended()
        assert wire.buffer == b""


def test_application_that_never_answers_is_answered_for(start_server: StartServer) -> None:
    server = start_server(limits={"response_s": 0.3})
    with Wire(server) as wire:
        assert wire.request("GET", "/slow").status == 503


def test_http_1_0_is_answered_and_closed(server: ServerProcess) -> None:
    with Wire(server) as wire:
        wire.send(b"GET /scope HTTP/1.0\r\n\r\n")
        assert wire.until(b"\r\n\r\n").startswith(b"HTTP/1.0 200 OK")
        assert wire.ended()


def test_unix_socket_serves_http_and_websocket(
    start_server: StartServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("s") / "maru.sock"
    server = start_server(unix_socket=str(path))
    with Wire(server) as wire:
        assert wire.request("GET", "/scope").json()["client"] is None
    with Wire(server).open() as wire:
        assert wire.frame(1, b"over a file").text() == "over a file"
    server.terminate()
    assert server.exit_code() == 0
    assert not path.exists()


def test_connection_that_never_asks_for_anything_is_closed(strict_server: ServerProcess) -> None:
    with Wire(strict_server) as wire:
        assert wire.socket.recv(100) == b""
