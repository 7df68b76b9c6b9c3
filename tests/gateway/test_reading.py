"""The short way in for ordinary messages says the same of any bytes as the long way, however they arrive."""

# mypy: disallow-untyped-calls=False

from __future__ import annotations

import struct
from itertools import pairwise
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.internet.testing import StringTransport

from chat.gateway.bounds import ServerLimits
from chat.gateway.hearing import Hearing
from chat.gateway.opening import OpeningFactory, OpeningSocket
from chat.gateway.websocket_reading import text_frame

_LIMITS = ServerLimits(
    message_bytes=400, inbox_count=4, inbox_bytes=600, fragments_count=3, pings_burst_count=3
)
_TEXT, _BINARY, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10


class Transport(StringTransport):
    """Twisted's own for tests, with what a real one has besides."""

    def loseWriteConnection(self) -> None:  # noqa: N802
        """End our side."""
        self.write(b"<end>")

    def abortConnection(self) -> None:  # noqa: N802
        """Reset."""
        self.write(b"<reset>")
        self.loseConnection()

    def unregisterProducer(self) -> None:  # noqa: N802
        """Forget the producer, if there is one."""
        self.producer = None

    def pauseProducing(self) -> None:  # noqa: N802
        """Stop reading."""
        self.write(b"<pause>")


class Peer:
    """The server as a socket sees it."""

    limits = _LIMITS
    root_path = ""
    ping_interval = 25

    def __init__(self) -> None:
        self.factory = OpeningFactory(self, server="")
        self.factory.set_options(
            versions=[13],
            failByDrop=False,
            echoCloseCodeReason=True,
            maxMessagePayloadSize=_LIMITS.message_bytes,
            maxFramePayloadSize=_LIMITS.message_bytes,
        )
        self.socket: OpeningSocket = self.factory.buildProtocol(None)
        self.transport = Transport()
        self.socket.makeConnection(self.transport)
        self.socket.server = self
        self.socket.application_queue = self.inbox = Hearing(self.socket)
        self.socket.last_ping = 0.0
        self.socket._key = b""
        self.socket._accept(None, ())
        self.transport.clear()

    def protocol_disconnected(self, _socket: Any) -> None:
        """Nothing."""

    def log_action(self, *_: Any) -> None:
        """Nothing: there is no access log."""

    def outcome(self) -> tuple[Any, ...]:
        """Return all that can be seen of what has come."""
        return (
            list(self.inbox._messages),
            self.transport.value(),
            self.socket.state,
            self.socket._held,
            self.socket.failedByMe,
            self.socket.data if self.socket._held else b"",
        )


def frame(first: int, payload: bytes, *, masked: bool = True, form: int = 0) -> bytes:
    """Build a client's frame; `form` is the least form of its length, though a shorter one would do."""
    mask = b"\x21\x00\xfe\x7f" if masked else b""
    bit = 0x80 if masked else 0
    if len(payload) > 0xFFFF or form == 2:
        head = struct.pack("!BBQ", first, bit | 127, len(payload))
    elif len(payload) > 125 or form == 1:
        head = struct.pack("!BBH", first, bit | 126, len(payload))
    else:
        head = bytes((first, bit | len(payload)))
    if masked:
        payload = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return head + mask + payload


_texts = st.text(max_size=40).map(str.encode) | st.sampled_from(
    [b"x" * 125, b"x" * 126, b"x" * 400, b"x" * 401]
)
_broken = st.sampled_from([b"\xff", b"a\xc3", b"\xed\xa0\x80", b"\xf0\x9f\xa6", b"\xc0\xaf"])
_ordinary = _texts.map(lambda payload: frame(0x80 | _TEXT, payload))
_any = st.builds(
    frame,
    st.sampled_from(
        [0x81, 0x81, 0x81, 0x01, 0x80, 0x00, 0x82, 0x02, 0x88, 0x89, 0x8A, 0x09, 0xC1, 0x91, 0x83, 0x8B]
    ),
    _texts | _broken | st.binary(max_size=8),
    masked=st.sampled_from([True, True, True, False]),
    form=st.sampled_from([0, 0, 0, 1, 2]),
)
_closes = st.sampled_from([b"", b"\x03", b"\x03\xe8", b"\x03\xe8bye", b"\x03\xed", b"\x03\xe8\xff"]).map(
    lambda payload: frame(0x80 | _CLOSE, payload)
)


@given(
    frames=st.lists(_ordinary | _ordinary | _any | _closes, max_size=8),
    tail=st.binary(max_size=6),
    cuts=st.lists(st.integers(0, 1500), max_size=8),
)
@example(frames=[frame(0x81, b"a"), frame(0x81, "é".encode())], tail=b"", cuts=[3, 9])
@example(frames=[frame(0x81, b"x" * 126)] * 6, tail=b"\x81", cuts=[])
@example(frames=[frame(0x01, b"a"), frame(0x81, b"b"), frame(0x80, b"c")], tail=b"", cuts=[])
def test_both_ways_agree_on_any_frames_in_any_pieces(
    frames: list[bytes], tail: bytes, cuts: list[int]
) -> None:
    data = b"".join(frames) + tail
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    short, long = Peer(), Peer()
    for start, end in pairwise(places):
        short.socket.dataReceived(data[start:end])
        long.socket._dataReceived(data[start:end])
    assert short.outcome() == long.outcome()


def test_an_ordinary_message_never_goes_the_long_way(monkeypatch: Any) -> None:
    peer = Peer()
    monkeypatch.setattr(OpeningSocket, "_dataReceived", None)
    peer.socket.dataReceived(frame(0x81, b"one") + frame(0x81, "zwölf".encode()))
    assert [message["text"] for message in peer.inbox._messages] == ["one", "zwölf"]


def test_what_is_set_after_the_handshake_has_its_place_from_the_beginning() -> None:
    peer = Peer()
    born = set(vars(peer.factory.buildProtocol(None)))
    socket = peer.socket
    socket._sendAutoPing()
    pending: Any = socket.autoPingPending
    socket.dataReceived(frame(0x80 | _PONG, pending))
    socket.dataReceived(frame(0x81, b"there again"))
    # These are set within the turn of the loop in which it is made.
    assert vars(socket).keys() - born == {
        "application_queue",
        "connected",
        "last_ping",
        "server",
        "transport",
    }


@given(text=st.text(max_size=300), before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_a_frame_that_is_whole_is_read_as_it_was_written(text: str, before: bytes, after: bytes) -> None:
    payload = text.encode()
    data = before + frame(0x81, payload) + after
    if len(payload) > _LIMITS.message_bytes:
        assert text_frame(data, len(before), _LIMITS.message_bytes) is None
    else:
        assert text_frame(data, len(before), _LIMITS.message_bytes) == (text, len(data) - len(after))
    for end in range(len(before), len(data) - len(after)):
        assert text_frame(data[:end], len(before), 10_000) is None
