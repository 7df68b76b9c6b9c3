"""A second PostgreSQL that follows the first one and can take its place."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg

from scripts.services import NotReady, Postgres
from scripts.services.process import until
from tests.faults.parts import PostgresPart
from tests.faults.proxy import Proxy
from tests.faults.world import World

NAME = "standby"
_SOCKET = ".s.PGSQL.5432"
_COPIES_S = 120.0
_FOLLOWS_S = 30.0


class Standby(Postgres):
    """Follows a running primary over `port` of this machine until it is promoted."""

    def __init__(self, folder: Path, primary: Postgres, port: int) -> None:
        super().__init__(folder, name=folder.name)
        self._primary = primary
        assert isinstance(self.command, list)
        conninfo = f"host=127.0.0.1 port={port} user={self.owner} application_name={NAME}"
        # What followed the primary is of no use after a promotion, and no harm.
        self.command += ["-c", f"primary_conninfo={conninfo}", "-c", "hot_standby=on"]

    def _create(self) -> None:
        command = [str(self.programs / "pg_basebackup"), "-D", str(self.data), "-X", "stream", "-c", "fast"]
        command += ["-h", str(self._primary.socket_folder), "-p", "5432", "-U", self.owner]
        done = subprocess.run(
            command,
            cwd=self.folder,
            user=self.user,
            extra_groups=[] if self.user else None,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
            timeout=_COPIES_S,
        )
        if done.returncode:
            raise NotReady(f"pg_basebackup failed with code {done.returncode}: {done.stderr.strip()}")
        (self.data / "standby.signal").touch()


class Pair:
    """A primary, its standby, and the line between them."""

    def __init__(self, world: World, standby: PostgresPart, line: Proxy) -> None:
        self.primary = world.postgres
        self.standby = standby
        self.line = line
        self._world = world

    async def follows(self, *, in_step: bool) -> None:
        """Wait until the standby is connected; `in_step`: and until each COMMIT waits for it, from here on."""
        if in_step:
            await _ask(self.primary, f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")
            await _ask(self.primary, "SELECT pg_reload_conf()")
        state = "sync" if in_step else "async"
        query = (
            f"SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '{state}'"
        )
        await asyncio.to_thread(self._until, f"SELECT ({query}) = 1")

    async def catches_up(self) -> None:
        """Wait until the standby has all that is stored now."""
        position = await _ask(self.primary, "SELECT pg_current_wal_insert_lsn()")
        query = f"SELECT bool_and(flush_lsn >= '{position}') FROM pg_stat_replication"
        await asyncio.to_thread(self._until, query)

    def _until(self, query: str) -> None:
        if not until(lambda: bool(_answer(self.primary, query)), _FOLLOWS_S):
            raise NotReady(f"the standby does not follow: {query}")

    async def take_over(self) -> None:
        """Make the standby the primary of the world, when the old one has ended."""
        # What is still on its way from the old one never arrives.
        self.line.refuse()
        self.line.reset_all()
        if not await _ask(self.standby, "SELECT pg_promote(true, 30)"):
            raise NotReady("the standby has not become the primary")
        self._world.postgres = self.standby
        for name, link in self._world.links.items():
            if name.endswith(">postgres"):
                link.upstream = self.standby.process.socket_folder / _SOCKET
                link.reset_all()


@asynccontextmanager
async def standby_of(world: World) -> AsyncIterator[Pair]:
    """Give the database of a world a standby; afterwards the one of both that is not the world's is gone."""
    line = Proxy(world.postgres.process.socket_folder / _SOCKET, name="standby>primary")
    port = await line.start()
    primary = world.postgres
    folder = world.folder / f"postgres-{port}"
    standby = primary.beside(Standby(folder, primary.process, port))
    try:
        await standby.start()
        yield Pair(world, standby, line)
    finally:
        await line.stop()
        loser = primary if world.postgres is standby else standby
        await loser.kill()
        loser.process.discard()


async def _ask(server: PostgresPart, query: str) -> Any:
    return await asyncio.to_thread(_answer, server, query)


def _answer(server: PostgresPart, query: str) -> Any:
    with psycopg.connect(server.process.url, autocommit=True, connect_timeout=10) as connection:
        cursor = connection.execute(query.encode())
        found = cursor.fetchone() if cursor.description else None
        return found[0] if found else None
