import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def call(name: str, *arguments: str, var: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(var)}
    command = [str(ROOT / "deploy" / name), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def var(tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "cat.png").write_bytes(b"cat")
    (folder / "secret_key").write_text("the key")
    # The browsers that are pushed to know it.
    (folder / "vapid_key").write_text("A" * 42 + "E")
    return folder


def test_a_backup_of_a_database_in_use_comes_back_whole(var: Path, tmp_path: Path) -> None:
    live = sqlite3.connect(var / "maru.sqlite3")
    live.execute("PRAGMA journal_mode=WAL")
    live.execute("CREATE TABLE t (n)")
    live.execute("INSERT INTO t VALUES (1)")
    live.execute("CREATE TABLE chat_workspace (id integer, epoch text)")
    for table in ("chat_message", "chat_room"):
        live.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY AUTOINCREMENT)")
    live.execute("INSERT INTO chat_workspace VALUES (1, 'before')")
    live.commit()
    live.execute("INSERT INTO t VALUES (2)")
    backup = tmp_path / "backup"
    done = call("backup", "local", str(backup), var=var)
    assert (done.returncode, done.stderr) == (0, "")
    assert backup.stat().st_mode & 0o077 == 0
    live.commit()
    live.close()
    (var / "media" / "cat.png").unlink()

    done = call("restore", "local", str(backup), var=var)
    assert (done.returncode, done.stderr) == (0, "")
    restored = sqlite3.connect(var / "maru.sqlite3")
    assert restored.execute("SELECT n FROM t").fetchall() == [(1,)]
    # Clients that hold cursors beyond the backup must not take up there.
    ((epoch,),) = restored.execute("SELECT epoch FROM chat_workspace").fetchall()
    assert epoch != "before"
    restored.close()
    assert (var / "media" / "cat.png").read_bytes() == b"cat"
    assert (var / "secret_key").read_text() == "the key"
    assert (var / "vapid_key").read_text() == "A" * 42 + "E"
    (before,) = var.glob("before-restore-*")
    kept = sqlite3.connect(before / "maru.sqlite3")
    assert kept.execute("SELECT n FROM t").fetchall() == [(1,), (2,)]
    kept.close()


def test_a_backup_overwrites_nothing(var: Path, tmp_path: Path) -> None:
    done = call("backup", "local", str(tmp_path), var=var)
    assert done.returncode == 1
    assert done.stderr == f"maru: {tmp_path} is there already\n"


def test_nothing_is_left_of_a_backup_that_failed(var: Path, tmp_path: Path) -> None:
    done = call("backup", "local", str(tmp_path / "backup"), var=var)
    assert done.returncode == 1
    assert done.stderr == f"maru: there is no {var}/maru.sqlite3\n"
    assert not (tmp_path / "backup").exists()


@pytest.mark.parametrize("arguments", [[], ["local"], ["everything", "folder"]])
def test_it_says_how_it_is_called(arguments: list[str], var: Path) -> None:
    done = call("backup", *arguments, var=var)
    assert (done.returncode, done.stderr) == (2, "usage: deploy/backup local|compose FOLDER\n")
