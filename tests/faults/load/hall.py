"""A house for crowds: Redis, PostgreSQL, one web process and nginx, and as many people as a test asks for."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import psycopg
from websockets.sync.client import ClientConnection, connect

from scripts.services import Nginx, Postgres, Redis, Serve, environment, free_port, manage
from scripts.services.process import Process, until
from tests.faults.meter import look
from tests.people import Person

_SHORT = {"DRAIN_S": "3", "SLOW_READER_S": "3"}
# What one person may do is kept out of the way of those rows that look for something else.
_GENEROUS = {
    "CONNECTIONS_PER_IP": "5000",
    "CONNECTIONS_PER_USER": "5000",
    "FRAMES_BURST": "100000",
    "FRAMES_PER_S": "10000",
    "HANDSHAKES_PER_S": "5000",
    "HANDSHAKES_BURST": "10000",
    "HANDSHAKES_BURST_PER_IP": "100000",
    "SENDS_BURST": "100000",
    "SENDS_PER_S": "10000",
}
_FAULT = re.compile(r"Traceback|\[(?:error|critical) *\]")
_MAKE = """
import json
from chat.models import Membership, Room, Token, User
users = User.objects.bulk_create(
    User(handle=f"person-{{number}}", name=f"Person {{number}}", password="!") for number in range({count})
)
secrets = [Token.new_secret() for _ in users]
Token.objects.bulk_create(
    Token(user=user, label="crowd", digest=Token.digest_of(secret)) for user, secret in zip(users, secrets)
)
print(json.dumps([[user.pk, user.handle, secret] for user, secret in zip(users, secrets)]))
"""
_MAKE_ROOMS = """
import json
from chat.models import Membership, Room
rooms = Room.objects.bulk_create(Room(kind="closed", name=f"Room {{number}}") for number in range({count}))
Membership.objects.bulk_create(
    [Membership(room=room, user_id=user) for room in rooms for user in {users!r}], batch_size=2000
)
print(json.dumps([room.pk for room in rooms]))
"""


class Hall:
    """The running processes."""

    def __init__(self, folder: Path, *, people_count: int, settings: Mapping[str, str] = _GENEROUS) -> None:
        # The kernel ends a child when the thread that started it ends: this one stays as long as we do.
        self._people_count = people_count
        self.people: list[Person] = []
        self._starter = ThreadPoolExecutor(max_workers=1)
        self.redis = Redis(folder)
        self.postgres = Postgres(folder / "postgres", durable=False)
        port = free_port()
        self.env = environment(
            folder,
            ALLOWED_ORIGINS=f"http://127.0.0.1:{port}",
            DATABASE_URL=self.postgres.url,
            PORT=str(port),
            REDIS_URL=self.redis.url,
            SECRET_KEY="only-for-tests-" + "0" * 40,
            TRUST_PROXY="1",
            **_SHORT,
            **settings,
        )
        self.web = Serve(folder, env=self.env, port=free_port())
        self.nginx = Nginx(folder, upstreams=[self.web.upstream], port=port)

    def __enter__(self) -> Self:
        try:
            self._starter.submit(self._start).result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.nginx, self.web, self.redis, self.postgres):
            process.stop()
        self.postgres.discard()
        self._starter.shutdown()

    def _start(self) -> None:
        self.redis.start()
        self.postgres.start()
        manage(["migrate"], self.env)
        self.people = [Person(*made) for made in self._print(_MAKE.format(count=self._people_count))]
        self.web.start()
        self.nginx.start()

    def restart(self, process: Process) -> None:
        """Start what was killed."""
        self._starter.submit(process.start).result()

    def rooms(self, people: Sequence[Person], count: int = 1) -> list[int]:
        """Make rooms with all these people in each; their log is empty."""
        script = _MAKE_ROOMS.format(count=count, users=[person.id for person in people])
        ids: list[int] = self._print(script)
        return ids

    def room(self, people: Sequence[Person]) -> int:
        """Make one room with all these people in it."""
        return self.rooms(people)[0]

    def speaker(self, person: Person, cursors: Mapping[str, int] | None = None) -> Speaker:
        """Connect somebody who writes, past nginx."""
        return Speaker(self.web.port, person.token, cursors)

    def transactions_count(self) -> int:
        """Return how many transactions the database has ended, once nothing is added but our own question."""
        query = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        counts: list[int] = []

        def is_settled() -> bool:
            # A process of the database tells what it has done about a second after it has become idle.
            time.sleep(0.4)
            with psycopg.connect(self.postgres.url, autocommit=True) as connection:
                row = connection.execute(query).fetchone()
            assert row is not None
            counts.append(int(row[0]))
            return len(counts) > 4 and counts[-1] - counts[-5] <= 10

        assert until(is_settled, 30), counts
        return counts[-1]

    def rss_bytes(self) -> int:
        """Return the memory of the web process."""
        sample = look(self.web.pid)
        assert sample is not None
        return sample.rss_bytes

    def comes_to_rest(self, quiet_s: float, timeout_s: float = 60) -> None:
        """Wait until the memory of the web process has stayed within a MiB for so long."""
        least, since = self.rss_bytes(), time.monotonic()

        def is_at_rest() -> bool:
            nonlocal least, since
            if abs(self.rss_bytes() - least) > 1024 * 1024:
                least, since = self.rss_bytes(), time.monotonic()
            return time.monotonic() - since >= quiet_s

        assert until(is_at_rest, timeout_s), "the memory goes up and down"

    def log_bytes(self) -> int:
        """Return how long the log of the web process is."""
        assert self.web.log is not None
        return self.web.log.stat().st_size

    def log_since(self, place: int) -> list[str]:
        """Return the lines that the web process has written since a place."""
        assert self.web.log is not None
        return self.web.log.read_bytes()[place:].decode(errors="replace").splitlines()

    def faults(self, place: int) -> list[str]:
        """Return those of them that tell of a fault of ours."""
        return [line for line in self.log_since(place) if _FAULT.search(line)]

    def _print(self, script: str) -> Any:
        return json.loads(manage(["shell", "--no-imports", "-c", script], self.env).splitlines()[-1])

    def figure(self, name: str) -> float:
        """Return a figure of the web process, as a collector reads it."""
        text = self.web.get("/metrics").body.decode()
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


class Speaker:
    """Somebody who writes to a room and counts the answers."""

    def __init__(self, port: int, token: str, cursors: Mapping[str, int] | None = None) -> None:
        self._connecting = connect(
            f"ws://127.0.0.1:{port}/ws/v1/",
            additional_headers={"Authorization": f"Bearer {token}"},
            proxy=None,
            max_size=None,
        )
        self.socket: ClientConnection
        self.resumed: dict[str, Any] = {}
        # Room and seq of what came between the answer to the resume and its end.
        self.replayed: set[tuple[int, int]] = set()
        self._cursors = cursors or {}
        self._ref = 0
        self._held: list[dict[str, Any]] = []
        # Answers by ref that nobody has waited for yet.
        self._answers: dict[int, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        self.socket = self._connecting.__enter__()
        assert self._next()["type"] == "hello"
        self.resumed = self.answer(self.say("resume", epoch=None, rooms=self._cursors))
        while (frame := self._next())["type"] != "synced":
            if "seq" in frame:
                self.replayed.add((frame["room"], frame["seq"]))
        return self

    def __exit__(self, *_: object) -> None:
        self._connecting.__exit__(None, None, None)

    def say(self, kind: str, **fields: Any) -> int:
        """Send a command and return its ref."""
        self._ref += 1
        self.socket.send(json.dumps({"type": kind, "ref": self._ref, **fields}))
        return self._ref

    def answer(self, ref: int) -> dict[str, Any]:
        """Return the answer to a ref; everything else that comes is passed over."""
        while ref not in self._answers:
            frame = self._next()
            if frame["type"] in ("reply", "pong"):
                self._answers[frame["ref"]] = frame
        return self._answers.pop(ref)

    def post(self, room: int, text: str) -> int:
        """Send a message with the time of its sending and return the ref."""
        body = f"at={time.monotonic_ns()}; {text}"
        return self.say("message.post", room=room, client_message_id=str(uuid.uuid4()), body=body)

    def posts(self, room: int, text: str, count: int, at_once: int = 8) -> list[int]:
        """Post so many messages, a few under way at a time, and return their seqs."""
        waiting: list[int] = []
        seqs = []
        for _ in range(count):
            waiting.append(self.post(room, text))
            if len(waiting) >= at_once:
                seqs.append(self._seq(waiting.pop(0)))
        return seqs + [self._seq(ref) for ref in waiting]

    def _seq(self, ref: int) -> int:
        reply = self.answer(ref)
        assert reply["ok"], reply
        return int(reply["result"]["seq"])

    def _next(self) -> dict[str, Any]:
        while not self._held:
            value = json.loads(self.socket.recv(timeout=30))
            self._held = value if isinstance(value, list) else [value]
        return self._held.pop(0)
