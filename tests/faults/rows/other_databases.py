"""F-2B to F-2D: another database takes the place of the one there was: a backup, a standby."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import quote

from scripts.services import Postgres, manage
from tests.faults.checks.case import Bounds
from tests.faults.history import Acked, Reset, Restored
from tests.faults.rows import row
from tests.faults.rows.answers import answers, expect_passing
from tests.faults.rows.restarts import closes_count, restarted_with
from tests.faults.scene import Scene
from tests.faults.standbys import standby_of


@row(
    "F-2B",
    "the database is restored from an older backup while people are connected",
    bounds=Bounds(recovery_s=20, may_reset=True),
    sends=(60, 0, 60),
)
async def restored(scene: Scene) -> AsyncIterator[None]:
    company, world = scene.company, scene.world
    server, backup = world.postgres.process, world.folder / "maru.dump"
    as_of_s = scene.history.now_s
    dumped = await asyncio.to_thread(_run, server, "pg_dump", "--format=custom")
    backup.write_bytes(dumped)
    await company.answered(60)
    # As the operator is told: the web processes stop, people are left waiting.
    await asyncio.gather(*(web.stop() for web in world.webs))
    await asyncio.to_thread(
        _run,
        server,
        "pg_restore",
        "--clean",
        "--if-exists",
        "--single-transaction",
        "--exit-on-error",
        f"--dbname={server.owner}",
        given=backup.read_bytes(),
    )
    await asyncio.to_thread(manage, ["new_epoch"], world.webs[0].process.env)
    scene.history.note(Restored, as_of_s=as_of_s)
    await asyncio.gather(*(web.start() for web in world.webs))
    await _everybody_resets(scene)
    backup.unlink()
    yield
    lost = await _lost(scene)
    scene.expect(bool(lost), "nothing was stored after the backup: the row has missed its moment")


@row(
    "F-2C",
    "PostgreSQL dies and its synchronous standby takes over",
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 20, 40),
)
async def standby_in_step(scene: Scene) -> AsyncIterator[None]:
    async with standby_of(scene.world) as pair:
        await pair.follows(in_step=True)
        await scene.company.answered(scene.rng.randint(20, 40))
        await pair.primary.kill()
        await pair.take_over()
        yield
        expect_passing(scene)


@row(
    "F-2Cb",
    "the synchronous standby is cut off for some seconds, PostgreSQL dies, and the standby takes over",
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 20, 40),
)
async def standby_cut_off(scene: Scene) -> AsyncIterator[None]:
    async with standby_of(scene.world) as pair:
        await pair.follows(in_step=True)
        await scene.company.answered(scene.rng.randint(10, 20))
        pair.line.drop("to_client")
        await asyncio.sleep(scene.rng.uniform(6, 12))
        await pair.primary.kill()
        await pair.take_over()
        yield
        expect_passing(scene)


@row(
    "F-2Cc",
    "a synchronous standby takes over, and DATABASE_URL names both servers",
    bounds=Bounds(recovery_s=20),
    sends=(40, 20, 40),
)
async def standby_by_name(scene: Scene) -> AsyncIterator[None]:
    async with standby_of(scene.world) as pair, AsyncExitStack() as stack:
        await pair.follows(in_step=True)
        servers = [pair.primary.process, pair.standby.process]
        hosts = ",".join(quote(str(server.socket_folder), safe="") for server in servers)
        url = f"postgresql://{servers[0].owner}@{hosts}:5432/{servers[0].owner}"
        for web in scene.world.webs:
            await stack.enter_async_context(restarted_with(web, DATABASE_URL=url))
        await scene.company.answered(scene.rng.randint(20, 40))
        closed = closes_count(scene)
        await pair.primary.kill()
        await pair.take_over()
        ok = answers(scene)["ok"]
        await scene.company.until(lambda: answers(scene)["ok"] > ok + 20)
        scene.expect(closes_count(scene) == closed, "a socket was closed")
        yield


@row(
    "F-2D",
    "PostgreSQL dies and an asynchronous standby takes over, which has not had everything",
    bounds=Bounds(recovery_s=20, may_reset=True),
    sends=(40, 20, 60),
)
async def standby_behind(scene: Scene) -> AsyncIterator[None]:
    company, world = scene.company, scene.world
    async with standby_of(world) as pair:
        await pair.follows(in_step=False)
        await company.answered(scene.rng.randint(10, 20))
        as_of_s = scene.history.now_s
        await pair.catches_up()
        pair.line.drop("to_client")
        await company.answered(scene.rng.randint(20, 60))
        await pair.primary.kill()
        await pair.take_over()
        scene.history.note(Restored, as_of_s=as_of_s)
        ok = answers(scene)["ok"]
        await company.until(lambda: answers(scene)["ok"] > ok)
        await asyncio.to_thread(manage, ["new_epoch"], world.webs[0].process.env)
        await _everybody_resets(scene)
        yield
    scene.expect(bool(await _lost(scene)), "nothing was lost: the row has missed its moment")


async def _everybody_resets(scene: Scene) -> None:
    """Wait until every client has read everything anew."""

    def waiting() -> set[str]:
        reset = {event.tab for event in scene.history.of(Reset)}
        return scene.company.tabs.keys() - reset

    with contextlib.suppress(TimeoutError):
        await scene.company.until(lambda: not waiting(), 40)
    scene.expect(not waiting(), f"not told that the log is another one: {sorted(waiting())}")


async def _lost(scene: Scene) -> set[str]:
    """Return the keys of what was answered with ok and is gone."""
    rooms = ", ".join(map(str, scene.company.rooms.values()))
    query = f"SELECT client_message_id FROM chat_message WHERE room_id IN ({rooms})"
    stored = {key for (key,) in await scene.world.sql(query)}
    return {event.key for event in scene.history.of(Acked)} - stored


def _run(server: Postgres, program: str, *arguments: str, given: bytes | None = None) -> bytes:
    """Run one of PostgreSQL's programs on the database of the world."""
    command = [str(server.programs / program), "-h", str(server.socket_folder), "-p", "5432"]
    command += ["-U", server.owner, *arguments]
    done = subprocess.run(
        command,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PGDATABASE": server.owner},
        input=given,
        capture_output=True,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise AssertionError(f"{program} failed: {done.stderr.decode(errors='replace')[:500]}")
    return done.stdout
