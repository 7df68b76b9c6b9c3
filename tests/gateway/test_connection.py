import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from chat import conf
from chat.gateway.connection import Connection
from chat.models import User
from chat.protocol import codec
from chat.protocol.errors import CloseCode
from chat.queries.sign_in import Held, SignIn
from tests.gateway.reading import Link, Wire

_WAIT_S = 10.0


@pytest_asyncio.fixture
async def wire() -> Wire:
    return Wire()


@pytest_asyncio.fixture
async def connection(wire: Wire) -> AsyncIterator[Connection]:
    made = Connection(signed())
    made.open(None, wire.send, wire.close)
    yield made
    made.ended()


def signed() -> SignIn:
    me: Any = {}
    return SignIn(User(pk=1, handle="bob"), me, "epoch", Held(1, "", "", ""), 0.0)


def frame(number: int, size: int = 0) -> bytes:
    return codec.encode({"n": number, "x": "x" * size})


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_frames_leave_in_order_and_what_waits_together_leaves_together(
    connection: Connection, wire: Wire
) -> None:
    wire.open.clear()
    for number in range(5):
        connection.offer(frame(number))
    await turns()
    for number in range(5, 10):
        connection.offer(frame(number))
    wire.open.set()
    await wire.until(lambda: len(wire.numbers()) == 10)
    assert wire.numbers() == list(range(10))
    assert len(wire.texts) == 2


async def test_a_reader_who_does_not_read_is_cut_and_costs_no_more_memory(
    connection: Connection, wire: Wire
) -> None:
    wire.open.clear()
    for number in range(1_000):
        connection.offer(frame(number, 1_000))
    await wire.until(lambda: wire.code is not None)
    assert wire.code is CloseCode.TOO_SLOW
    assert connection._queue.waiting_bytes == 0
    connection.offer(frame(1))
    connection.offer_droppable(frame(1))
    assert connection._queue.waiting_bytes == 0


async def test_up_to_the_bound_nobody_is_cut(connection: Connection, wire: Wire) -> None:
    wire.open.clear()
    for number in range(250):
        connection.offer(frame(number, 1_000))
    await turns()
    assert wire.code is None
    assert connection._queue.waiting_bytes <= conf.get().SEND_QUEUE_BYTES
    wire.open.set()
    await wire.until(lambda: len(wire.numbers()) == 250)
    assert wire.numbers() == list(range(250))


async def test_a_large_answer_cuts_nobody_and_the_next_waits_for_it(
    connection: Connection, wire: Wire
) -> None:
    wire.open.clear()
    await connection.answer(frame(0, 500_000))
    second = asyncio.ensure_future(connection.answer(frame(1, 500_000)))
    connection.offer(frame(2))
    await turns()
    assert not second.done()
    wire.open.set()
    await wire.until(lambda: len(wire.numbers()) == 3)
    await second
    assert wire.numbers() == [0, 2, 1]
    assert wire.code is None


async def test_who_waits_for_room_is_let_go_when_the_socket_ends(connection: Connection, wire: Wire) -> None:
    wire.open.clear()
    await connection.answer(frame(0, 500_000))
    waiting = [
        asyncio.ensure_future(connection.answer(frame(1, 500_000))),
        asyncio.ensure_future(connection.drained()),
    ]
    await turns()
    assert not any(task.done() for task in waiting)
    connection.ended()
    async with asyncio.timeout(_WAIT_S):
        await asyncio.gather(*waiting)


async def test_events_are_the_first_to_go(connection: Connection, wire: Wire) -> None:
    wire.open.clear()
    for number in range(100):
        connection.offer_droppable(frame(number, 1_000))
    await turns()
    assert connection._queue.waiting_bytes <= conf.get().SEND_QUEUE_BYTES * 0.25
    assert wire.code is None


async def test_a_client_that_has_gone_is_no_error(connection: Connection, wire: Wire) -> None:
    wire.is_gone = True
    connection.offer(frame(1))
    await turns()
    connection.offer(frame(2))
    await turns()
    assert wire.texts == []
    assert connection._queue.waiting_bytes == 0


async def test_a_closed_connection_is_closed_once(connection: Connection, wire: Wire) -> None:
    connection.close(CloseCode.MOVED)
    connection.close(CloseCode.TOO_SLOW)
    await turns()
    assert wire.code is CloseCode.MOVED


async def test_what_it_had_running_ends_with_it(connection: Connection) -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    connection.spawn(work())
    await turns()
    connection.ended()
    async with asyncio.timeout(_WAIT_S):
        await ended.wait()


async def test_on_our_server_what_came_in_one_turn_is_one_frame(wire: Wire) -> None:
    link, connection = Link(), Connection(signed())
    connection.open(link, wire.send, wire.close)
    connection.offer(b'{"n":1}')
    connection.offer(b'{"n":2}')
    await turns()
    assert link.written == [b'[{"n":1},{"n":2}]']
    connection.ended()


async def test_on_our_server_a_full_line_is_waited_for(wire: Wire) -> None:
    link, connection = Link(), Connection(signed())
    connection.open(link, wire.send, wire.close)
    link.writable.clear()
    connection.offer(b'{"n":1}')
    await turns()
    connection.offer(b'{"n":2}')
    await turns()
    assert link.written == []
    link.writable.set()
    await turns()
    assert [codec.decode_own(b'{"all":' + frame + b"}") for frame in link.written] == [
        {"all": [{"n": 1}, {"n": 2}]}
    ]
    connection.ended()


@pytest.mark.parametrize("way", ["room_joined", "room_left"])
async def test_the_hub_may_tell_of_rooms_at_any_time(connection: Connection, way: str) -> None:
    connection.rooms.add(5)
    getattr(connection, way)(5)
    assert connection.rooms == ({5} if way == "room_joined" else set())
