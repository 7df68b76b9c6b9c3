import time

import pytest

from tests.gateway.conftest import StartServer
from tests.gateway.wire import CLOSE, DEADLINE_S, TEXT, ServerProcess, Wire, close_payload

pytestmark = pytest.mark.slow


def test_application_that_returns_is_closed_at_once(server: ServerProcess) -> None:
    with Wire(server).open("/ending/return") as wire:
        assert wire.close_frame() == (1011, "")
        wire.frame(CLOSE, close_payload(1011))
        assert wire.ended()


def test_application_that_returns_before_accept_is_refused(server: ServerProcess) -> None:
    with Wire(server) as wire:
        assert wire.upgrade("/ending/return-early").status == 403


def test_fault_after_accept_is_closed_with_1011_and_logged_once(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server).open("/ending/raise") as wire:
        assert wire.close_frame() == (1011, "")
    assert server.log().count('"event": "application failed"') == 1
    assert server.log().count("RuntimeError: a fault after accept") == 1


def test_fault_before_accept_is_a_plain_500_and_logged_once(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server) as wire:
        answer = wire.upgrade("/ending/raise-early")
        assert answer.head.startswith("HTTP/1.1 500 Internal Server Error\r\n")
        assert answer.body == b""
    assert server.log().count('"event": "application failed"') == 1


def test_fault_before_an_http_response_is_a_plain_500(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server) as wire:
        answer = wire.request("GET", "/raise")
        assert (answer.status, answer.body) == (500, b"Internal Server Error\n")
        assert wire.request("GET", "/scope").status == 200
    assert server.log().count('"event": "application failed"') == 1


def test_fault_inside_an_http_response_shows_that_it_is_not_whole(server: ServerProcess) -> None:
    with Wire(server) as wire:
        wire.send(b"GET /half HTTP/1.1\r\nHost: test\r\n\r\n")
        with pytest.raises((EOFError, ConnectionResetError)):
            wire.answer()


def test_application_without_an_http_response_is_a_plain_500(server: ServerProcess) -> None:
    with Wire(server) as wire:
        assert wire.request("GET", "/silent").status == 500


def test_a_thousand_faults_in_a_second_are_a_few_log_lines(start_server: StartServer) -> None:
    server = start_server()
    for _ in range(50):
        with Wire(server) as wire:
            wire.upgrade("/ending/raise-early")
    assert 1 <= server.log().count("RuntimeError") <= 5


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 1013, 3000, 4100, 4999])
def test_application_closes_with_its_code_and_reason(server: ServerProcess, code: int) -> None:
    with Wire(server).open(f"/ending/close?code={code}&reason=%EC%95%88%EB%85%95") as wire:
        assert wire.close_frame() == (code, "안녕")
        wire.frame(CLOSE, close_payload(code))
        assert wire.ended()
    server.event("disconnect", path="/ending/close", code=code)


def test_long_reason_is_cut_between_characters(server: ServerProcess) -> None:
    with Wire(server).open("/ending/close?code=4100&reason=" + "%EA%B0%80" * 100) as wire:
        assert wire.close_frame() == (4100, "가" * 41)


@pytest.mark.parametrize("code", [999, 1005, 1006, 1015, 2000, 5000])
def test_code_that_cannot_be_sent_is_the_applications_fault(server: ServerProcess, code: int) -> None:
    with Wire(server).open(f"/ending/close?code={code}") as wire:
        assert wire.close_frame() == (1011, "")


@pytest.mark.parametrize("status", [401, 403, 404, 429, 503])
def test_application_refuses_the_handshake_with_its_status(server: ServerProcess, status: int) -> None:
    with Wire(server) as wire:
        assert wire.upgrade(f"/ending/deny?status={status}").status == status


def test_close_before_accept_is_403(server: ServerProcess) -> None:
    with Wire(server) as wire:
        assert wire.upgrade("/ending/reject").status == 403


def test_empty_and_long_frames_are_sent(server: ServerProcess) -> None:
    with Wire(server).open("/ending/empty") as wire:
        assert [len(wire.read_frame()[1]) for _ in range(3)] == [0, 0, 200_000]


def test_application_that_outlives_its_client_is_cancelled(strict_server: ServerProcess) -> None:
    with Wire(strict_server).open("/stubborn"):
        pass
    strict_server.event("cancelled", path="/stubborn")
    assert strict_server.usage()["connections"] == 1


def test_nothing_of_a_connection_is_kept_however_it_ended(start_server: StartServer) -> None:
    # Longer than this side can be kept from reading what it was sent.
    server = start_server(limits={"close_s": 3.0})
    before = server.usage()["parts"]
    for _ in range(3):
        with Wire(server).open() as in_order:
            assert in_order.frame(CLOSE, close_payload(1000)).close_code() == 1000
            assert in_order.ended()
        with Wire(server).open():
            pass
        for path in ("/ending/return", "/ending/raise", "/ending/close?code=4100"):
            with Wire(server).open(path) as wire:
                assert wire.close_code() is not None
        for path in ("/ending/reject", "/ending/raise-early", "/ending/deny?status=404", "/%00"):
            with Wire(server) as wire:
                wire.upgrade(path)
        with Wire(server).open() as broken:
            broken.send(b"\xff" * 50).close_code()
        for path in ("/scope", "/raise", "/silent"):
            with Wire(server) as wire:
                wire.request("GET", path)
    for _ in range(12):
        server.event("disconnect")
    deadline = time.monotonic() + DEADLINE_S
    while server.usage()["parts"] != before:
        assert time.monotonic() < deadline


def test_reset_reaches_the_application_as_1006(server: ServerProcess) -> None:
    with Wire(server).open("/echo") as wire:
        assert wire.frame(TEXT, b"hi").text() == "hi"
    server.event("disconnect", path="/echo", code=1006)
