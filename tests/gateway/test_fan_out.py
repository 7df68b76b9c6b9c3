"""From the hub to the sockets: one frame for all who read a room, in order with everything else of a socket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.gateway.connection import Connection
from chat.gateway.simple import SimpleConnection
from chat.live import flush
from chat.live.envelope import RoomChanges
from chat.live.flush import Flusher
from chat.live.room_track import RoomTrack
from chat.live.run import Run
from chat.models import User
from chat.protocol import codec
from chat.protocol.errors import CloseCode
from chat.queries.sign_in import Held, SignIn
from tests.gateway.reading import Link, Wire
from tests.live import timeless

ROOM = 7


class Counting(Link):
    """Counts the frames that are made, for all links."""

    made: list[bytes] = []

    @staticmethod
    def frame(payload: bytes) -> bytes:
        Counting.made.append(payload)
        # Another object than the payload, as a frame is.
        return bytes(bytearray(payload))


class Following(Connection):
    """Takes a room up again from the log, as a conversation does."""

    track: RoomTrack
    log: list[bytes]

    async def fell_behind(self, room: int, holds: int) -> None:
        await self.drained()
        while not self.track.serve(self, holds):
            for frame in self.log[holds:]:
                self.offer(frame)
                holds += 1
                await self.drained()


def signed(user: int = 1) -> SignIn:
    me: Any = {}
    return SignIn(User(pk=user, handle="bob"), me, "epoch", Held(user, "", "", ""), 0.0)


def posted(seq: int, size: int = 0) -> bytes:
    sender = {"handle": "bob", "name": "Bob"}
    message = {"id": seq, "body": f"{seq}" + "x" * size, "sender": sender, "attachments": []}
    return codec.encode({"type": "message.posted", "room": ROOM, "seq": seq, "at": "now", "message": message})


def objects(link: Link) -> list[dict[str, Any]]:
    """Return what a client has received, in order."""
    values = [codec.decode_own(b'{"all":' + frame + b"}")["all"] for frame in link.written]
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


class Room:
    """A room and its sockets on our server."""

    def __init__(self, count: int, kind: type[Connection] = Following, link: type[Link] = Counting) -> None:
        Counting.made = []
        self.wire = Wire()
        self.track = RoomTrack(ROOM, Flusher().due)
        self.track.begin(0)
        self.log: list[bytes] = []
        self.links = [link() for _ in range(count)]
        self.connections = [kind(signed(user)) for user in range(1, count + 1)]
        for connection, one in zip(self.connections, self.links, strict=True):
            connection.open(one, self.wire.send, self.wire.close)
            if isinstance(connection, Following):
                connection.track, connection.log = self.track, self.log
            assert self.track.serve(connection, 0)

    def tell(self, first: int, last: int | None = None, size: int = 0) -> None:
        frames = tuple(posted(seq, size) for seq in range(first, (last or first) + 1))
        self.log += frames
        self.track.accept(RoomChanges(ROOM, first, frames))


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_one_frame_is_made_for_all_and_each_is_sent_it_once() -> None:
    room = Room(600)
    room.tell(1)
    await turns()
    assert len(Counting.made) == 1
    assert [len(link.written) for link in room.links] == [1] * 600
    assert len({id(link.written[0]) for link in room.links}) == 1


async def test_changes_that_go_together_are_one_frame_for_all() -> None:
    room = Room(20)
    room.tell(1, 10)
    assert len(Counting.made) == 1
    assert [len(link.written) for link in room.links] == [1] * 20
    assert [one["seq"] for one in objects(room.links[0])] == list(range(1, 11))


async def test_an_event_for_many_is_one_frame_too_and_waits_behind_an_answer() -> None:
    room = Room(20)
    room.connections[0].offer(b'{"answer":1}')
    events = Run(ROOM, 0, (b'{"type":"typing"}',))
    for connection in room.connections:
        connection.offer_events(events)
    assert [len(link.written) for link in room.links] == [0] + [1] * 19
    assert len(Counting.made) == 1
    await turns()
    assert objects(room.links[0]) == [{"answer": 1}, {"type": "typing"}]


async def test_a_change_makes_no_task_and_no_callback_for_its_readers() -> None:
    room = Room(50)
    loop: Any = asyncio.get_running_loop()
    tasks, ready = len(asyncio.all_tasks()), len(loop._ready)
    room.tell(1)
    assert (len(asyncio.all_tasks()), len(loop._ready)) == (tasks, ready)


async def test_a_change_does_not_overtake_an_answer_that_waits() -> None:
    room = Room(2)
    room.connections[0].offer(b'{"answer":1}')
    room.tell(1)
    room.connections[0].offer(b'{"answer":2}')
    # Who waits for nothing has it already.
    assert [len(link.written) for link in room.links] == [0, 1]
    await turns()
    assert [one.get("answer", one.get("seq")) for one in objects(room.links[0])] == [1, 1, 2]
    assert len(room.links[0].written) == 1
    room.tell(2)
    assert [one["seq"] for one in objects(room.links[0])[3:]] == [2]


async def test_a_reader_whose_line_is_full_waits_alone() -> None:
    room = Room(2)
    room.links[0].writable.clear()
    room.tell(1)
    room.tell(2)
    await turns()
    assert [len(link.written) for link in room.links] == [0, 2]
    room.links[0].writable.set()
    await turns()
    room.tell(3)
    assert [[one["seq"] for one in objects(link)] for link in room.links] == [[1, 2, 3]] * 2


async def test_a_closed_connection_is_sent_nothing_more() -> None:
    room = Room(2)
    room.connections[0].close(CloseCode.MOVED)
    room.tell(1)
    await turns()
    assert [len(link.written) for link in room.links] == [0, 1]


async def test_a_stock_server_gets_text_in_order() -> None:
    wire, connection = Wire(), Connection(signed())
    connection.open(None, wire.send, wire.close)
    track = RoomTrack(ROOM, Flusher().due)
    track.begin(0)
    assert track.serve(connection, 0)
    track.accept(RoomChanges(ROOM, 1, tuple(posted(seq) for seq in range(1, 4))))
    await wire.until(lambda: len(wire.objects()) == 3)
    assert [one["seq"] for one in wire.objects()] == [1, 2, 3]
    connection.ended()


class Framed(Link):
    """Frames that can be told apart, as those of a WebSocket."""

    @staticmethod
    def frame(payload: bytes) -> bytes:
        return payload + b"\n"


async def test_in_the_simple_protocol_each_message_is_a_frame_of_its_own() -> None:
    room = Room(2, kind=SimpleConnection, link=Framed)
    room.tell(1, 3)
    room.links[1].writable.clear()
    room.tell(4, 6)
    room.track.accept(RoomChanges(ROOM, 7, (b'{"type":"room.changed","seq":7,"room":7}',)))
    await turns()
    room.links[1].writable.set()
    await turns()
    for link in room.links:
        frames = b"".join(link.written).splitlines()
        assert [codec.decode_own(frame)["message"] for frame in frames] == ["1", "2", "3", "4", "5", "6"]
    # Together nevertheless, for one system call.
    assert len(room.links[0].written) == 2
    for connection in room.connections:
        connection.ended()


words = st.sampled_from(["tell", "tell", "tell", "large", "answer", "shut", "open", "turn", "rest"])
steps = st.lists(st.tuples(words, st.integers(0, 5)), max_size=50)


@settings(max_examples=300, deadline=None)
@given(steps=steps, sends=st.sampled_from([1, 2, 256]))
def test_however_lines_fill_and_empty_every_reader_has_every_change_and_answer_once_in_order(
    steps: list[tuple[str, int]], sends: int
) -> None:
    async def story() -> None:
        room, head, answers = Room(3), 0, [0, 0, 0]
        for word, number in steps:
            if word in ("tell", "large"):
                # Some of the large ones do not fit, and are taken up again later.
                room.tell(head + 1, head + 1 + number, size=60_000 if word == "large" else 0)
                head += 1 + number
            elif word == "answer":
                answers[number % 3] += 1
                room.connections[number % 3].offer(b'{"answer":%d}' % answers[number % 3])
            elif word == "shut":
                room.links[number % 3].writable.clear()
            elif word == "open":
                room.links[number % 3].writable.set()
            elif word == "turn":
                await asyncio.sleep(0)
            else:
                await asyncio.sleep(0.02)
            if head > 50:
                break
        for link in room.links:
            link.writable.set()
        await asyncio.sleep(5)
        for link, answered in zip(room.links, answers, strict=True):
            got = objects(link)
            assert [one["seq"] for one in got if "seq" in one] == list(range(1, head + 1))
            assert [one["answer"] for one in got if "answer" in one] == list(range(1, answered + 1))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "SENDS_COUNT", sends)
        patch.setattr(flush, "BIG_COUNT", 2)
        patch.setattr(flush, "REST_S", 0.005)
        timeless.run(story())
