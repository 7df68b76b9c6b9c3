"""F-2A: the database in a file, under a process that is killed, beside another writer, on a disk that is full."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from tests.faults.checks.case import Bounds
from tests.faults.disks import small_disk
from tests.faults.rows import row
from tests.faults.rows.answers import answers, expect_passing
from tests.faults.rows.restarts import closes_count
from tests.faults.scene import Scene

_KILLS_COUNT = 3
_SMALL_DISK_BYTES = 64 * 1024 * 1024


@row(
    "F-2A",
    "SQLite: kill -9 of the web process, again and again, at any moment",
    bounds=Bounds(recovery_s=8),
    database="sqlite",
    sends=(20, 20, 20),
    is_smoke=True,
)
async def sqlite_killed(scene: Scene) -> AsyncIterator[None]:
    (web,) = scene.world.webs
    for _ in range(_KILLS_COUNT):
        await scene.company.answered(scene.rng.randint(1, 15))
        await asyncio.sleep(scene.rng.uniform(0, 0.05))
        await web.kill()
        await _expect_whole(scene)
        await web.start()
    yield


@row(
    "F-2Ab",
    "SQLite: another program holds the lock for some seconds",
    bounds=Bounds(recovery_s=8, reconnects_max_count=0),
    database="sqlite",
    sends=(40, 10, 40),
)
async def sqlite_locked(scene: Scene) -> AsyncIterator[None]:
    closed = closes_count(scene)
    for held_s in (3.0, scene.rng.uniform(1, 7)):
        with contextlib.closing(
            sqlite3.connect(_file(scene), isolation_level=None, timeout=5, check_same_thread=False)
        ) as other:
            # Whoever comes with a transaction of its own waits for its turn, as anybody.
            await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
            await asyncio.sleep(held_s)
            await asyncio.to_thread(other.execute, "ROLLBACK")
        await scene.company.answered(10)
    yield
    expect_passing(scene)
    scene.expect(closes_count(scene) == closed, "a socket was closed")


@row(
    "F-2Ac",
    "SQLite: the disk is full, and has room again",
    lasts_s=3,
    bounds=Bounds(recovery_s=12),
    database="sqlite",
    sends=(40, 10, 40),
)
async def sqlite_full(scene: Scene) -> AsyncIterator[None]:
    (web,) = scene.world.webs
    with small_disk(_SMALL_DISK_BYTES) as disk:
        await web.stop()
        with _moved(_file(scene), disk.path):
            try:
                await web.start()
                # On a full disk SQLite cannot even be opened: who is not back yet would stay outside.
                tabs = scene.company.tabs.values()
                await scene.company.until(lambda: all(tab.is_synced for tab in tabs))
                pid = web.pid
                disk.fill()
                await scene.company.until(lambda: answers(scene)["unavailable"] > 0)
                closed = closes_count(scene)
                yield
                expect_passing(scene)
                disk.free()
                acked = answers(scene)["ok"]
                await scene.company.until(lambda: answers(scene)["ok"] > acked + 5)
                scene.expect(web.pid == pid and web.is_running, "the web process has ended")
                scene.expect(closes_count(scene) == closed, "a socket was closed")
                await _expect_whole(scene)
            finally:
                await web.stop()
    await web.start()


def _file(scene: Scene) -> Path:
    return scene.world.folder / "maru.sqlite3"


@contextlib.contextmanager
def _moved(file: Path, folder: Path) -> Iterator[None]:
    """Keep a database at rest in another folder, with a link to it where it was."""
    place = folder / file.name
    shutil.move(file, place)
    file.symlink_to(place)
    try:
        yield
    finally:
        file.unlink()
        for name in ("", "-wal", "-shm"):
            moved = Path(f"{place}{name}")
            if moved.exists():
                shutil.move(moved, Path(f"{file}{name}"))


async def _expect_whole(scene: Scene) -> None:
    found = await scene.world.sql("PRAGMA integrity_check")
    scene.expect(found == [("ok",)], f"the database is damaged: {found[:3]}")
