import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from scripts.services import free_port
from scripts.services.ports import is_taken
from scripts.services.process import ROOT, until
from tests.processes import is_gone

pytestmark = pytest.mark.slow

# The first time in a tree it also installs and builds.
START_TIMEOUT_S = 240
STOP_TIMEOUT_S = 10


class Run:
    """One `make run` with its own folder and port."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self.port = free_port()
        self.log = folder / "output"
        env = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env | {"PORT": str(self.port), "VAR_DIR": str(folder / "var")},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_ready(self) -> None:
        line = f"Maru is ready: http://127.0.0.1:{self.port} "
        assert until(lambda: line in self.output or self.process.poll() is not None, START_TIMEOUT_S), (
            self.output
        )
        assert line in self.output, self.output

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def leave(self) -> None:
        if self.process.poll() is None:
            for process in [*self.family(), psutil.Process(self.process.pid)]:
                process.kill()
        self.process.wait()


@contextmanager
def run(folder: Path, command: list[str] | None = None) -> Iterator[Run]:
    running = Run(folder, command or [sys.executable, "-m", "scripts.run"])
    try:
        yield running
    finally:
        running.leave()


def are_gone(processes: list[psutil.Process]) -> bool:
    return all(map(is_gone, processes))


def refused(folder: Path, **settings: str) -> str:
    env = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.run"],
        cwd=ROOT,
        env=env | {"VAR_DIR": str(folder)} | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_a_taken_port_is_told_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = refused(tmp_path, PORT=str(port))
    assert line == (
        f"maru: cannot listen on 127.0.0.1:{port}, it is taken; choose another: PORT={port + 1} make run"
    )
    assert {path.name for path in tmp_path.iterdir()} <= {"secret_key", "vapid_key"}


def test_a_broken_setting_is_told_before_anything_is_done(tmp_path: Path) -> None:
    line = refused(tmp_path, PORT=str(free_port()), SIGNUP="everybody")
    assert line == "maru: setting SIGNUP: 'everybody' is not one of open, invite, closed"
    assert {path.name for path in tmp_path.iterdir()} <= {"secret_key", "vapid_key"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_make_run_brings_up_a_page_and_takes_everything_down(number: signal.Signals, tmp_path: Path) -> None:
    with run(tmp_path, ["make", "run"]) as running:
        running.wait_ready()
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
        connection.request("GET", "/")
        response = connection.getresponse()
        assert (response.status, response.getheader("Location")) == (302, "/setup/")
        connection.close()
        family = running.family()
        start = time.monotonic()
        if number == signal.SIGINT:
            # Ctrl-C reaches every process of the terminal's group at once.
            os.killpg(running.process.pid, number)
        else:
            running.process.terminate()
        assert running.process.wait(STOP_TIMEOUT_S) != 0
        assert time.monotonic() - start < STOP_TIMEOUT_S
        assert are_gone(family)
        assert "Traceback" not in running.output


def test_when_one_process_dies_all_stop_and_it_is_named(tmp_path: Path) -> None:
    with run(tmp_path) as running:
        running.wait_ready()
        family = running.family()
        (web,) = [one for one in psutil.Process(running.process.pid).children() if "serve" in one.cmdline()]
        web.kill()
        assert running.process.wait(STOP_TIMEOUT_S) == 1
        assert running.output.splitlines()[-1] == "maru: web ended with code -9; stopping the others"
        assert are_gone(family)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent has died")
def test_nothing_is_left_when_it_is_killed_itself(tmp_path: Path) -> None:
    with run(tmp_path) as running:
        running.wait_ready()
        family = running.family()
        assert len(family) >= 4
        running.process.kill()
        assert until(lambda: are_gone(family), STOP_TIMEOUT_S)


def test_a_second_one_in_the_same_folder_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with run(tmp_path) as running:
        running.wait_ready()
        env = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        second = subprocess.run(
            [sys.executable, "-m", "scripts.run"],
            cwd=ROOT,
            env=env | {"PORT": str(free_port()), "VAR_DIR": str(tmp_path / "var")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1
        assert second.stderr.startswith("maru: already running in this folder")
        assert running.process.poll() is None
        assert is_taken("127.0.0.1", running.port)
