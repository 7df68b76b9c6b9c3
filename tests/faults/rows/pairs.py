"""Two at once: a web process that dies, freezes or is deployed while Redis is away or frozen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from tests.faults.checks.case import Bounds
from tests.faults.parts import Part
from tests.faults.rows import row
from tests.faults.rows.restarts import closes_count, tracebacks_count
from tests.faults.scene import Scene

_FREEZE_S = 20.0
_BOUNDS = Bounds(recovery_s=10, delivery_s=15)


@row("F-01+F-10", "kill -9 of a web process while Redis is away", lasts_s=4, bounds=_BOUNDS)
async def web_and_redis_killed(scene: Scene) -> AsyncIterator[None]:
    web, redis = scene.rng.choice(scene.world.webs), scene.world.redis
    parts: list[Part[Any]] = [web, redis]
    scene.rng.shuffle(parts)
    for part in parts:
        await part.kill()
        await scene.company.answered(10)
    yield
    scene.rng.shuffle(parts)
    for part in parts:
        await part.start()


@row("F-01+F-12", "kill -9 of a web process while Redis is frozen", lasts_s=4, bounds=_BOUNDS)
async def web_killed_redis_frozen(scene: Scene) -> AsyncIterator[None]:
    web, redis = scene.rng.choice(scene.world.webs), scene.world.redis
    await redis.freeze()
    await scene.company.answered(10)
    await web.kill()
    yield
    # It begins without Redis.
    await web.start()
    await scene.company.answered(10)
    await redis.thaw()


@row("F-06+F-10", "a web process is frozen for 20 s, and Redis dies meanwhile", bounds=_BOUNDS)
async def web_frozen_redis_killed(scene: Scene) -> AsyncIterator[None]:
    web, redis = scene.rng.choice(scene.world.webs), scene.world.redis
    await web.freeze()
    await asyncio.sleep(_FREEZE_S / 2)
    await redis.kill()
    await asyncio.sleep(_FREEZE_S / 2)
    yield
    await web.thaw()
    await scene.company.answered(10)
    await redis.start()


@row("F-06+F-12", "a web process is frozen for 20 s together with Redis", bounds=_BOUNDS)
async def web_and_redis_frozen(scene: Scene) -> AsyncIterator[None]:
    parts: list[Part[Any]] = [scene.rng.choice(scene.world.webs), scene.world.redis]
    scene.rng.shuffle(parts)
    for part in parts:
        await part.freeze()
    await asyncio.sleep(_FREEZE_S)
    yield
    scene.rng.shuffle(parts)
    for part in parts:
        await part.thaw()


@row(
    "F-40+F-10",
    "rolling SIGTERM of all web processes while Redis is away",
    bounds=Bounds(recovery_s=10, delivery_s=15, reconnects_max_count=4),
)
async def deploy_without_redis(scene: Scene) -> AsyncIterator[None]:
    await scene.world.redis.kill()
    await scene.company.answered(10)
    await _deploy(scene)
    yield
    await scene.world.redis.start()


@row(
    "F-40+F-12",
    "rolling SIGTERM of all web processes while Redis is frozen",
    bounds=Bounds(recovery_s=10, delivery_s=15, reconnects_max_count=4),
)
async def deploy_with_redis_frozen(scene: Scene) -> AsyncIterator[None]:
    await scene.world.redis.freeze()
    await scene.company.answered(10)
    await _deploy(scene)
    yield
    closed = closes_count(scene)
    await scene.world.redis.thaw()
    await scene.company.answered(40)
    scene.expect(closes_count(scene) == closed, "a socket was closed when Redis went on")


async def _deploy(scene: Scene) -> None:
    places = [web.log.stat().st_size for web in scene.world.webs]
    await scene.world.rolling_restart()
    for web, place in zip(scene.world.webs, places, strict=True):
        scene.expect(web.returncode is None, f"{web.name} has ended with {web.returncode}")
        scene.expect(not tracebacks_count(web, place), f"{web.name} wrote a traceback")
