"""The production topology, started once for all stories: Redis, PostgreSQL, nginx and two web processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import psycopg
import pytest

from scripts.services import Nginx, Postgres, Process, Redis, Serve, environment, free_port
from scripts.services.process import until
from tests.flows.client import LastingClient
from tests.people import GENEROUS, Person, settled

_T = TypeVar("_T")

# Everybody who appears in a story; the last ones are a crowd.
HANDLES = ("alice", "bob", "carol", "mina", "gus", "지우", *(f"guest-{number}" for number in range(1, 29)))


class Topology:
    """The running processes and the people in them."""

    def __init__(self, folder: Path, handles: Sequence[str] = HANDLES, **settings: str) -> None:
        self.folder = folder
        self._handles = handles
        # The kernel ends a child when the thread that started it ends: this one stays as long as we do.
        self._starter = ThreadPoolExecutor(max_workers=1)
        self.redis = Redis(folder)
        self.postgres = Postgres(folder / "postgres", durable=False)
        ports = [free_port() for _ in range(3)]
        origins = ",".join(f"http://127.0.0.1:{port}" for port in ports)
        self.env = environment(
            folder,
            ALLOWED_ORIGINS=origins,
            DATABASE_URL=self.postgres.url,
            DRAIN_S="3",
            PORT=str(ports[0]),
            REDIS_URL=self.redis.url,
            SECRET_KEY="only-for-tests-" + "0" * 40,
            TRUST_PROXY="1",
            **(GENEROUS | settings),
        )
        self.webs = [
            Serve(folder, env=self.env, name=f"web-{number}", port=port)
            for number, port in enumerate(ports[1:], 1)
        ]
        self.nginx = Nginx(folder, upstreams=[web.upstream for web in self.webs], port=ports[0])
        self.people: dict[str, Person] = {}
        self._newcomers: Iterator[Person] = iter(())

    def __enter__(self) -> Self:
        try:
            self._starter.submit(self._start).result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.nginx, *self.webs, self.redis, self.postgres):
            process.stop()
        self.postgres.discard()
        self._starter.shutdown()

    def _start(self) -> None:
        self.redis.start()
        self.postgres.start()
        self.people = settled(self.env, self._handles)
        self._newcomers = iter(self.crowd)
        for process in (*self.webs, self.nginx):
            process.spawn()
        for process in (*self.webs, self.nginx):
            process.wait_ready()

    def heal(self) -> None:
        """Start what a story has ended."""
        self._starter.submit(self._heal).result()

    def _heal(self) -> None:
        for process in self.processes:
            process.thaw()
            if not process.is_running:
                process.start()

    @property
    def processes(self) -> list[Process]:
        """All of them, in the order of their start."""
        return [self.redis, self.postgres, *self.webs, self.nginx]

    async def run(self, action: Callable[..., _T], *args: object) -> _T:
        """Start, stop or kill something while the clients of the story go on."""
        return await asyncio.get_running_loop().run_in_executor(self._starter, action, *args)

    # --- people and rooms

    def __getitem__(self, handle: str) -> Person:
        return self.people[handle]

    @property
    def crowd(self) -> list[Person]:
        """The people without a name."""
        return [person for person in self.people.values() if person.handle.startswith("guest-")]

    def newcomer(self) -> Person:
        """Somebody of the crowd whom no story has changed or told anything, in whatever order they are played."""
        return next(self._newcomers)

    def call(self, person: Person, method: str, path: str, body: Any = None, web: int = 0) -> httpx.Response:
        """Ask the REST of a web process."""
        url = f"{self.webs[web].base_url}/api/v1{path}"
        return httpx.request(method, url, json=body, headers=person.headers, timeout=10, trust_env=False)

    def ask(self, person: Person, method: str, path: str, body: Any = None, web: int = 0) -> Any:
        """Ask the REST of a web process and expect that it is done."""
        answer = self.call(person, method, path, body, web)
        assert answer.is_success, answer.text
        return answer.json()

    def room(self, owner: Person, *members: Person, name: str = "Room", kind: str = "closed") -> int:
        """Make a room with these people in it and return its id."""
        body = {"name": name, "kind": kind, "members": [member.id for member in members]}
        made: int = self.ask(owner, "POST", "/rooms", body)["id"]
        return made

    def figure(self, web: int, name: str) -> float:
        """Return a figure of a web process, as a collector reads it."""
        text = self.webs[web].get("/metrics").body.decode()
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))

    async def redis_carries(self) -> None:
        """Wait until both web processes hear each other through Redis."""

        def is_whole() -> bool:
            return not any(self.figure(web, "maru_layer_degraded") for web in range(len(self.webs)))

        assert await asyncio.to_thread(until, is_whole, 15), "the link over Redis has not come back"

    # --- sockets and rows

    def url(self, web: int | None, path: str = "/ws/v1/") -> str:
        """Return the address of a socket: of a web process, or through nginx (None)."""
        port = self.nginx.port if web is None else self.webs[web].port
        return f"ws://127.0.0.1:{port}{path}"

    def client(self, person: Person, *webs: int | None) -> LastingClient:
        """Return a client that goes to these in turn; without any through nginx."""
        return LastingClient(person.token, [self.url(web) for web in webs or (None,)])

    def rows(self, query: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """Read the database, past everything of ours."""
        with psycopg.connect(self.postgres.url) as connection:
            # Queries are written in the stories themselves.
            return connection.execute(query.encode(), values).fetchall()

    def stored(self, room: int) -> list[tuple[int, int, str, str]]:
        """Return (seq, sender, client_message_id, body) of the messages of a room, in order."""
        query = (
            "SELECT seq, sender_id, client_message_id, body FROM chat_message WHERE room_id = %s ORDER BY seq"
        )
        return [(seq, sender, key, body) for seq, sender, key, body in self.rows(query, room)]

    def log(self, room: int) -> list[tuple[int, str]]:
        """Return (seq, kind) of the change log of a room, in order."""
        query = "SELECT seq, kind FROM chat_change WHERE room_id = %s ORDER BY seq"
        return [(seq, kind) for seq, kind in self.rows(query, room)]


@pytest.fixture(scope="session")
def whole_topology(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    """The processes of all stories."""
    with Topology(tmp_path_factory.mktemp("flows")) as running:
        yield running


@pytest.fixture
def topology(whole_topology: Topology) -> Topology:
    """The same with everything up again that an earlier story has ended."""
    whole_topology.heal()
    return whole_topology
