import time

import pytest

from tests.gateway.conftest import StartServer
from tests.gateway.wire import BINARY, CLOSE, PING, PONG, TEXT, ServerProcess, Wire, close_payload, frame

pytestmark = pytest.mark.slow

KIB = 1024
MIB = 1024 * KIB


def test_send_waits_for_a_slow_reader_and_memory_stays_flat(start_server: StartServer) -> None:
    server = start_server()
    before = server.usage()["rss_bytes"]
    with Wire(server, receive_buffer_bytes=65_536).open("/flood") as wire:
        assert server.event("buffered")["most"] <= 64 * KIB + 16 * KIB + 4
        assert server.usage()["rss_bytes"] - before < 8 * MIB
        received_count = sum(1 for _ in range(2000) if wire.read_frame()[0] == BINARY)
        assert received_count == 2000
        assert server.event("flooded")["most"] <= 64 * KIB + 16 * KIB + 4


def test_reader_that_has_stopped_is_closed_with_4101(start_server: StartServer) -> None:
    server = start_server(limits={"slow_reader_s": 0.5, "close_s": 5.0})
    with Wire(server, receive_buffer_bytes=65_536).open("/flood") as wire:
        server.event("flooded")  # the application got on: its sends were dropped after the cut
        assert wire.close_frame() == (4101, "too slow")
        wire.frame(CLOSE, close_payload(4101))
        server.event("disconnect", path="/flood")


def test_slow_line_may_take_one_large_answer_for_longer_than_a_reader_may_stop(
    start_server: StartServer,
) -> None:
    server = start_server(limits={"slow_reader_s": 0.5})
    with Wire(server, receive_buffer_bytes=65_536).open("/large-answer") as wire:
        _read_slowly(wire, 2 * MIB, 2.0)
        assert wire.text() == "after it"


def test_reader_that_never_comes_back_is_dropped(start_server: StartServer) -> None:
    server = start_server(limits={"slow_reader_s": 0.3, "close_s": 0.3})
    with Wire(server, receive_buffer_bytes=65_536).open("/flood"):
        server.event("disconnect", path="/flood", code=1006)
        assert server.usage()["connections"] == 1


def test_reader_that_leaves_in_order_but_reads_nothing_is_dropped(start_server: StartServer) -> None:
    server = start_server(limits={"close_s": 0.3})
    with Wire(server, receive_buffer_bytes=65_536).open("/flood") as wire:
        server.event("buffered")
        wire.frame(CLOSE, close_payload(1000))
        server.event("disconnect", path="/flood", code=1000)
        assert server.usage()["connections"] == 1


def test_reading_stops_while_the_application_is_behind(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server).open("/hold") as wire:
        server.event("holding")
        before = server.usage()["rss_bytes"]
        assert 2 <= wire.send_until_stuck(frame(TEXT, b"x" * 60_000), 2000) < 300
        assert server.usage()["rss_bytes"] - before < 8 * MIB


def test_everything_held_back_arrives_in_order(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server).open("/hold") as wire:
        server.event("holding")
        wire.send(b"".join(frame(TEXT, b"%06d" % number) for number in range(5000)))
        server.release()
        assert wire.frame(TEXT, b"end").text() == '{"count": 5000, "in_order": true}'
        wire.frame(CLOSE, close_payload(1000))
        server.event("disconnect", path="/hold", code=1000)


def test_close_of_a_held_connection_is_noticed_after_what_came_before(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server).open("/hold") as wire:
        server.event("holding")
        wire.send(b"".join(frame(TEXT, b"%06d" % number) for number in range(100)))
        wire.frame(TEXT, b"end").frame(CLOSE, close_payload(3001))
        server.release()
        server.event("disconnect", path="/hold", code=3001)


def test_pongs_are_not_queued_for_a_reader_who_has_stopped(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server, receive_buffer_bytes=65_536).open("/flood") as wire:
        server.event("buffered")
        for _ in range(20):
            wire.frame(PING, b"x" * 125)
        opcodes = {wire.read_frame()[0] for _ in range(2000)}
        assert opcodes <= {BINARY, PONG}
        server.event("flooded")


def test_prepared_frames_and_sends_keep_their_order(server: ServerProcess) -> None:
    with Wire(server).open("/prepared") as wire:
        assert [wire.text() for _ in range(100)] == [str(number) for number in range(100)]
        assert [len(wire.read_frame()[1]) for _ in range(6)] == [0, 125, 126, 65535, 65536, 200_000]
        wire.frame(CLOSE, close_payload(1000))
    assert server.event("prepared") == {
        "event": "prepared",
        "before": False,
        "taken": [True] * 6,
        "after": False,
    }


def test_prepared_frame_is_refused_above_the_bound_and_taken_again_when_it_is_empty(
    start_server: StartServer,
) -> None:
    server = start_server()
    with Wire(server, receive_buffer_bytes=65_536).open("/prepared-flood") as wire:
        refused = server.event("refused")
        assert 64 * KIB < refused["buffered"] <= 64 * KIB + 16_004
        # the rest of what was taken lies in the kernels: little of it in ours, which counts as our memory
        assert refused["taken"] * 16_004 < 512 * KIB
        for _ in range(refused["taken"]):
            assert len(wire.read_frame()[1]) == 16_000
        writable = server.event("writable")
        assert writable["sent"] is True
        assert wire.text() == "last"


def test_slow_http_reader_does_not_fill_memory_and_gets_everything(start_server: StartServer) -> None:
    server = start_server()
    with Wire(server, receive_buffer_bytes=65_536) as wire, Wire(server) as other:
        before = other.request("GET", "/usage").json()["rss_bytes"]
        wire.send(b"GET /stream HTTP/1.1\r\nHost: test\r\n\r\n")
        wire.until(b"\r\n\r\n")
        for _ in range(3):
            assert other.request("GET", "/usage").json()["rss_bytes"] - before < 8 * MIB
        while size := int(wire.until(b"\r\n"), 16):
            wire.exactly(size + 2)
        server.event("streamed")


def test_http_reader_that_has_stopped_is_dropped(start_server: StartServer) -> None:
    server = start_server(limits={"slow_reader_s": 0.3})
    with Wire(server, receive_buffer_bytes=65_536) as wire:
        wire.send(b"GET /stream HTTP/1.1\r\nHost: test\r\n\r\n")
        server.event("streamed")
        assert wire.ended()
    assert server.usage()["connections"] == 1


def _read_slowly(wire: Wire, size: int, seconds: float) -> None:
    began_at, taken = time.monotonic(), len(wire.buffer)
    wire.buffer = b""
    while taken < size:
        taken += len(wire.socket.recv(min(64 * KIB, size - taken)))
        # the slowness of the line is what is tried here
        time.sleep(max(0.0, began_at + seconds * taken / size - time.monotonic()))
