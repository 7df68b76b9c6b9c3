import os
import queue
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from chat.management.commands.serve import clear_unix_socket
from tests.gateway.wire import DEADLINE_S, ROOT

pytestmark = pytest.mark.slow


class Running:
    """A program and what it says on stderr."""

    def __init__(self, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.put(line.rstrip())
        self.lines.put(None)

    def line_with(self, words: str) -> str:
        """Return the first line that has these words."""
        while (line := self.lines.get(timeout=DEADLINE_S)) is not None:
            if words in line:
                return line
        raise AssertionError(f"the program ended without saying {words!r}")

    def all_lines(self) -> list[str]:
        return [line for line in iter(lambda: self.lines.get(timeout=DEADLINE_S), None) if line]

    def end(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        assert self.process.stderr is not None
        self.process.stderr.close()


Program = Callable[..., Running]


def surroundings(var: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return {**kept, "VAR_DIR": str(var)}


def manage(var: Path, *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=surroundings(var), check=True, capture_output=True)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a database of this version."""
    folder = tmp_path_factory.mktemp("migrated")
    manage(folder, "migrate", "--verbosity", "0")
    return folder


@pytest.fixture
def program(tmp_path: Path, migrated: Path) -> Iterator[Program]:
    """Start a program with the project's settings and a var directory of its own."""
    started: list[Running] = []
    shutil.copytree(migrated, tmp_path, dirs_exist_ok=True)

    def start(*arguments: str, **settings: str) -> Running:
        running = Running(arguments, surroundings(tmp_path) | settings)
        started.append(running)
        return running

    yield start
    for running in started:
        running.end()


def test_serve_says_where_it_listens_and_that_it_is_alone_and_leaves_with_0(program: Program) -> None:
    server = program("manage.py", "serve", "--port", "0")
    address = server.line_with("listening").partition("address=http://")[2].split()[0]
    assert "in-memory layer" in server.line_with("alone")
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), DEADLINE_S) as client:
        client.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 200 ")
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(DEADLINE_S) == 0


def test_nobody_listens_before_the_database_fits(program: Program, tmp_path: Path) -> None:
    manage(tmp_path, "migrate", "sessions", "zero")
    server = program("manage.py", "serve", "--port", "0")
    # What builds upon it is missing with it, and named when it comes first.
    waiting = server.line_with("waiting for the database to be migrated")
    assert re.search(r"first=(?:sessions\.0001_initial|chat\.\d{4}_\w+) ", waiting)
    manage(tmp_path, "migrate")
    server.line_with("listening")


def test_database_that_is_away_or_newer_is_no_reason_to_wait(program: Program, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "maru.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('chat', '9999_newer', '2026-01-01')"
        )
    database.close()
    program("manage.py", "serve", "--port", "0").line_with("listening")
    away = program(
        "manage.py", "serve", "--port", "0",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing", SECRET_KEY="x" * 50,
    )  # fmt: skip
    away.line_with("starting without the database")
    away.line_with("listening")


def test_taken_port_is_one_line_and_exit_1(program: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = program("manage.py", "serve", "--port", str(port))
        lines = server.all_lines()
        assert server.process.wait(DEADLINE_S) == 1
    assert lines[-1] == f"CommandError: cannot listen on 127.0.0.1:{port}: another process listens there"
    assert not [line for line in lines if "Traceback" in line]


def test_stock_daphne_says_what_is_missing(program: Program) -> None:
    stock = program("-m", "daphne", "-p", "0", "chatproject.asgi:application")
    assert "no drain, no back-pressure, no prepared frames" in stock.line_with("stock ASGI server")


def test_socket_file_of_a_killed_process_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "maru.sock"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    clear_unix_socket(str(path))
    assert not path.exists()


def test_socket_file_in_use_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "maru.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        with pytest.raises(CommandError, match="another process listens there"):
            clear_unix_socket(str(path))
    assert path.exists()


def test_file_that_is_no_socket_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("keep me")
    with pytest.raises(CommandError, match="a file that is no socket is in the way"):
        clear_unix_socket(str(path))
    assert path.read_text() == "keep me"


def test_socket_path_without_a_directory_or_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no directory"):
        clear_unix_socket(str(tmp_path / "missing" / "maru.sock"))
    with pytest.raises(CommandError, match=r"the path has \d+ bytes, at most 107"):
        clear_unix_socket(str(tmp_path / ("x" * 200)))


def test_free_socket_path_is_fine(tmp_path: Path) -> None:
    clear_unix_socket(str(tmp_path / "maru.sock"))
