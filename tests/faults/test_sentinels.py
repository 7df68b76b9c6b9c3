from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from channels_redis.pubsub import RedisPubSubChannelLayer
from kombu.exceptions import OperationalError

from chatproject import parts, settings
from scripts.services.process import until
from tests.faults.sentinels import PRIMARY, Sentinels

_LIMIT_S = 30


@pytest.mark.slow
def test_the_replica_takes_over_and_the_old_primary_comes_back_as_its_replica(tmp_path: Path) -> None:
    with Sentinels(tmp_path) as sentinels:
        first, second = sentinels.servers
        assert sentinels.primary() is first
        first.kill()
        assert until(lambda: sentinels.primary() is second, _LIMIT_S)
        first.start()

        def role() -> str:
            with first.connect() as connection:
                return str(connection.info("replication")["role"])

        assert until(lambda: role() == "slave", _LIMIT_S)
        assert sentinels.primary() is second


async def close(layer: Any) -> None:
    # The layer closes its connections to Redis, but not those to the sentinels, nor would anybody else.
    (shard,) = layer._layers[asyncio.get_running_loop()]._shards
    watchers = shard._redis.connection_pool.sentinel_manager.sentinels
    # A receiver that is cancelled in the very moment of its timeout goes on.
    while not shard._receive_task.done():
        shard._receive_task.cancel()
        await asyncio.wait([shard._receive_task], timeout=0.2)
    await layer.flush()
    for watcher in watchers:
        await watcher.aclose(close_connection_pool=True)


@pytest.mark.slow
async def test_the_channel_layer_follows_the_primary(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    with Sentinels(tmp_path) as sentinels:
        host = {"master_name": PRIMARY, "sentinels": sentinels.addresses, "socket_timeout": 2}
        layer = RedisPubSubChannelLayer(hosts=[host], prefix="maru")
        try:
            channel = await layer.new_channel()
            await layer.group_add("room", channel)
            await layer.group_send("room", {"number": 0})
            async with asyncio.timeout(_LIMIT_S):
                assert await layer.receive(channel) == {"number": 0}
            sentinels.servers[0].kill()
            second = sentinels.servers[1]
            assert await loop.run_in_executor(
                None, until, lambda: sentinels.primary() is second, float(_LIMIT_S)
            )
            waiting = asyncio.ensure_future(layer.receive(channel))
            async with asyncio.timeout(_LIMIT_S):
                # What is published before the subscription is back is lost: that is this layer's promise.
                number = 1
                while not waiting.done():
                    with contextlib.suppress(redis.RedisError):
                        await layer.group_send("room", {"number": number})
                    number += 1
                    await asyncio.wait([waiting], timeout=0.1)
            assert (await waiting)["number"] >= 1
        finally:
            await close(layer)


@pytest.mark.slow
def test_work_goes_to_the_redis_that_the_sentinels_name(tmp_path: Path) -> None:
    with Sentinels(tmp_path) as sentinels:
        hosts = ",".join(f"{host}:{port}" for host, port in sentinels.addresses)
        url = parts.redis_address("CELERY_REDIS_URL", f"redis+sentinel://{hosts}/{PRIMARY}/0")
        watched = parts.celery_sentinel(url)
        app = Celery(
            broker=parts.celery_redis(url, database_offset=1),
            backend=parts.celery_redis(url, database_offset=2),
            broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS | watched,
            result_backend_transport_options=watched,
        )
        first, second = sentinels.servers

        def is_taken() -> bool:
            try:
                app.send_task("nothing.at_all", retry=False)
                app.backend.store_result("an-id", {"a": 1}, "SUCCESS")
            except (OperationalError, redis.RedisError):
                return False
            return True

        assert until(is_taken, _LIMIT_S)
        with first.connect(1) as tasks, first.connect(2) as results:
            assert (tasks.llen("celery"), results.dbsize()) == (1, 1)
        first.kill()
        assert until(lambda: sentinels.primary() is second, _LIMIT_S)
        with second.connect(1) as tasks:
            before = tasks.llen("celery")
            assert until(is_taken, _LIMIT_S)
            assert tasks.llen("celery") == before + 1
        app.close()
