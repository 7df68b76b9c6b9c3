"""The opening handshake without autobahn: what an upgrade of it, of daphne or of Twisted may change."""

# mypy: disallow-untyped-calls=False

from typing import Any

import pytest
from daphne.ws_protocol import WebSocketFactory
from twisted.internet.testing import StringTransport
from twisted.web.http_headers import Headers, InvalidHeaderName

from chat.gateway.opening import OpeningFactory, opening_problem, subprotocols_of
from tests.gateway.conftest import StartServer
from tests.gateway.test_reading import Peer
from tests.gateway.wire import HANDSHAKE, TEXT, ServerProcess, Wire, frame

# Set on each connection by Twisted, or made when it is needed.
_OWN = {"transport", "factory", "connected", "utf8validator", "peer"}
_OBJECTS = {
    "_results",
    "_transport_details",
    "_valid_events",
    "is_closed",
    "is_open",
    # Ours are watched by the server's round.
    "openHandshakeTimeoutCall",
    "perMessageCompressionAccept",
    "send_queue",
    "trafficStats",
}
# CPython keeps thirty names of a class in one table; with more each connection has a dictionary. A value takes 8 bytes.
_IDLE_ATTRIBUTES_COUNT = 25


def test_a_connection_has_from_its_class_whatever_autobahn_gives_to_each() -> None:
    stock_factory = WebSocketFactory(object(), server="")
    stock_factory.setProtocolOptions()
    stock = stock_factory.buildProtocol(None)
    stock.makeConnection(StringTransport())
    factory = OpeningFactory(object(), server="")
    factory.set_options()
    ours: Any = factory.protocol
    told = {name: value for name, value in vars(stock).items() if name not in _OWN}
    assert "state" in told
    assert "maxFramePayloadSize" in told
    assert [name for name in told if not hasattr(ours, name)] == []
    plain = [name for name in told if name not in _OBJECTS]
    assert {name: getattr(ours, name) for name in plain} == {name: told[name] for name in plain}


def test_an_open_connection_has_few_things_of_its_own() -> None:
    socket = Peer().socket
    assert len(vars(socket)) <= _IDLE_ATTRIBUTES_COUNT, sorted(vars(socket))


def headers_of(**values: str | list[str]) -> Headers:
    raw = {
        name.replace("_", "-"): [value] if isinstance(value, str) else value for name, value in values.items()
    }
    return Headers(raw)


@pytest.mark.parametrize(
    ("uri", "headers", "problem"),
    [
        (b"/ws/v1/", {"Host": "test"}, None),
        (b"/ws/v1/?a=b", {"Host": "test:8000"}, None),
        (b"/ws/v1/", {"Host": "[::1]"}, None),
        (b"/ws/v1/", {"Host": "[::1]:8000"}, None),
        (b"/ws/v1/", {"Host": "test:x"}, 400),
        (b"/ws/v1/", {"Host": "test:"}, 400),
        (b"/ws/v1/#part", {"Host": "test"}, 400),
        ("/ws/é".encode(), {"Host": "test"}, 400),
        (b"/ws/v1/?\xff", {"Host": "test"}, 400),
        (b"/ws/v1/", {"Host": "test", "X": "a\x0bb"}, 400),
        (b"/ws/v1/", {"Host": "test", "Sec-WebSocket-Protocol": "one, two"}, None),
        (b"/ws/v1/", {"Host": "test", "Sec-WebSocket-Protocol": "one, one"}, 400),
        (b"/ws/v1/", {"Host": "test", "Sec-WebSocket-Protocol": ["one", "two, one"]}, 400),
    ],
)
def test_what_autobahn_and_daphne_refuse_is_refused(
    uri: bytes, headers: dict[str, str | list[str]], problem: int | None
) -> None:
    assert opening_problem(uri, headers_of(**headers)) == problem


def test_a_header_whose_name_is_none_does_not_come_past_twisted() -> None:
    with pytest.raises(InvalidHeaderName):
        Headers({"X(Y)": ["a"]})


def test_subprotocols_keep_their_order() -> None:
    assert subprotocols_of([]) == ()
    assert subprotocols_of([b"maru.v1, ticket.x", b"other"]) == ("maru.v1", "ticket.x", "other")


@pytest.mark.slow
def test_a_frame_in_the_segment_of_the_handshake_is_heard(start_server: StartServer) -> None:
    server: ServerProcess = start_server()
    with Wire(server) as wire:
        wire.send(HANDSHAKE.format(path="/echo").encode() + frame(TEXT, b"early"))
        assert wire.answer().status == 101
        assert wire.text() == "early"
