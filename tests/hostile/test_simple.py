import json
from collections.abc import Iterator

import pytest

from tests.gateway.wire import BINARY, TEXT, frame
from tests.hostile.house import House, Line
from tests.people import Person

REFUSED = {
    "empty": (frame(TEXT), "bad_json"),
    "a word": (frame(TEXT, b"hello"), "bad_json"),
    "two objects": (frame(TEXT, b'{"message":"a"}{"message":"b"}'), "bad_json"),
    "10,000 brackets": (frame(TEXT, b"[" * 10_000), "bad_json"),
    "60,000 digits": (frame(TEXT, b'{"message":' + b"9" * 60_000 + b"}"), "bad_json"),
    "an array": (frame(TEXT, b'["message"]'), "bad_frame"),
    "no message": (frame(TEXT, b'{"text":"hi"}'), "bad_frame"),
    "a number": (frame(TEXT, b'{"message":1}'), "bad_frame"),
    "null": (frame(TEXT, b'{"message":null}'), "bad_frame"),
    "an odd id": (frame(TEXT, b'{"message":"hi","client_message_id":"x"}'), "bad_frame"),
    "an id that is a number": (frame(TEXT, b'{"message":"hi","client_message_id":1}'), "bad_frame"),
    "binary": (frame(BINARY, b'{"message":"hi"}'), "unsupported"),
}
CLOSED = {
    "not UTF-8": (frame(TEXT, b'{"message":"\xff"}'), 1007),
    "above the limit": (frame(TEXT, b" " * 65_537), 1009),
    "unmasked": (frame(TEXT, b'{"message":"hi"}', masked=False), 1002),
    "a hundred pings": (frame(9) * 100, 4201),
}


@pytest.fixture
def simple(house: House, mallory: Person, room: int) -> Iterator[Line]:
    slug = house.ask(mallory, "GET", f"/rooms/{room}").json()["slug"]
    with Line(house).open(f"/ws/chat/{slug}/", mallory.bearer) as opened:
        yield opened


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED)
def test_odd_frame_is_told_and_the_socket_stays(simple: Line, data: bytes, code: str) -> None:
    assert json.loads(simple.send(data).text())["error"]["code"] == code
    assert json.loads(simple.frame(TEXT, b'{"message":"still"}').text())["message"] == "still"


@pytest.mark.parametrize(("data", "code"), CLOSED.values(), ids=CLOSED)
def test_broken_frame_is_closed(simple: Line, data: bytes, code: int) -> None:
    assert simple.send(data).close_code() == code
