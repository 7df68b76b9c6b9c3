"""What servers stand on: one Redis for all, and the databases of Maru, filled once and copied for each start."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

from bench import machine, tools
from scripts import steps
from scripts.services import Postgres, Redis, environment, manage

# Of those who come with a cookie; without this it would depend on the port.
ORIGIN = "http://127.0.0.1:8000"
SECRET_KEY = "only-for-measuring-" + "0" * 40
# All clients share one address here, and ten accounts write for a thousand: the limits of one address, one account
# and one connection are raised. Those of the process (queue of the writer, send queues, batches) are the defaults.
LIMITS = {
    "CONNECTIONS_PER_IP": "10000",
    "FRAMES_BURST": "1000000",
    "FRAMES_PER_S": "1000000",
    "HANDSHAKES_BURST": "1000000",
    "HANDSHAKES_BURST_PER_IP": "1000000",
    "HANDSHAKES_PER_S": "1000000",
    "HANDSHAKES_PER_S_PER_IP": "1000000",
    "SEARCHES_BURST": "1000000",
    "SEARCHES_PER_S": "1000000",
    "SENDS_BURST": "1000000",
    "SENDS_PER_S": "1000000",
}


@dataclass(frozen=True)
class Base:
    """A database for one server: its URL, and the process that works for it (None for SQLite)."""

    url: str
    helper: Postgres | None


class Grounds:
    """Redis and the filled databases; a context manager that ends and removes all of it."""

    def __init__(self) -> None:
        self.folder = tools.HOME / "run"
        self._stack = ExitStack()
        self._postgres: Postgres | None = None
        self._worlds: dict[str, dict[str, int]] = {}
        self._copies_count = 0
        self._redis: Redis | None = None

    def __enter__(self) -> Self:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def redis(self) -> Redis:
        """Return the one Redis, emptied; started when first asked for."""
        if self._redis is None:
            with machine.on_core(machine.cores().others):
                self._redis = self._stack.enter_context(Redis(self.folder))
        with self._redis.connect() as client:
            client.flushall()
        return self._redis

    def world(self, database: str) -> dict[str, int]:
        """Return the id of the first room of each scene; fills the database when first asked for."""
        if database not in self._worlds:
            self._worlds[database] = self._fill(database)
        return self._worlds[database]

    def headers(self, database: str, name: str) -> Path:
        """Return the file with what each connection of a scene shows."""
        return self.folder / database / f"{name}.headers"

    def environment(self, database: str, url: str, **settings: str) -> dict[str, str]:
        """Return the environment of our programs on one database."""
        more = {
            "SECRET_KEY": SECRET_KEY,
            "DATABASE_URL": url,
            "DRAIN_S": "0",
            "ALLOWED_ORIGINS": ORIGIN,
            **LIMITS,
            **settings,
        }
        return environment(self.folder / database, **more)

    @contextmanager
    def copy(self, database: str) -> Iterator[Base]:
        """Lend a copy of the filled database."""
        self.world(database)
        self._copies_count += 1
        if database == "sqlite":
            with self._sqlite_copy(f"copy-{self._copies_count}") as base:
                yield base
        else:
            with self._postgres_copy(f"copy_{self._copies_count}") as base:
                yield base

    def issue_tickets(self, database: str, url: str) -> Path:
        """Issue tickets for the tokens of `idle`, all of them young now, and return their headers."""
        self._seed("tickets", database, self.environment(database, url))
        return self.headers(database, "tickets")

    @contextmanager
    def _sqlite_copy(self, name: str) -> Iterator[Base]:
        path = self.folder / "sqlite" / f"{name}.sqlite3"
        shutil.copyfile(self.folder / "sqlite" / "maru.sqlite3", path)
        try:
            yield Base(f"sqlite:///{path}", None)
        finally:
            for file in path.parent.glob(f"{path.name}*"):
                file.unlink()

    @contextmanager
    def _postgres_copy(self, name: str) -> Iterator[Base]:
        postgres = self._server()
        self._statement("CREATE DATABASE {} TEMPLATE {}", name, postgres.owner)
        # The copy is still in memory; a checkpoint in the middle of a measurement would write it out.
        self._statement("CHECKPOINT")
        try:
            yield Base(postgres.database_url(name), postgres)
        finally:
            self._statement("DROP DATABASE {} WITH (FORCE)", name)

    def _server(self) -> Postgres:
        if self._postgres is None:
            postgres = Postgres(self.folder / "postgres")
            # Last in, first out: ended before its data is removed.
            self._stack.callback(postgres.discard)
            with machine.on_core(machine.cores().others):
                self._stack.enter_context(postgres)
            self._postgres = postgres
        return self._postgres

    def _statement(self, text: str, *names: str) -> None:
        folder = str(self._server().socket_folder)
        with psycopg.connect(
            host=folder, user=Postgres.owner, dbname="template1", autocommit=True
        ) as connection:
            connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))

    def _fill(self, database: str) -> dict[str, int]:
        steps.say(f"{database}: accounts, tokens and rooms …")
        folder = self.folder / database
        folder.mkdir(parents=True)
        is_sqlite = database == "sqlite"
        url = f"sqlite:///{folder / 'maru.sqlite3'}" if is_sqlite else self._server().url
        env = self.environment(database, url)
        manage(["migrate", "-v0"], env)
        self._seed("world", database, env)
        if is_sqlite:
            # A copy is of one file.
            _checkpoint(folder / "maru.sqlite3")
        found: dict[str, int] = json.loads((folder / "world.json").read_text(encoding="utf-8"))
        return found

    def _seed(self, what: str, database: str, env: dict[str, str]) -> None:
        command = [sys.executable, "-m", "bench.seed", what, str(self.folder / database)]
        steps.call(command, env=env, what=f"bench.seed {what}")


def run_script(module: str, env: dict[str, str], *arguments: str) -> Any:
    """Run a module of ours on the server's core and return the JSON that it prints.

    Raises:
        StepFailed: it did not end well; what it said stands on the screen.
    """
    with machine.on_core(machine.cores().server):
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=steps.ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        raise steps.StepFailed(f"{module} failed with code {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def _checkpoint(path: Path) -> None:
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA optimize")
    finally:
        connection.close()
    os.sync()
