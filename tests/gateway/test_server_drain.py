import json
import selectors
import socket
import time

import pytest

from tests.gateway.conftest import StartServer
from tests.gateway.wire import CLOSE, DEADLINE_S, HANDSHAKE, Wire, close_payload

pytestmark = pytest.mark.slow


def test_sigterm_says_bye_closes_with_1012_and_runs_every_disconnect(start_server: StartServer) -> None:
    server = start_server()
    wires = [Wire(server).open("/bye") for _ in range(5)]
    server.terminate()
    assert server.event("flushing") == {"event": "flushing", "draining": True, "connections": 5}
    for wire in wires:
        farewell = json.loads(wire.text())
        assert farewell["type"] == "bye"
        assert 0 <= farewell["in_ms"] < 1000
        assert wire.close_frame() == (1012, "service restart")
        wire.frame(CLOSE, close_payload(1012))
        server.event("disconnect", path="/bye", code=1012)
    assert server.event("stopped")["connections"] == 0
    assert server.exit_code() == 0
    for wire in wires:
        wire.socket.close()


def test_socket_without_a_farewell_gets_only_1012(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server).open("/echo") as wire:
        server.terminate()
        assert wire.read_frame()[0] == CLOSE
        wire.frame(CLOSE, close_payload(1012))
        assert server.exit_code() == 0


def test_farewell_that_fails_does_not_keep_others_from_theirs(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server).open("/broken-bye") as broken, Wire(server).open("/bye") as fine:
        server.terminate()
        assert "bye" in fine.text()
        for wire in (broken, fine):
            assert wire.close_code() == 1012
            wire.frame(CLOSE, close_payload(1012))
        assert server.exit_code() == 0
    assert "a farewell failed" in server.log()


def test_nobody_is_let_in_after_sigterm(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server).open("/echo"):
        server.terminate()
        server.event("flushing")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), DEADLINE_S).close()


def test_goodbyes_are_spread_over_the_window(start_server: StartServer) -> None:
    server = start_server(limits={"drain_s": 1.0, "drain_per_s": 10.0})
    wires = [Wire(server).open("/bye") for _ in range(20)]
    server.terminate()
    began_at, closed_at = time.monotonic(), []
    server.event("flushing")
    # Waiting costs no processor: a loop that looks would take it from the server.
    with selectors.DefaultSelector() as waiting:
        for wire in wires:
            waiting.register(wire.socket, selectors.EVENT_READ, wire)
        while waiting.get_map():
            ready = waiting.select(DEADLINE_S)
            assert ready, "a goodbye is missing"
            closed_at += [time.monotonic() - began_at] * len(ready)
            for key, _ in ready:
                waiting.unregister(key.fileobj)
                wire = key.data
                wire.text()
                wire.close_code()
                wire.frame(CLOSE, close_payload(1012))
    # 20 in one second: never half of them in a quarter of it
    assert all(closed_at[place + 10] - closed_at[place] > 0.25 for place in range(10))
    assert server.exit_code() == 0
    for wire in wires:
        wire.socket.close()


def test_second_signal_shortens_the_window(start_server: StartServer) -> None:
    server = start_server(limits={"drain_s": 30.0, "drain_per_s": 0.1})
    with Wire(server).open("/echo") as one, Wire(server).open("/echo") as two:
        server.terminate()
        server.event("flushing")
        server.terminate()
        for wire in (one, two):
            assert wire.close_code() == 1012
            wire.frame(CLOSE, close_payload(1012))
        assert server.exit_code() == 0


def test_client_that_does_not_answer_is_let_go_and_its_disconnect_runs(start_server: StartServer) -> None:
    server = start_server(limits={"close_s": 0.6})
    with Wire(server).open("/echo") as wire:
        server.terminate()
        assert wire.close_code() == 1012
        server.event("disconnect", path="/echo", code=1006)
        assert server.exit_code() == 0


def test_application_that_ignores_its_disconnect_is_cancelled(start_server: StartServer) -> None:
    server = start_server(limits={"close_s": 0.6})
    with Wire(server).open("/stubborn"):
        server.terminate()
        server.event("cancelled", path="/stubborn")
        assert server.exit_code() == 0


def test_slow_reader_does_not_hold_up_the_exit(start_server: StartServer) -> None:
    server = start_server(limits={"close_s": 0.6})
    with Wire(server, receive_buffer_bytes=65_536).open("/flood"):
        server.event("buffered")
        server.terminate()
        assert server.exit_code() == 0


def test_request_in_flight_is_answered_before_the_exit(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server) as wire:
        wire.send(b"GET /slow HTTP/1.1\r\nHost: test\r\n\r\n")
        server.event("request")
        server.terminate()
        server.event("flushing")
        server.release()
        answer = wire.answer()
        assert (answer.status, answer.header("connection")) == (200, "close")
        assert wire.ended()
        assert server.exit_code() == 0


def test_request_that_takes_too_long_does_not_hold_up_the_exit(start_server: StartServer) -> None:
    server = start_server(limits={"request_drain_s": 0.3, "close_s": 0.4})
    with Wire(server) as wire:
        wire.send(b"GET /slow HTTP/1.1\r\nHost: test\r\n\r\n")
        server.event("request")
        server.terminate()
        assert wire.ended()
        assert server.exit_code() == 0


def test_idle_connection_is_closed_in_order(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server) as wire:
        assert wire.request("GET", "/scope").json()["draining"] is False
        server.terminate()
        with pytest.raises(EOFError):
            wire.exactly(1)
        assert server.exit_code() == 0


def test_handshake_in_progress_is_refused_with_503(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server) as wire, Wire(server).open() as other:
        wire.send(HANDSHAKE.format(path="/ending/late-accept").encode())
        server.event("waiting")
        server.terminate()
        assert wire.answer().status == 503
        other.close_code()
        other.frame(CLOSE, close_payload(1012))
        server.release()
        assert server.exit_code() == 0


def test_hanging_process_is_ended_by_the_hard_stop(start_server: StartServer) -> None:
    server = start_server(limits={"hard_stop_s": 0.5, "drain_s": 30.0, "drain_per_s": 0.01})
    with Wire(server).open(), Wire(server).open(), Wire(server).open():
        server.terminate()
        assert server.exit_code() == 1


def test_exit_without_connections_is_quick_and_quiet(start_server: StartServer) -> None:
    server = start_server()
    began_at = time.monotonic()
    server.terminate()
    assert server.exit_code() == 0
    assert time.monotonic() - began_at < 3
    for word in ("Traceback", "destroyed", "never awaited", "error"):
        assert word not in server.log()
