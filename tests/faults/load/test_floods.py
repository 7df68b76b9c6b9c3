"""F-52: one client asks for more than its share; its neighbour must not notice."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.faults.load.hall import Hall, Speaker
from tests.faults.meter import Meter
from tests.faults.sizes import size

MIB = 1024 * 1024
_FLOOD_COUNT = size(1200, 20_000)


@pytest.fixture(scope="module")
def strict_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall with the limits that are shipped."""
    with Hall(tmp_path_factory.mktemp("strict"), people_count=12, settings={}) as running:
        yield running


Order = tuple[str, dict[str, object]]


def _posts(room: int) -> Order:
    return "message.post", {"room": room, "body": "flood"}


def _frames(room: int) -> Order:
    return "typing.start", {"room": room}


def _resumes(room: int) -> Order:
    return "resume", {"epoch": None, "rooms": {str(room): 0}}


def _gets(room: int) -> Order:
    return "history.get", {"room": room, "limit": 200}


def _changes(room: int) -> Order:
    return "changes.get", {"room": room, "after": 0, "limit": 500}


@pytest.mark.parametrize("order", [_posts, _gets, _resumes, _frames, _changes][: size(2, 5)])
def test_flood_of_one_client_is_limited_and_the_neighbour_gets_every_answer(
    strict_hall: Hall, order: Callable[[int], Order]
) -> None:
    flooder, neighbour = strict_hall.people.pop(), strict_hall.people.pop()
    room, other_room = strict_hall.room([flooder]), strict_hall.room([neighbour])
    pid, place = strict_hall.web.pid, strict_hall.log_bytes()
    with (
        Meter([pid]) as meter,
        strict_hall.speaker(flooder) as loud,
        strict_hall.speaker(neighbour) as speaker,
    ):
        flood = _Flood(loud, *order(room))
        flood.start()
        # Within the limits that are shipped: 20 messages and 40 frames at once.
        assert speaker.posts(other_room, "hi", 15, at_once=1) == list(range(1, 16))
        for _ in range(20):
            assert speaker.answer(speaker.say("ping"))["type"] == "pong"
        flood.join(60)
        assert not flood.is_alive()
        assert speaker.posts(other_room, "still here", 1) == [16]
    # 40 at once and 10 a second, whatever is asked; who goes on for a thousand more is cut off.
    assert flood.done_count <= 200
    assert flood.codes.keys() <= {"rate_limited", "conflict"}
    assert flood.close_code == 4201
    assert meter.grown_bytes(pid) <= 24 * MIB
    assert strict_hall.faults(place) == []


class _Flood(threading.Thread):
    """Sends without waiting, and reads what comes until the socket is closed."""

    def __init__(self, speaker: Speaker, kind: str, fields: dict[str, object]) -> None:
        super().__init__(daemon=True)
        self.socket, self.kind, self.fields = speaker.socket, kind, fields
        self.done_count = 0
        self.codes: Counter[str] = Counter()
        self.close_code: int | None = None

    def run(self) -> None:
        sending = threading.Thread(target=self._send, daemon=True)
        sending.start()
        try:
            while True:
                value = json.loads(self.socket.recv(timeout=20))
                for frame in value if isinstance(value, list) else [value]:
                    self._count(frame)
        except ConnectionClosed as closed:
            self.close_code = closed.rcvd.code if closed.rcvd else None
        sending.join()

    def _send(self) -> None:
        with suppress(ConnectionClosed):
            for number in range(_FLOOD_COUNT):
                own_key = {"client_message_id": f"flood-{number:08}"} if self.kind == "message.post" else {}
                self.socket.send(
                    json.dumps({"type": self.kind, "ref": f"f{number}", **self.fields, **own_key})
                )

    def _count(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "reply" and frame["ok"]:
            self.done_count += 1
        elif frame["type"] == "reply":
            self.codes[frame["error"]["code"]] += 1
