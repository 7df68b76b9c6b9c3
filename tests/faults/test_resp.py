from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import redis.asyncio
from channels_redis.pubsub import RedisPubSubChannelLayer

from scripts.services import Redis
from tests.faults.resp import RedisProxy, frame_end

_LIMIT_S = 10
_MESSAGES_COUNT = 400


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with Redis(tmp_path_factory.mktemp("redis"), port=0) as running:
        yield running


@pytest_asyncio.fixture
async def proxy(server: Redis) -> AsyncIterator[RedisProxy]:
    async with RedisProxy(("127.0.0.1", server.port or 0), seed=7) as running:
        yield running


async def publish_and_read(proxy: RedisProxy, protocol: int, count: int = _MESSAGES_COUNT) -> list[int]:
    """Publish numbers through the proxy and return what a subscriber behind it gets before the closing word."""
    url = f"redis://127.0.0.1:{proxy.port}/0"
    async with (
        redis.asyncio.from_url(url, protocol=protocol) as client,
        client.pubsub(ignore_subscribe_messages=True) as reader,
    ):
        await reader.subscribe("numbers", "end")
        proxy.mischief.channel = b"numbers"
        before = proxy.mischief.arriving_count
        async with asyncio.timeout(_LIMIT_S):
            while await client.pubsub_numsub("end") != [(b"end", 1)]:  # noqa: ASYNC110 - Redis is asked
                await asyncio.sleep(0)
        for number in range(count):
            # A reply beside the messages, which has to stay whole and in its place.
            assert await client.publish("numbers", number) == 1
            assert (
                await client.echo(f"\r\n*3\r\n$7\r\nmessage {number}")
                == b"\r\n*3\r\n$7\r\nmessage %d" % number
            )
        await client.publish("end", "")
        got: list[int] = []
        is_over = False
        async with asyncio.timeout(_LIMIT_S):
            # Late ones may come after the closing word.
            while not is_over or before + len(got) < proxy.mischief.arriving_count:
                message = await reader.get_message(timeout=1)
                if message and message["channel"] == b"numbers":
                    got.append(int(message["data"]))
                is_over = is_over or bool(message and message["channel"] == b"end")
        assert await reader.get_message(timeout=0.01) is None
        return got


@pytest.mark.parametrize("protocol", [2, 3])
async def test_without_mischief_everything_arrives_once_and_in_order(
    proxy: RedisProxy, protocol: int
) -> None:
    assert await publish_and_read(proxy, protocol) == list(range(_MESSAGES_COUNT))


@pytest.mark.parametrize("protocol", [2, 3])
async def test_a_share_is_lost_a_share_is_doubled_and_a_share_is_late(
    proxy: RedisProxy, protocol: int
) -> None:
    proxy.hints(lose=0.3, double=0.2, swap=0.2, channel=b"numbers")
    got = await publish_and_read(proxy, protocol)
    times = Counter(got)
    done = proxy.mischief
    assert len(times) == _MESSAGES_COUNT - done.lost_count
    assert 0.2 < done.lost_count / _MESSAGES_COUNT < 0.4
    assert sum(count - 1 for count in times.values()) == done.doubled_count > 20
    assert done.swapped_count > 20
    late = sum(1 for one, next_one in itertools.pairwise(got) if next_one < one)
    assert done.swapped_count / 2 < late <= done.swapped_count


async def test_the_same_seed_does_the_same(server: Redis) -> None:
    runs = []
    for _ in range(2):
        async with RedisProxy(("127.0.0.1", server.port or 0), seed=11) as proxy:
            proxy.hints(lose=0.5, double=0.2, channel=b"numbers")
            runs.append(await publish_and_read(proxy, 3, 60))
    assert runs[0] == runs[1]
    assert 10 < len(runs[0]) < 60


async def test_after_healing_nothing_is_lost(proxy: RedisProxy) -> None:
    proxy.hints(lose=1, channel=b"numbers")
    assert await publish_and_read(proxy, 3, 20) == []
    proxy.heal()
    assert await publish_and_read(proxy, 3, 20) == list(range(20))


async def test_the_layer_of_our_processes_loses_what_it_shall(proxy: RedisProxy) -> None:
    layer = RedisPubSubChannelLayer(hosts=[{"address": f"redis://127.0.0.1:{proxy.port}/0"}], prefix="maru")
    try:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await layer.group_send("room", {"type": "first"})
        async with asyncio.timeout(_LIMIT_S):
            assert await layer.receive(channel) == {"type": "first"}
        proxy.hints(lose=1, channel=b"__group__")
        await layer.group_send("room", {"type": "lost"})
        async with asyncio.timeout(_LIMIT_S):
            while proxy.mischief.lost_count == 0:  # noqa: ASYNC110 - a counter has no event
                await asyncio.sleep(0.01)
        proxy.heal()
        await layer.group_send("room", {"type": "third"})
        async with asyncio.timeout(_LIMIT_S):
            assert await layer.receive(channel) == {"type": "third"}
    finally:
        with contextlib.suppress(ConnectionError):
            await layer.flush()


def test_shares_are_shares(tmp_path: Path) -> None:
    proxy = RedisProxy(tmp_path / "nobody")
    with pytest.raises(ValueError, match="shares"):
        proxy.hints(lose=-0.1)
    with pytest.raises(ValueError, match="shares"):
        proxy.hints(lose=0.6, double=0.6)


@pytest.mark.parametrize(
    "value",
    [
        b"+OK\r\n",
        b"-ERR no\r\n",
        b":12\r\n",
        b"$5\r\na\r\nbc\r\n",
        b"$0\r\n\r\n",
        b"$-1\r\n",
        b"*-1\r\n",
        b"*0\r\n",
        b"_\r\n",
        b"#t\r\n",
        b",1.5\r\n",
        b"(123456789012345678901234567890\r\n",
        b"=6\r\ntxt:ab\r\n",
        b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\n\r\n\r\n",
        b">2\r\n+a\r\n*2\r\n:1\r\n%1\r\n+k\r\n~1\r\n:2\r\n",
        b"|1\r\n+ttl\r\n:3\r\n*1\r\n:1\r\n",
    ],
)
def test_the_end_of_every_kind_of_value_is_found_wherever_it_is_cut(value: bytes) -> None:
    assert [frame_end(value[:size]) for size in range(len(value))] == [-1] * len(value)
    assert frame_end(value + b"+next\r\n") == len(value)
