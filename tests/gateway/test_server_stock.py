"""What daphne's own server does today, each the reason for something in ChatServer.

A failure here is good news after an upgrade: the code that works around it can go.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.gateway import server as gateway_server
from tests.gateway.conftest import StartServer
from tests.gateway.wire import BINARY, CLOSE, PING, PONG, TEXT, ServerProcess, Wire, frame

pytestmark = pytest.mark.slow

STOCK = "tests.gateway.stock_app"


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("stock") / "log", program=STOCK)
    yield process
    process.kill()


def test_sigterm_drops_sockets_without_a_close_frame_and_without_disconnect(tmp_path: Path) -> None:
    process = ServerProcess(tmp_path / "log", program=STOCK)
    try:
        with Wire(process).open("/") as wire:
            process.terminate()
            with pytest.raises((EOFError, ConnectionResetError)):
                wire.read_frame()
        process.process.wait(15)
        assert process.events.empty()
    finally:
        process.kill()


def test_application_that_returns_leaves_an_open_socket(stock: ServerProcess) -> None:
    with Wire(stock).open("/return") as wire:
        assert wire.frame(TEXT, b"is anybody there").frame(PING, b"?").read_frame() == (PONG, b"?")


def test_malformed_frame_is_answered_with_a_reset(stock: ServerProcess) -> None:
    with Wire(stock).open("/") as wire, pytest.raises((EOFError, ConnectionResetError)):
        wire.send(frame(TEXT, b"hi", masked=False)).read_frame()


def test_close_with_1012_becomes_1011(stock: ServerProcess) -> None:
    with Wire(stock).open("/close") as wire:
        assert wire.close_code() == 1011


def test_send_does_not_wait_for_a_reader_that_has_stopped(stock: ServerProcess) -> None:
    with Wire(stock, receive_buffer_bytes=65_536).open("/flood"):
        stock.event("flooded")


def test_reading_does_not_wait_for_an_application_that_is_behind(stock: ServerProcess) -> None:
    with Wire(stock).open("/hold") as wire:
        stock.event("holding")
        wire.send(frame(BINARY, bytes(1_000_000)) * 20)
        assert wire.frame(PING, b"read it all").read_frame() == (PONG, b"read it all")


def test_root_path_is_taken_from_any_client(stock: ServerProcess) -> None:
    with Wire(stock) as wire:
        assert wire.request("GET", "/", ["Daphne-Root-Path: /evil"]).json() == {"root_path": "/evil"}


def test_close_frame_that_the_client_sends_is_not_echoed_with_its_code(stock: ServerProcess) -> None:
    with Wire(stock).open("/") as wire:
        assert wire.frame(CLOSE, b"\x0b\xb8").close_code() == 1000


def test_old_daphne_is_refused_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway_server.refuse_old_daphne()
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "4.2.1")
    with pytest.raises(SystemExit, match=r"^maru: daphne 4\.2\.1 is installed, at least 4\.2\.3 is needed"):
        gateway_server.refuse_old_daphne()


def test_ping_timeout_above_the_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="must be below ping_interval_s"):
        gateway_server.ServerLimits(ping_interval_s=20, ping_timeout_s=30)


def test_half_open_client_is_dropped_and_a_living_one_kept(start_server: StartServer) -> None:
    # autobahn rounds its timers down to whole seconds, and looks every two
    server = start_server(limits={"ping_interval_s": 1.95, "ping_timeout_s": 1.9})
    with Wire(server).open("/echo") as living, Wire(server).open("/echo"):
        opcode, payload = living.read_frame()
        assert opcode == PING
        living.frame(PONG, payload)
        server.event("disconnect", path="/echo", code=1006)
        assert living.frame(TEXT, b"here").text() == "here"
