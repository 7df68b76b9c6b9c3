"""What an ordinary client library sees."""

import time

import pytest
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.gateway.conftest import StartServer
from tests.gateway.wire import DEADLINE_S, ServerProcess

pytestmark = pytest.mark.slow


def client(server: ServerProcess, path: str = "/echo") -> ClientConnection:
    return connect(f"ws://127.0.0.1:{server.port}{path}", open_timeout=DEADLINE_S)


def test_conversation_and_orderly_end(server: ServerProcess) -> None:
    with client(server) as socket:
        for message in ("안녕", "", "x" * 60_000, b"\0\xff"):
            socket.send(message)
            assert socket.recv(DEADLINE_S) == message
        socket.close(4000, "bye")
    server.event("disconnect", path="/echo", code=4000)


def test_too_large_message_ends_at_once_with_1009_and_both_numbers(server: ServerProcess) -> None:
    with client(server) as socket:
        began_at = time.monotonic()
        socket.send("x" * 70_000)
        with pytest.raises(ConnectionClosedError) as caught:
            socket.recv(DEADLINE_S)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 1009
    assert "70000" in caught.value.rcvd.reason
    assert "65536" in caught.value.rcvd.reason
    # not after the time that the server gives to a client that does not answer
    assert time.monotonic() - began_at < 3


@pytest.mark.parametrize("code", [1000, 4101])
def test_close_by_the_application_ends_at_once(server: ServerProcess, code: int) -> None:
    with client(server, f"/ending/close?code={code}&reason=why") as socket:
        began_at = time.monotonic()
        with pytest.raises((ConnectionClosedOK, ConnectionClosedError)) as caught:
            socket.recv(DEADLINE_S)
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (code, "why")
    assert time.monotonic() - began_at < 3


def test_drain_is_seen_as_1012_and_ends_at_once(start_server: StartServer) -> None:
    server = start_server()
    with client(server, "/bye") as socket:
        began_at = time.monotonic()
        server.terminate()
        assert '"bye"' in str(socket.recv(DEADLINE_S))
        with pytest.raises(ConnectionClosedError) as caught:
            socket.recv(DEADLINE_S)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1012
    assert server.exit_code() == 0
    assert time.monotonic() - began_at < 3


def test_refusal_is_seen_with_its_status(server: ServerProcess) -> None:
    with pytest.raises(InvalidStatus) as caught:
        client(server, "/unknown")
    assert caught.value.response.status_code == 404


def test_pings_of_the_library_are_answered(server: ServerProcess) -> None:
    with client(server) as socket:
        for _ in range(3):
            assert socket.ping().wait(DEADLINE_S)
