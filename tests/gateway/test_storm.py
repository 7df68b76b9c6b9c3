import asyncio
from typing import Any

import pytest

from chat import database, metrics
from chat.live.turnstile import Turnstile
from tests.cast import Cast
from tests.gateway.test_revocation import session_of

Connect = Any


def refused(why: str) -> float:
    return float(metrics.HANDSHAKES.labels(why)._value.get())


@pytest.fixture
def closed_soon(configure: Any) -> None:
    """Four at once, then one in ten seconds: how fast the machine is must not decide how many come in."""
    configure(HANDSHAKES_PER_S=0.1, HANDSHAKES_BURST=4)


@pytest.fixture
def three_an_address(configure: Any) -> None:
    configure(HANDSHAKES_PER_S_PER_IP=0.1, HANDSHAKES_BURST_PER_IP=3)


async def test_who_comes_in_a_crowd_is_let_in_or_asked_to_come_later_each_at_another_time(
    closed_soon: None, cast: Cast, connect: Connect, runtime: Any
) -> None:
    before = refused("rate")
    sockets = await asyncio.gather(*(connect(cast.token(cast.bob)) for _ in range(12)))
    firsts = [await socket.next() for socket in sockets]
    assert all(socket.accepted for socket in sockets)
    assert sorted(frame["type"] for frame in firsts) == ["bye"] * 8 + ["hello"] * 4
    sent_away = [socket for socket, frame in zip(sockets, firsts, strict=True) if frame["type"] == "bye"]
    assert [await socket.closed() for socket in sent_away] == [4200] * 8
    waits = [frame["in_ms"] for frame in firsts if frame["type"] == "bye"]
    assert all(2_000 <= wait <= 10_000 for wait in waits)
    assert len(set(waits)) > 4
    assert refused("rate") == before + 8
    # They hold no place, and those who are in go on.
    assert runtime.connections == {cast.bob.pk: 4}
    for socket in sockets:
        if socket not in sent_away:
            await socket.resume()


async def test_who_waits_for_a_turn_gets_in(cast: Cast, connect: Connect, runtime: Any) -> None:
    runtime.turnstile = Turnstile(rate_per_s=20, burst=1, most_s=2.0)
    sockets = await asyncio.gather(*(connect(cast.token(cast.bob)) for _ in range(5)))
    assert [(await socket.next())["type"] for socket in sockets] == ["hello"] * 5


async def test_the_simple_protocol_is_told_in_its_own_words(
    closed_soon: None, cast: Cast, connect: Connect, runtime: Any
) -> None:
    for _ in range(4):
        await connect(cast.token(cast.bob), "/ws/chat/")
    late = await connect(cast.token(cast.bob), "/ws/chat/")
    error = (await late.next())["error"]
    assert (error["code"], error["retry"]) == ("unavailable", True)
    assert 2_000 <= error["after_ms"] <= 10_000
    assert await late.closed() == 4200


async def test_one_address_in_a_hurry_does_not_keep_others_out(
    three_an_address: None, cast: Cast, connect: Connect
) -> None:
    before = refused("address_rate")
    hasty = [await connect(cast.token(cast.bob), address="203.0.113.9") for _ in range(5)]
    kinds = [(await socket.next())["type"] for socket in hasty]
    assert kinds == ["hello"] * 3 + ["bye"] * 2
    assert [await socket.closed() for socket in hasty[3:]] == [4200] * 2
    assert refused("address_rate") == before + 2
    other = await connect(cast.token(cast.bob), address="203.0.113.10")
    assert (await other.next())["type"] == "hello"


async def test_where_no_address_is_known_none_is_counted(cast: Cast, connect: Connect, runtime: Any) -> None:
    await connect(cast.token(cast.bob))
    assert len(runtime.address_buckets) == 0
    await connect(cast.token(cast.bob), address="203.0.113.9")
    assert len(runtime.address_buckets) == 1


async def test_one_session_has_so_many_sockets_and_no_more(
    configure: Any, cast: Cast, connect: Connect, runtime: Any
) -> None:
    configure(CONNECTIONS_PER_SESSION=2)
    keys = [await database.run(session_of, cast.bob) for _ in range(2)]
    page = {"origin": "http://localhost:8000"}
    held = [await connect(cookie=f"sessionid={keys[0]}", **page) for _ in range(2)]
    third = await connect(cookie=f"sessionid={keys[0]}", **page)
    assert await third.closed() == 4202
    # Another browser of the same person, and a program, which may run on many machines.
    other = await connect(cookie=f"sessionid={keys[1]}", **page)
    for socket in (other, *[await connect(cast.token(cast.bob)) for _ in range(3)]):
        assert (await socket.next())["type"] == "hello"
    await held[0].close()
    again = await connect(cookie=f"sessionid={keys[0]}", **page)
    assert (await again.next())["type"] == "hello"
    assert sorted(runtime.sessions.values()) == [1, 2]
