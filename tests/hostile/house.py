"""One web process with the whole application, the people in it, and raw lines towards it."""

from __future__ import annotations

import json
import re
import socket
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import psutil

from scripts.services import Serve, environment, free_port
from tests.gateway.wire import CLOSE, DEADLINE_S, PING, TEXT, Answer, Wire
from tests.people import Person, settled

SOCKET_PATH = "/ws/v1/"
# Alice and Bob are neighbours who only talk to each other; Mallory sends what is bad; Carol and Dave sign in
# with passwords; Erin and Frank open too many sockets; Grace sends too much.
HANDLES = ("alice", "bob", "mallory", "carol", "dave", "erin", "frank", "grace")
# Faster than people, so that limits are met only by those rows that look for them.
_SETTINGS = {
    "CONNECTIONS_PER_IP": "40",
    "FRAMES_BURST": "100",
    "FRAMES_PER_S": "1000",
    "HANDSHAKES_BURST_PER_IP": "10000",
    "SENDS_BURST": "60",
    "SENDS_PER_S": "100",
    "SIGNUP": "open",
}
_FAULT = re.compile(r"Traceback|\[(?:error|critical) *\]")
STATIC_FILE = b"0123456789" * 100


class House:
    """The running process."""

    def __init__(self, folder: Path) -> None:
        # The kernel ends a child when the thread that started it ends: this one stays as long as we do.
        self._starter = ThreadPoolExecutor(max_workers=1)
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.origin = f"http://{self.host}"
        self.database = folder / "maru.sqlite3"
        (folder / "static").mkdir()
        (folder / "static" / "digits.txt").write_bytes(STATIC_FILE)
        self._env = environment(folder, PORT=str(self.port), **_SETTINGS)
        self.web = Serve(folder, env=self._env, port=self.port)
        self.people: dict[str, Person] = {}
        self.http = httpx.Client(base_url=self.origin, timeout=DEADLINE_S, trust_env=False)

    def __enter__(self) -> Self:
        try:
            self._starter.submit(self._start).result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self.web.stop()
        self._starter.shutdown()

    def _start(self) -> None:
        self.people = settled(self._env, HANDLES)
        self.web.start()

    def __getitem__(self, handle: str) -> Person:
        return self.people[handle]

    # --- what it does to itself

    def log_bytes(self) -> int:
        """Return how long the log is."""
        assert self.web.log is not None
        return self.web.log.stat().st_size

    def log_since(self, place: int) -> str:
        """Return what it has written since a place."""
        assert self.web.log is not None
        return self.web.log.read_bytes()[place:].decode(errors="replace")

    def faults_since(self, place: int) -> list[str]:
        """Return the lines that tell of a fault of ours."""
        return [line for line in self.log_since(place).splitlines() if _FAULT.search(line)]

    def rss_bytes(self) -> int:
        """Return the memory it holds."""
        return int(psutil.Process(self.web.pid).memory_info().rss)

    # --- what people ask of it

    def ask(self, person: Person, method: str, path: str, body: Any = None) -> httpx.Response:
        """Ask the REST."""
        return self.http.request(method, f"/api/v1{path}", json=body, headers=person.headers)

    def made(self, person: Person, path: str, body: Any) -> dict[str, Any]:
        """Make something over REST."""
        answer = self.ask(person, "POST", path, body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def room(self, owner: Person, *members: Person) -> int:
        """Make a closed room."""
        fields = {"name": "Room", "kind": "closed", "members": [member.id for member in members]}
        return int(self.made(owner, "/rooms", fields)["id"])

    @contextmanager
    def browser(self, person: Person) -> Iterator[httpx.Client]:
        """Sign in as a browser does."""
        with httpx.Client(base_url=self.origin, timeout=DEADLINE_S, trust_env=False) as browser:
            browser.get("/accounts/login/")
            form = {
                "login": person.handle,
                "password": person.password,
                "csrfmiddlewaretoken": browser.cookies["csrftoken"],
            }
            answer = browser.post("/accounts/login/", data=form, headers={"Origin": self.origin})
            assert (answer.status_code, answer.headers.get("location")) == (302, "/"), answer.text
            yield browser


class Line(Wire):
    """A raw connection to the house."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.socket = socket.create_connection(("127.0.0.1", house.port), DEADLINE_S)
        self.buffer = b""
        self._objects: deque[dict[str, Any]] = deque()

    def request(self, method: str, path: str, headers: Iterable[str] = (), body: bytes = b"") -> Answer:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.house.host}", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        return self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body).answer()

    def sign_in(self, person: Person, *, resume: bool = True) -> Self:
        """Open a socket with a token, read its greeting, and resume."""
        self.open(SOCKET_PATH, person.bearer)
        assert self.hear()["type"] == "hello"
        if resume:
            self.say(type="resume", ref="resume", rooms={})
            assert self.reply()["ok"]
            while self.hear()["type"] != "synced":
                pass
        return self

    def say(self, **fields: Any) -> Self:
        """Send one object."""
        return self.frame(TEXT, json.dumps(fields).encode())

    def hear(self) -> dict[str, Any]:
        """Return the next object, whether it comes alone or in an array."""
        while not self._objects:
            opcode, payload = self.read_frame()
            assert opcode != CLOSE, payload
            if opcode != PING:
                value = json.loads(payload)
                self._objects += value if isinstance(value, list) else [value]
        return self._objects.popleft()

    def reply(self) -> dict[str, Any]:
        """Return the next reply, passing over changes and events."""
        while True:
            heard = self.hear()
            if heard["type"] in ("reply", "pong"):
                return heard

    def asked(self, command: str, /, **fields: Any) -> dict[str, Any]:
        """Send a command and return its reply."""
        reply = self.say(type=command, ref="asked", **fields).reply()
        assert reply["ref"] == "asked", reply
        return reply

    def refusal(self, text: str | bytes) -> dict[str, Any]:
        """Send a text and return the error that it is answered with."""
        reply = self.frame(TEXT, text if isinstance(text, bytes) else text.encode()).reply()
        assert reply.get("ok") is False, reply
        error: dict[str, Any] = reply["error"]
        return error

    def still_talks(self) -> bool:
        """Tell whether the socket is answered."""
        return self.say(type="ping", ref="still").reply() == {"type": "pong", "ref": "still"}
