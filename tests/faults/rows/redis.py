"""F-1x: Redis away, frozen, empty, or cut off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from tests.faults.checks.case import Bounds
from tests.faults.rows import row
from tests.faults.scene import Scene


@row(
    "F-10",
    "Redis is killed and comes back some seconds later",
    lasts_s=5,
    bounds=Bounds(recovery_s=3, delivery_s=3, available_share=0.99),
    is_smoke=True,
)
async def redis_killed(scene: Scene) -> AsyncIterator[None]:
    await scene.world.redis.kill()
    yield
    await _tells(scene, "redis")
    await scene.world.redis.start()
    scene.expect(_closed_count(scene) == 0, "a socket was closed")


@row(
    "F-12",
    "Redis is frozen for some seconds",
    lasts_s=6,
    bounds=Bounds(recovery_s=3, delivery_s=4, available_share=0.99),
    is_smoke=True,
)
async def redis_frozen(scene: Scene) -> AsyncIterator[None]:
    await scene.world.redis.freeze()
    yield
    await scene.world.redis.thaw()
    scene.expect(_closed_count(scene) == 0, "a socket was closed")


def _closed_count(scene: Scene) -> int:
    return sum(len(tab.closes) for tab in scene.company.tabs.values())


async def _tells(scene: Scene, part: str) -> None:
    answer = await asyncio.to_thread(scene.world.webs[0].process.get, "/healthz")
    told = json.loads(answer.body)["degraded"]
    scene.expect(answer.status == 200 and part in told, f"/healthz says {answer.status} {told}")
