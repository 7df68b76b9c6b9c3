from __future__ import annotations

import asyncio
import errno
import os
import pwd
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from scripts.services import Postgres
from tests.faults.clocks import Unavailable
from tests.faults.disks import SmallDisk, duty_cycle, family, file_limit, small_disk

_MIB = 1024 * 1024
_LIMIT_S = 10


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    try:
        with small_disk(4 * _MIB) as made:
            yield made
    except Unavailable as why:
        pytest.skip(str(why))


def test_a_full_disk_takes_nothing_more_until_there_is_room(disk: SmallDisk) -> None:
    disk.fill()
    with pytest.raises(OSError, match="No space left") as full:
        (disk.path / "file").write_bytes(bytes(8192))
    assert full.value.errno == errno.ENOSPC
    disk.free()
    (disk.path / "file").write_bytes(bytes(8192))
    disk.fill(left_bytes=_MIB)
    assert disk.free_bytes == _MIB


def test_nothing_is_left_of_it() -> None:
    try:
        with small_disk(_MIB) as made:
            (made.path / "file").write_text("x")
            at = made.path
            assert at.exists()
    except Unavailable as why:
        pytest.skip(str(why))
    assert not at.exists()
    assert str(at) not in Path("/proc/self/mounts").read_text(encoding="utf-8")


def test_a_test_that_is_killed_leaves_no_mount() -> None:
    code = (
        "from tests.faults.disks import *\nwith small_disk(1 << 20) as d: print(d.path, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        at = running.stdout.readline().strip()
        running.kill()
    if not at:
        pytest.skip("this machine lets us mount nothing")
    deadline = 1000
    while at in Path("/proc/self/mounts").read_text(encoding="utf-8"):
        deadline -= 1
        assert deadline, "the mount is still there"
        signal.sigtimedwait([], 0.01)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes somebody else")
def test_it_needs_no_root_where_the_kernel_gives_everybody_namespaces(tmp_path: Path) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setuid(nobody)
            with small_disk(_MIB) as made:
                made.fill()
                try:
                    (made.path / "other").write_bytes(bytes(8192))
                except OSError as error:
                    os.write(write, str(error.errno).encode())
            code = 0
        except Unavailable:
            os.write(write, b"unavailable")
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read, "rb") as said:
        told = said.read().decode()
    os.waitpid(child, 0)
    if told == "unavailable":
        pytest.skip("no namespaces for everybody here")
    assert told == str(errno.ENOSPC)


def test_sqlite_says_full_and_keeps_what_it_had(disk: SmallDisk) -> None:
    database = sqlite3.connect(disk.path / "db.sqlite3", isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE rows (text TEXT)")
        database.execute("INSERT INTO rows VALUES ('first')")
        disk.fill()
        with pytest.raises(sqlite3.OperationalError, match="full"):
            database.execute("INSERT INTO rows VALUES (?)", ["x" * _MIB])
        disk.free()
        database.execute("INSERT INTO rows VALUES ('second')")
        assert database.execute("SELECT text FROM rows").fetchall() == [("first",), ("second",)]
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        database.close()


def test_a_limit_of_files_is_an_error_of_input_and_output(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with file_limit(os.getpid(), 1000), pytest.raises(OSError, match="File too large"):
        file.write_bytes(bytes(2000))
    file.write_bytes(bytes(2000))


@pytest.mark.slow
def test_postgresql_on_a_full_disk_refuses_to_grow_and_goes_on_when_there_is_room() -> None:
    try:
        with (
            small_disk(192 * _MIB) as disk,
            Postgres(disk.path / "postgres", durable=False) as server,
            psycopg.connect(server.url, autocommit=True) as connection,
        ):
            connection.execute("CREATE TABLE rows (text TEXT)")
            # Room for the log of what it writes, none for the table.
            disk.fill(left_bytes=64 * 1024)
            with pytest.raises(psycopg.errors.DiskFull):
                connection.execute("INSERT INTO rows SELECT repeat('x', 1000) FROM generate_series(1, 4000)")
            disk.free()
            connection.execute("INSERT INTO rows VALUES ('after')")
            assert connection.execute("SELECT text FROM rows").fetchall() == [("after",)]
    except Unavailable as why:
        pytest.skip(str(why))


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]


async def test_processes_are_frozen_in_turns_and_run_in_the_end() -> None:
    child = await asyncio.create_subprocess_exec("sleep", "60")
    seen: set[str] = set()
    try:
        async with asyncio.timeout(_LIMIT_S), duty_cycle([child.pid], 0.02, 0.02):
            while not seen >= {"S", "T"}:
                seen.add(state_of(child.pid))
                await asyncio.sleep(0.001)
        async with asyncio.timeout(_LIMIT_S):
            while state_of(child.pid) == "T":  # noqa: ASYNC110 - the kernel is asked
                await asyncio.sleep(0.001)
        assert family(os.getpid())[0] == os.getpid()
        assert child.pid in family(os.getpid())
    finally:
        child.kill()
        await child.wait()


async def test_a_process_that_ended_meanwhile_is_no_obstacle() -> None:
    child = await asyncio.create_subprocess_exec("true")
    await child.wait()
    rounds: list[int] = []

    def pids() -> list[int]:
        rounds.append(child.pid)
        return [child.pid]

    async with asyncio.timeout(_LIMIT_S), duty_cycle(pids, 0.001, 0.001):
        while len(rounds) < 3:  # noqa: ASYNC110 - signals have no event
            await asyncio.sleep(0.001)
    assert family(child.pid) == []
