"""What others do while somebody sits in front of a browser: they write and read over a protocol of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.flows.topology import Topology
from tests.people import Person


def alongside(work: Coroutine[Any, Any, None]) -> None:
    """Run a client of the protocol: in a thread, because the browser has the loop of this one."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(asyncio.run, work).result()


def write(topology: Topology, person: Person, room: int, bodies: list[str]) -> None:
    """Have somebody write all of these, in order."""

    async def talk() -> None:
        async with topology.client(person, 1) as client:
            await asyncio.gather(*(client.post(room, body) for body in bodies))

    alongside(talk())


def read(topology: Topology, person: Person, room: int, msg_no: int) -> None:
    """Have somebody read up to a message."""

    async def mark() -> None:
        async with topology.client(person, 1) as client:
            await client.command("read.mark", room=room, msg_no=msg_no)

    alongside(mark())


@contextmanager
def writing(
    topology: Topology, person: Person, room: int, most: int, word: str = "말"
) -> Iterator[list[str]]:
    """Have somebody write one message after the other until the block ends; the list grows as they are stored."""
    said: list[str] = []
    is_over = threading.Event()

    async def talk() -> None:
        async with topology.client(person, 1, 0) as client:
            while not is_over.is_set() and len(said) < most:
                await client.post(room, f"{word} {len(said)}")
                said.append(f"{word} {len(said)}")
                # The pace of a busy room; as fast as it goes, all would be said before the first fault.
                await asyncio.sleep(0.02)

    with ThreadPoolExecutor(max_workers=1) as pool:
        done = pool.submit(asyncio.run, talk())
        try:
            yield said
        finally:
            is_over.set()
            done.result(60)


_WELCOME = "/welcome/"


class Portal(ThreadingHTTPServer):
    """The sign-in page of a hotel: whatever is asked, it answers with itself, in turn as 200 and as 302, or as 200."""

    daemon_threads = True

    def __init__(self, *, redirects: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _PortalPage)
        self.redirects = redirects
        self.handshakes_count = 0
        # What else was asked for, and how; what it sent on to itself is no question of its own.
        self.asked: list[str] = []
        self._count = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def answers(self) -> bool:
        """Count an answer; return whether it sends on to the welcome."""
        self._count += 1
        return self.redirects and self._count % 2 == 0


class _PortalPage(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Portal

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_redirected = self.server.answers()
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self.server.handshakes_count += 1
        elif self.path != _WELCOME:
            self.server.asked.append(f"{self.command} {self.path}")
        page = b"<!doctype html><title>Welcome to our hotel</title>"
        if is_redirected:
            self.send_response(302)
            self.send_header("Location", _WELCOME)
        else:
            self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815 - names of the standard library

    def log_message(self, *_: object) -> None:
        """Write nothing."""
