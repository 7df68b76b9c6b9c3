"""The whole production topology with a proxy on every line: `async with world(database="postgres", webs=2) as w:`."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from scripts.services import Nginx, Postgres, Process, Redis, Serve, environment, free_port
from scripts.services.process import until
from tests.faults.parts import Part, PostgresPart, Starter
from tests.faults.proxy import Proxy
from tests.faults.resp import RedisProxy
from tests.faults.template import SECRET_KEY, Database, Template, template
from tests.people import GENEROUS, Person

_SETTINGS = GENEROUS | {"DRAIN_S": "3"}
_CARRIES_S = 20.0


class World:
    """The running processes, the lines between them, and the people.

    `links` by name: "client>nginx", and for each web process "nginx>web-0", "web-0>redis", "web-0>postgres".
    """

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        database: Database,
        webs: int,
        has_proxies: bool,
        settings: Mapping[str, str],
        mutant: str | None,
    ) -> None:
        self.folder = folder
        self.seed = seed
        self.database = database
        self._starter = Starter()
        self._has_proxies = has_proxies
        self._settings = dict(settings)
        self._mutant = mutant
        self._template: Template | None = None
        self.redis = Part(Redis(folder), self._starter)
        self.postgres = PostgresPart(Postgres(folder / "postgres"), self._starter)
        self.links: dict[str, Proxy] = {}
        self.webs: list[Part[Serve]] = []
        self._webs_count = webs
        self._nginx_port = free_port()
        self.nginx: Part[Nginx]

    # --- its life

    async def start(self) -> None:
        """Start everything."""
        self._template = await asyncio.to_thread(template, self.database)
        await self.redis.spawn()
        if self.database == "postgres":
            data = self.postgres.process.data
            await asyncio.to_thread(self._template.copy, data)
            await self.postgres.spawn()
        else:
            await asyncio.to_thread(self._template.copy, self._sqlite)
        for number in range(self._webs_count):
            self.webs.append(await self._web(number))
        upstreams = [
            f"127.0.0.1:{await self._line(f'nginx>{web.name}', ('127.0.0.1', web.process.port))}"
            for web in self.webs
        ]
        nginx = Nginx(self.folder, upstreams=upstreams, port=self._nginx_port)
        self.nginx = Part(nginx, self._starter)
        await self._line("client>nginx", ("127.0.0.1", nginx.port))
        await self.redis.ready()
        if self.database == "postgres":
            await self.postgres.ready()
        doors: list[Part[Any]] = [*self.webs, self.nginx]
        for part in doors:
            await part.spawn()
        for part in doors:
            await part.ready()

    async def stop(self) -> None:
        """End everything and remove the database."""
        for part in self.parts:
            await part.thaw()
            # Nobody looks at how they end.
            await part.kill()
        for link in self.links.values():
            await link.stop()
        self._starter.close()
        self.postgres.process.discard()

    async def heal(self) -> None:
        """Put right whatever is wrong: lines, frozen and ended processes; return when all hear each other."""
        for link in self.links.values():
            link.heal()
        for part in self.parts:
            await part.thaw()
        for part in self.parts:
            if not part.is_running:
                await part.start()
        for part in self.webs:
            await part.ready()
        await self.redis_carries()

    async def redis_carries(self) -> None:
        """Wait until the web processes hear each other through Redis."""

        def is_whole() -> bool:
            return not any(self.figure(number, "maru_layer_degraded") for number, _ in enumerate(self.webs))

        assert await asyncio.to_thread(until, is_whole, _CARRIES_S), "the link over Redis has not come back"

    async def rolling_restart(self) -> None:
        """Stop and start one web process after another, as a deploy does."""
        for web in self.webs:
            await web.signal(signal.SIGTERM)
            await web.ended()
            await web.start()

    async def plant(self, mutant: str) -> None:
        """Restart one web process after another with a planted fault of mutants.py."""
        for web in self.webs:
            await web.stop()
            _plant(web.process, mutant)
            await web.start()

    @property
    def parts(self) -> list[Part[Any]]:
        """All processes, in the order of their start."""
        postgres: list[Part[Any]] = [self.postgres] if self.database == "postgres" else []
        nginx: list[Part[Any]] = [self.nginx] if hasattr(self, "nginx") else []
        return [self.redis, *postgres, *self.webs, *nginx]

    async def _web(self, number: int) -> Part[Serve]:
        name = f"web-{number}"
        redis = await self._line(f"{name}>redis", self.redis.process.socket)
        urls = {"REDIS_URL": f"redis://127.0.0.1:{redis}/0" if redis else self.redis.process.url}
        if self.database == "postgres":
            process = self.postgres.process
            port = await self._line(f"{name}>postgres", process.socket_folder / ".s.PGSQL.5432")
            url = f"postgresql://{process.owner}@127.0.0.1:{port}/{process.owner}" if port else process.url
            urls["DATABASE_URL"] = url
        env = environment(
            self.folder,
            PORT=str(self._nginx_port),
            SECRET_KEY=SECRET_KEY,
            TRUST_PROXY="1",
            **(_SETTINGS | urls | self._settings),
        )
        web = Serve(self.folder, env=env, name=name)
        if self._mutant is not None:
            _plant(web, self._mutant)
        return Part(web, self._starter)

    async def _line(self, name: str, upstream: tuple[str, int] | Path) -> int:
        if not self._has_proxies:
            return upstream[1] if isinstance(upstream, tuple) else 0
        # What Redis says is understood, so that single hints can be lost.
        kind = RedisProxy if name.endswith(">redis") else Proxy
        link = kind(upstream, seed=self.seed, name=name)
        self.links[name] = link
        return await link.start()

    # --- what clients and tests ask of it

    def __getitem__(self, handle: str) -> Person:
        return self.people[handle]

    @property
    def people(self) -> dict[str, Person]:
        """Everybody with an account, by handle."""
        assert self._template is not None
        return self._template.people

    @property
    def guests(self) -> list[Person]:
        """The people without a name."""
        return [person for handle, person in self.people.items() if handle.startswith("guest-")]

    def url(self, web: int | None, path: str = "/ws/v1/") -> str:
        """Return the address of a socket: of a web process, or through nginx (None)."""
        if web is not None:
            return f"ws://127.0.0.1:{self.webs[web].process.port}{path}"
        link = self.links.get("client>nginx")
        return f"ws://127.0.0.1:{link.port if link else self._nginx_port}{path}"

    async def call(
        self, person: Person, method: str, path: str, body: Any = None, web: int = 0
    ) -> httpx.Response:
        """Ask the REST of a web process and return whatever it answers."""
        url = f"{self.webs[web].process.base_url}/api/v1{path}"
        async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
            return await client.request(method, url, json=body, headers=person.headers)

    async def ask(self, person: Person, method: str, path: str, body: Any = None, web: int = 0) -> Any:
        """Ask the REST of a web process and expect that it is done."""
        answer = await self.call(person, method, path, body, web)
        assert answer.is_success, answer.text
        return answer.json()

    async def room(
        self, owner: Person, *members: Person, name: str = "Room", kind: str = "closed", web: int = 0
    ) -> int:
        """Make a room with these people in it and return its id."""
        body = {"name": name, "kind": kind, "members": [member.id for member in members]}
        made = await self.ask(owner, "POST", "/rooms", body, web)
        return int(made["id"])

    def figure(self, web: int, name: str) -> float:
        """Return a figure of a web process, as a collector reads it. Blocks."""
        text = self.webs[web].process.get("/metrics").body.decode()
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Read the database, past everything of ours. Blocks."""
        if self.database == "sqlite":
            connection = sqlite3.connect(f"file:{self._sqlite}?mode=ro", uri=True, timeout=10)
            try:
                return connection.execute(query).fetchall()
            finally:
                connection.close()
        with psycopg.connect(self.postgres.process.url, connect_timeout=5) as reading:
            return reading.execute(query.encode()).fetchall()

    async def sql(self, query: str) -> Sequence[tuple[Any, ...]]:
        """Read the database while the loop goes on."""
        return await asyncio.to_thread(self.rows, query)

    @property
    def _sqlite(self) -> Path:
        return self.folder / "maru.sqlite3"

    def logs(self) -> list[Path]:
        """Return what the processes have written."""
        logs = [part.process.log for part in self.parts]
        return [log for log in logs if log is not None and log.exists()]


def _plant(web: Serve, mutant: str) -> None:
    command = list(web.command)
    assert command[1] == "manage.py"
    web.command = [command[0], "-m", "tests.faults.mutants", mutant, *command[2:]]


@asynccontextmanager
async def world(
    *,
    seed: int = 0,
    database: Database = "postgres",
    webs: int = 2,
    has_proxies: bool = True,
    settings: Mapping[str, str] | None = None,
    mutant: str | None = None,
    folder: Path | None = None,
) -> AsyncIterator[World]:
    """Start a world in a scratch folder and remove it at the end.

    Args:
        webs: how many web processes; SQLite has one by nature.
        settings: the environment of the web processes, over the generous limits of tests.
        mutant: a planted fault of mutants.py that every web process has.
        folder: where its files go; without one a temporary folder that is removed.
    """
    scratch = folder or Path(tempfile.mkdtemp(prefix="maru-world-"))
    if database == "sqlite":
        webs = 1
    started = World(
        scratch,
        seed=seed,
        database=database,
        webs=webs,
        has_proxies=has_proxies,
        settings=settings or {},
        mutant=mutant,
    )
    try:
        await started.start()
        yield started
    finally:
        await started.stop()
        if folder is None:
            shutil.rmtree(scratch, ignore_errors=True)


__all__ = ["Part", "PostgresPart", "Process", "World", "world"]
