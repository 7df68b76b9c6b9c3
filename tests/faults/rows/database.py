"""F-2x: the database away, frozen, slow, full or read-only."""

from __future__ import annotations

from collections.abc import AsyncIterator

from tests.faults.checks.case import Bounds
from tests.faults.rows import row
from tests.faults.scene import Scene


@row(
    "F-20",
    "PostgreSQL is killed with kill -9 and comes back some seconds later",
    lasts_s=4,
    bounds=Bounds(recovery_s=10),
    sends=(40, 10, 40),
    is_smoke=True,
)
async def postgres_killed(scene: Scene) -> AsyncIterator[None]:
    before = sum(len(tab.closes) for tab in scene.company.tabs.values())
    await scene.world.postgres.kill()
    yield
    after = sum(len(tab.closes) for tab in scene.company.tabs.values())
    scene.expect(after == before, f"{after - before} sockets were closed while the database was away")
    await scene.world.postgres.start()
