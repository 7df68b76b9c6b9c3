"""F-2x: a database that is shut down, frozen, far away, read-only, or crowded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import psycopg

from tests.faults.checks.case import Bounds
from tests.faults.proxy import Proxy
from tests.faults.rows import row
from tests.faults.rows.answers import administrator, answers, expect_passing
from tests.faults.scene import Scene


@row(
    "F-21",
    "PostgreSQL is shut down by its administrator and comes back some seconds later",
    lasts_s=4,
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 10, 40),
)
async def postgres_shut_down(scene: Scene) -> AsyncIterator[None]:
    await scene.world.postgres.stop()
    yield
    expect_passing(scene)
    await scene.world.postgres.start()


@row(
    "F-22",
    "PostgreSQL ends all sessions, again and again",
    lasts_s=6,
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 20, 40),
)
async def sessions_terminated(scene: Scene) -> AsyncIterator[None]:
    async def terminate() -> None:
        while True:
            await scene.world.postgres.terminate_backends()
            await asyncio.sleep(scene.rng.uniform(0.1, 0.8))

    task = asyncio.create_task(terminate())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    expect_passing(scene)


@row(
    "F-23",
    "PostgreSQL is frozen with all its sessions for longer than anybody waits",
    lasts_s=11,
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 8, 40),
)
async def postgres_frozen(scene: Scene) -> AsyncIterator[None]:
    await scene.world.postgres.freeze()
    yield
    for web in scene.world.webs:
        for path in ("/livez", "/readyz"):
            answer = await asyncio.to_thread(web.process.get, path)
            scene.expect(answer.status == 200, f"{path} of {web.name} says {answer.status}")
    expect_passing(scene)
    await scene.world.postgres.thaw()


@row(
    "F-24",
    "PostgreSQL is 100 ms away, and up to 50 ms more",
    lasts_s=6,
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 40, 40),
)
async def postgres_far(scene: Scene) -> AsyncIterator[None]:
    # A batch goes there and back twice, once of it under the room's lock, and all web processes wait for each other.
    lines = _far(scene, 0.1, 0.05)
    yield
    expect_passing(scene)
    scene.expect(answers(scene)["ok"] >= 8, f"only {answers(scene)['ok']} messages were stored meanwhile")
    for line in lines:
        line.heal()


@row(
    "F-24b",
    "PostgreSQL is 10 ms away, and up to 10 ms more",
    lasts_s=6,
    bounds=Bounds(recovery_s=8, available_share=0.9, reconnects_max_count=0),
)
async def postgres_not_near(scene: Scene) -> AsyncIterator[None]:
    lines = _far(scene, 0.01, 0.01)
    yield
    expect_passing(scene)
    for line in lines:
        line.heal()


def _far(scene: Scene, delay_s: float, jitter_s: float) -> list[Proxy]:
    lines = [scene.world.links[f"{web.name}>postgres"] for web in scene.world.webs]
    for line in lines:
        line.latency(delay_s, jitter_s)
    return lines


@row(
    "F-26",
    "PostgreSQL takes no writes, as after it was demoted, and later does again",
    lasts_s=4,
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 10, 40),
)
async def read_only(scene: Scene) -> AsyncIterator[None]:
    async with administrator(scene) as ask:
        await ask("ALTER SYSTEM SET default_transaction_read_only = on")
        await ask("SELECT pg_reload_conf()")
        try:
            yield
            expect_passing(scene)
            scene.expect(answers(scene)["unavailable"] > 0, "nothing was refused meanwhile")
        finally:
            await ask("SET default_transaction_read_only = off")
            await ask("ALTER SYSTEM RESET default_transaction_read_only")
            await ask("SELECT pg_reload_conf()")


@row(
    "F-27",
    "others have taken all connections of PostgreSQL",
    lasts_s=5,
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 10, 40),
)
async def too_many_connections(scene: Scene) -> AsyncIterator[None]:
    others: list[psycopg.Connection] = []
    try:
        await asyncio.to_thread(_take_all, scene.world.postgres.process.url, others)
        yield
        expect_passing(scene)
        scene.expect(answers(scene)["unavailable"] > 0, "nothing was refused meanwhile")
    finally:
        for other in others:
            other.close()


def _take_all(url: str, taken: list[psycopg.Connection]) -> None:
    """Take every connection there is, and end those that the others have."""
    taken.append(psycopg.connect(url, autocommit=True, application_name="other"))
    while True:
        # Whoever has lost one comes for another.
        taken[0].execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND application_name <> 'other'"
        )
        with suppress(psycopg.OperationalError):
            while True:
                taken.append(psycopg.connect(url, autocommit=True, application_name="other"))
        found = (
            taken[0]
            .execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND application_name <> 'other'"
            )
            .fetchone()
        )
        if found == (0,):
            return
