import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import redis.asyncio as redis_asyncio
from channels.layers import channel_layers, get_channel_layer

from chat import metrics
from chat.live.envelope import Item, RoomChanges
from chat.live.layer import EVERYBODY, Layer, group_of
from chatproject import parts
from scripts.services import Redis

pytestmark = pytest.mark.slow
KEYS = ["the new key, made by a person", "the key before"]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with Redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest_asyncio.fixture
async def use(settings: Any, redis: Redis) -> AsyncIterator[Any]:
    layers: list[Layer] = []

    async def started(keys: list[str]) -> Layer:
        settings.CHANNEL_LAYERS = {"default": parts.channel_layer(redis.url, keys)}
        channel_layers.backends.clear()
        layer = Layer(shard_count=4)
        await layer.start()
        await layer.join([5])
        layers.append(layer)
        return layer

    yield started
    async with asyncio.timeout(20):
        for layer in layers:
            await layer.stop()
            await close(layer)
    channel_layers.backends.clear()


async def close(layer: Layer) -> None:
    """Close the connections; a receiver that is cancelled in the very moment of its timeout goes on."""
    for shard in layer._layer._get_layer()._shards:
        while (task := shard._receive_task) is not None and not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=0.2)
    await layer._layer.flush()


def heard_by(layer: Layer) -> asyncio.Queue[Item]:
    heard: asyncio.Queue[Item] = asyncio.Queue()

    def note(items: Any) -> None:
        for item in items:
            if isinstance(item, RoomChanges):
                heard.put_nowait(item)

    layer.on_items = note
    return heard


async def test_what_travels_cannot_be_read_and_both_keys_are_accepted(use: Any, redis: Redis) -> None:
    before = await use(KEYS[1:])
    after = await use(KEYS)
    heard = heard_by(after)
    async with asyncio.timeout(10):
        await subscribed(redis, 2)
        listening = redis_asyncio.from_url(redis.url).pubsub()
        await listening.psubscribe("*")
        before.publish([RoomChanges(5, 1, (b'{"body":"a secret"}',))])
        assert await heard.get() == RoomChanges(5, 1, (b'{"body":"a secret"}',))
        seen = [await listening.get_message(timeout=5) for _ in range(3)]
        await listening.aclose()  # type: ignore[no-untyped-call]
    assert b"secret" not in repr(seen).encode()


async def test_bytes_of_a_stranger_are_counted_and_do_no_harm(use: Any, redis: Redis) -> None:
    ours, stranger = await use(KEYS), await use(["another key"])
    heard = heard_by(ours)
    before = metrics.BAD_ENVELOPES._value.get()
    async with asyncio.timeout(10):
        client = redis_asyncio.from_url(redis.url)
        for channel in await client.pubsub_channels("*"):
            for garbage in (b"", b"\xff" * 40, b"not ours"):
                await client.publish(channel, garbage)
        await client.aclose()
        stranger.publish([RoomChanges(5, 1, (b"{}",))])
        other = await use(KEYS)
        other.publish([RoomChanges(5, 2, (b"{}",))])
        assert (await heard.get()) == RoomChanges(5, 2, (b"{}",))
    assert metrics.BAD_ENVELOPES._value.get() >= before + 3
    assert not ours.is_degraded


async def subscribed(redis: Redis, count: int) -> None:
    """Wait until so many processes listen to everybody's group."""
    client = redis_asyncio.from_url(redis.url)
    layer: Any = get_channel_layer()
    groups = [layer._get_layer()._get_group_channel_name(name) for name in (EVERYBODY, group_of(5, 4))]
    while min(heard for _, heard in await client.pubsub_numsub(*groups)) < count:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await client.aclose()
