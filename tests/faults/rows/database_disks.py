"""F-25 and F-28: the disks of a PostgreSQL are full, or slow."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psycopg

from tests.faults.checks.case import Bounds
from tests.faults.disks import duty_cycle, family, small_disk
from tests.faults.rows import row
from tests.faults.rows.answers import administrator, answers, expect_passing
from tests.faults.scene import Scene

_SMALL_DISK_BYTES = 16 * 1024 * 1024
# Above what the log has when it comes there.
_LOG_ROOM_BYTES = 64 * 1024 * 1024
_LOG_FILES_MORE_COUNT = 8
_TABLES = ("chat_message", "chat_change")


@row(
    "F-25",
    "the disk of PostgreSQL's tables is full",
    lasts_s=5,
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 10, 40),
)
async def disk_full(scene: Scene) -> AsyncIterator[None]:
    with small_disk(_SMALL_DISK_BYTES) as disk:
        space = disk.path / "tables"
        space.mkdir()
        if scene.world.postgres.process.user:
            shutil.chown(space, scene.world.postgres.process.user)
        async with administrator(scene) as ask:
            await ask(f"CREATE TABLESPACE small LOCATION '{space}'")
            try:
                for table in _TABLES:
                    # What earlier rows have left free inside would hold thousands of messages more.
                    await ask(f"VACUUM FULL {table}")
                    await ask(f"ALTER TABLE {table} SET TABLESPACE small")
                disk.fill()
                await scene.company.until(lambda: answers(scene)["unavailable"] > 0)
                yield
                expect_passing(scene)
                disk.free()
                acked = answers(scene)["ok"]
                await scene.company.until(lambda: answers(scene)["ok"] > acked + 5)
            finally:
                disk.free()
                for table in _TABLES:
                    await ask(f"ALTER TABLE {table} SET TABLESPACE pg_default")
                # The files go with a checkpoint.
                await ask("CHECKPOINT")
                await ask("DROP TABLESPACE small")


@row(
    "F-25b",
    "the disk of PostgreSQL's own log is full, and the server ends by that",
    lasts_s=3,
    bounds=Bounds(recovery_s=20, reconnects_max_count=0),
    sends=(40, 10, 40),
)
async def log_disk_full(scene: Scene) -> AsyncIterator[None]:
    server = scene.world.postgres
    log = server.process.data / "pg_wal"
    await server.stop()
    sizes = [file.stat().st_size for file in log.rglob("*") if file.is_file()]
    with small_disk(sum(sizes) + _LOG_ROOM_BYTES) as disk:
        place = disk.path / "pg_wal"
        await asyncio.to_thread(_move_with_link, log, place)
        try:
            await server.start()
            ok = answers(scene)["ok"]
            await scene.company.until(lambda: answers(scene)["ok"] > ok)
            disk.fill()
            async with administrator(scene) as ask:
                with suppress(psycopg.OperationalError):
                    for _ in range(len(sizes) + _LOG_FILES_MORE_COUNT):
                        await ask("SELECT pg_switch_wal(), pg_logical_emit_message(true, 'full', 'x')")
                    scene.expect(False, "the log has found room")
            await scene.company.until(lambda: answers(scene)["unavailable"] > 0)
            yield
            expect_passing(scene)
            disk.free()
            if server.is_running:
                await server.stop()
            await server.start()
            ok = answers(scene)["ok"]
            await scene.company.until(lambda: answers(scene)["ok"] > ok + 5)
        finally:
            disk.free()
            await server.stop()
            log.unlink()
            await asyncio.to_thread(_copy, place, log)
    await server.start()


@row(
    "F-28",
    "PostgreSQL stands still for 0.4 s in each second, as with a slow disk",
    lasts_s=6,
    bounds=Bounds(recovery_s=6, available_share=0.8, reconnects_max_count=0),
    sends=(40, 40, 40),
)
async def disk_slow(scene: Scene) -> AsyncIterator[None]:
    pid = scene.world.postgres.pid
    async with duty_cycle(lambda: family(pid), 0.4, 0.6):
        yield
    expect_passing(scene)


def _move_with_link(folder: Path, place: Path) -> None:
    _copy(folder, place)
    shutil.rmtree(folder)
    folder.symlink_to(place)


def _copy(source: Path, target: Path) -> None:
    # Owners and all.
    subprocess.run(["cp", "-a", str(source), str(target)], check=True, timeout=60)
