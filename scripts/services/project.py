"""Our own processes: web (`manage.py serve`), worker and beat."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.services.errors import NotReady
from scripts.services.ports import free_port, socket_folder
from scripts.services.process import ROOT, Process

# What a program needs of the surroundings to run at all; the rest would make a test depend on who runs it.
_INHERITED = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "COVERAGE_PROCESS_START")


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Return the environment of our processes that keep their things in `folder`; settings: NAME="value"."""
    env = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return env | {"PYTHONUNBUFFERED": "1", "VAR_DIR": str(folder.absolute())} | settings


def manage(arguments: Sequence[str], env: Mapping[str, str], timeout_s: float = 120) -> str:
    """Run one management command and return what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=dict(env),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise NotReady(
            f"manage.py {' '.join(arguments)} failed with code {done.returncode}: {done.stderr.strip()}"
        )
    return done.stdout


@dataclass(frozen=True)
class Answer:
    """What a web process answered."""

    status: int
    headers: dict[str, str]
    body: bytes


class Serve(Process):
    """One web process on a port of 127.0.0.1 (0 is a free one), or on a unix socket in `folder`."""

    def __init__(
        self,
        folder: Path,
        *,
        env: Mapping[str, str],
        name: str = "web",
        port: int = 0,
        host: str = "127.0.0.1",
        unix_socket: bool = False,
        grace_s: float = 50.0,
    ) -> None:
        folder = folder.absolute()
        folder.mkdir(parents=True, exist_ok=True)
        self.socket = socket_folder(folder, f"{name}.sock") / f"{name}.sock" if unix_socket else None
        self.host = host
        self.port = 0 if unix_socket else port or free_port()
        self.base_url = f"http://{host}:{self.port}" if self.port else ""
        self.upstream = f"unix:{self.socket}" if self.socket else f"{host}:{self.port}"
        where = (
            ["--unix-socket", str(self.socket)] if self.socket else ["--host", host, "--port", str(self.port)]
        )
        command = [sys.executable, "manage.py", "serve", *where]
        own = {} if self.socket else {"PORT": str(self.port)}
        super().__init__(name, command, env=own | dict(env), log=folder / f"{name}.log", grace_s=grace_s)

    def is_ready(self) -> bool:
        """Tell whether /readyz says yes."""
        try:
            return self.get("/readyz", timeout_s=2).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path: str, headers: Mapping[str, str] | None = None, timeout_s: float = 10) -> Answer:
        """Ask this very process, past any proxy."""
        connection = _Connection(self.socket, self.host, self.port, timeout_s)
        try:
            connection.request("GET", path, headers={"Host": "localhost", **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()


class Worker(Process):
    """One Celery worker; ready when it has connected to the broker."""

    def __init__(
        self, folder: Path, *, env: Mapping[str, str], name: str = "worker", concurrency: int = 1
    ) -> None:
        command = [sys.executable, "-m", "celery", "-q", "-A", "chatproject", "worker", "--loglevel", "info"]
        command += [
            "--concurrency",
            str(concurrency),
            "--hostname",
            f"{name}@%h",
            "--without-gossip",
            "--without-mingle",
        ]
        super().__init__(name, command, env=env, log=folder.absolute() / f"{name}.log")

    def spawn(self, stdout: int | None = None) -> None:
        """Start it and do not wait."""
        # Its readiness is read from the log, so an earlier run's lines must go.
        if self.log is not None:
            self.log.unlink(missing_ok=True)
        super().spawn(stdout)

    def is_ready(self) -> bool:
        """Tell whether it has said so."""
        return self.log is not None and self.log.exists() and b" ready." in self.log.read_bytes()


class Beat(Process):
    """The clock of the workers; there is one in an installation."""

    def __init__(self, folder: Path, *, env: Mapping[str, str], name: str = "beat") -> None:
        folder = folder.absolute()
        command = [sys.executable, "-m", "celery", "-q", "-A", "chatproject", "beat", "--loglevel", "info"]
        command += ["--schedule", str(folder / "beat-schedule"), "--pidfile", ""]
        super().__init__(name, command, env=env, log=folder / f"{name}.log")


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path | None, host: str, port: int, timeout_s: float) -> None:
        super().__init__(host, port or None, timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        if self._path is None:
            super().connect()
            return
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))
