"""What writing past Twisted's transport relies on; a failure after an upgrade says that it may not go on so."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet import main
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Server
from twisted.python.failure import Failure

from chat.gateway import direct_write

KIB = 1024


class Counting(socket.socket):
    """A socket that counts its system calls to write."""

    sends_count = 0

    def send(self, data: Any, flags: int = 0) -> int:
        self.sends_count += 1
        return super().send(data, flags)


class Watching:
    """A reactor that only notes who wants to write."""

    def __init__(self) -> None:
        self.writers: list[Any] = []
        self.asked_count = 0

    def addWriter(self, writer: Any) -> None:  # noqa: N802 - Twisted's name
        self.asked_count += 1
        self.writers.append(writer)

    def removeWriter(self, writer: Any) -> None:  # noqa: N802 - Twisted's name
        self.writers = [one for one in self.writers if one is not writer]

    def addReader(self, _reader: Any) -> None:  # noqa: N802 - Twisted's name
        pass

    removeReader = addReader  # noqa: N815 - Twisted's name


class Producer:
    """Notes that it was told to pause."""

    is_paused = False

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.is_paused = True

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        self.is_paused = False

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        pass


class Line:
    """A transport of Twisted on a real socket, and its far end."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.far = socket.create_connection(listening.getsockname())
            accepted, _ = listening.accept()
        self.near = Counting(fileno=accepted.detach())
        self.near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * KIB)
        self.reactor = Watching()
        # zope's interfaces, which no checker sees to be provided
        make_transport: Any = Server
        self.transport: Any = make_transport(self.near, Protocol(), ("127.0.0.1", 1), None, 1, self.reactor)

    def write(self, data: bytes) -> None:
        direct_write.write(self.transport, data)

    def read_all(self) -> bytes:
        """Read what has been written, letting the transport write on as its reactor would."""
        read = b""
        self.far.settimeout(10)
        while self.reactor.writers:
            assert self.transport.doWrite() is None
            read += self._read_what_is_there()
        self.near.shutdown(socket.SHUT_WR)
        while piece := self.far.recv(KIB * KIB):
            read += piece
        return read

    def read_some(self, size: int) -> bytes:
        """Read at most so many bytes, or none when none are there."""
        return self.far.recv(size) if select.select([self.far], [], [], 0)[0] else b""

    def _read_what_is_there(self) -> bytes:
        read = b""
        while piece := self.read_some(KIB * KIB):
            read += piece
        return read

    def end(self) -> None:
        self.far.close()
        self.near.close()


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.end()


def test_a_transport_of_our_server_is_written_to_directly_and_another_is_not(line: Line) -> None:
    assert direct_write.is_plain(line.transport)
    line.transport.TLS = True
    assert not direct_write.is_plain(line.transport)

    class Other(Server):
        pass

    line.transport.TLS = False
    line.transport.__class__ = Other
    assert not direct_write.is_plain(line.transport)


def test_while_nothing_waits_a_write_is_one_system_call_and_nobody_is_asked(line: Line) -> None:
    for number in range(5):
        line.write(b"%d" % number)
    assert line.near.sends_count == 5
    assert line.reactor.asked_count == 0
    assert line.read_all() == b"01234"


def test_what_the_socket_does_not_take_waits_and_what_comes_after_waits_behind_it(line: Line) -> None:
    large = bytes(range(256)) * 16 * KIB
    line.write(large)
    taken = len(large) - line.transport._tempDataLen
    assert 0 < taken < len(large)
    assert line.reactor.writers == [line.transport]
    line.write(b"second")
    line.transport.write(b"third, as a ping is written")
    line.write(b"fourth")
    assert line.near.sends_count == 1
    assert line.read_all() == large + b"second" + b"third, as a ping is written" + b"fourth"


def test_after_the_buffer_is_empty_the_socket_is_written_to_again(line: Line) -> None:
    line.transport.write(b"first")
    line.write(b"second")
    assert line.near.sends_count == 0
    assert line.transport.doWrite() is None
    assert (line.transport.dataBuffer, line.transport._tempDataLen, line.reactor.writers) == (b"", 0, [])
    line.write(b"third")
    assert line.near.sends_count == 2
    assert line.read_all() == b"firstsecondthird"


def test_a_producer_is_paused_when_too_much_waits(line: Line) -> None:
    producer = Producer()
    line.transport.registerProducer(producer, True)
    line.write(b"small")
    assert not producer.is_paused
    line.write(bytes(8 * 1024 * KIB))
    assert producer.is_paused
    line.read_all()
    assert not producer.is_paused


def test_a_socket_that_was_reset_is_found_by_the_transport(line: Line) -> None:
    line.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.far.close()
    line.write(b"nobody is there")
    assert line.reactor.writers == [line.transport]
    assert line.transport.doWrite() is main.CONNECTION_LOST


def test_a_lost_connection_takes_nothing_and_says_nothing(line: Line) -> None:
    make_failure: Any = Failure
    line.transport.connectionLost(make_failure(main.CONNECTION_DONE))
    line.write(b"too late")
    assert not line.transport._tempDataLen


def test_before_a_connection_is_let_go_what_waits_is_written_in_order(line: Line) -> None:
    line.transport.write(b"first")
    line.transport.loseConnection()
    line.write(b"second")
    assert line.near.sends_count == 0
    assert line.transport.doWrite() is main.CONNECTION_DONE
    line.near.shutdown(socket.SHUT_WR)
    assert line.far.recv(KIB) == b"firstsecond"


pieces = st.lists(
    st.tuples(
        st.sampled_from(["direct", "direct", "stock", "read"]), st.sampled_from([1, 100, 9_000, 200_000])
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(pieces=pieces)
def test_whatever_is_written_and_read_in_between_arrives_whole_and_in_order(
    pieces: list[tuple[str, int]],
) -> None:
    line, written, read = Line(), b"", b""
    try:
        for number, (way, size) in enumerate(pieces):
            if way == "read":
                read += line.read_some(size)
                if line.reactor.writers:
                    assert line.transport.doWrite() is None
                continue
            data = struct.pack("!I", number) * size
            written += data
            (line.write if way == "direct" else line.transport.write)(data)
        assert read + line.read_all() == written
    finally:
        line.end()
