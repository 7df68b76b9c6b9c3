"""A client that comes back by itself, as the page does."""

from __future__ import annotations

import asyncio
import fcntl
import json
import random
import socket
import sys
import termios
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.flows.later import Later

Frame = dict[str, Any]
WAIT_S = 30.0
_FIRST_BACKOFF_S = 0.1
_LAST_BACKOFF_S = 2.0
# Codes after which a client does not come back by itself.
_FINAL = {4500, 4501, 4502, 4503}


def _socket(url: str) -> socket.socket:
    # What the kernel holds for a client that does not read is nothing that the server knows of: keep it small.
    address = urlsplit(url)
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    try:
        opened.connect((address.hostname, address.port))
    except OSError:
        opened.close()
        raise
    opened.setblocking(False)
    return opened


class Refusal(Exception):
    """A command was refused for good."""


class LastingClient:
    """Keeps its cursors and its outbox over connections, and everything that it was told.

    `faults` takes what the contract rules out: a hole, a repeat, a reply that nobody asked for, a reset.
    """

    def __init__(self, token: str, urls: Sequence[str], *, heartbeat_s: float = 20.0) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}
        self._urls = list(urls)
        self._heartbeat_s = heartbeat_s
        self._turn = 0
        self._connection: ClientConnection | None = None
        self.is_synced = False
        self._is_leaving = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._resuming: asyncio.Task[None] | None = None
        self._watchers: set[asyncio.Event] = set()
        self._outbox: dict[str, Frame] = {}
        self._answers: dict[str, asyncio.Future[Frame]] = {}
        self._later = Later(self._repeat)
        self._ref = 0
        # Cleared by `hold`: then nothing is read behind the answer to the resume.
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._is_held = False
        self._has_begun = False
        self.epoch: str | None = None
        self.cursors: dict[int, int] = {}
        self.rooms: dict[int, Frame] = {}
        # The changes of each room in order of arrival, over all connections.
        self.changes: dict[int, list[Frame]] = defaultdict(list)
        self.events: list[Frame] = []
        self.acked: dict[str, Frame] = {}
        self.closes: list[int | None] = []
        self.byes: list[int] = []
        self.connections_count = 0
        self.faults: list[str] = []

    async def __aenter__(self) -> Self:
        self.come()
        await self.synced()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    def come(self) -> None:
        """Begin to connect, and go on until `leave`."""
        self._is_leaving.clear()
        self._task = asyncio.get_running_loop().create_task(self._live())

    @property
    def is_leaving(self) -> bool:
        """Whether it has been told to stay away."""
        return self._is_leaving.is_set()

    def check(self) -> None:
        """Raise what has ended its life, if it should still be there."""
        if self._task is not None and self._task.done():
            self._task.result()
            raise AssertionError(f"the client has ended: closes {self.closes}")

    async def synced(self) -> None:
        """Wait until it is connected and up to date."""
        await self.until(lambda: self.is_synced)

    async def leave(self) -> None:
        """Disconnect and stay away; cursors and outbox are kept."""
        self._is_leaving.set()
        if self._connection is not None:
            await self._connection.close()
        if self._task is not None:
            await self._task
            self._task = None

    def hold(self) -> None:
        """Stop reading behind the answer to the next resume, until `go_on`."""
        self._may_read.clear()

    async def held(self) -> None:
        """Wait until `hold` has come into force."""
        await self.until(lambda: self._is_held)

    @property
    def unread_bytes(self) -> int:
        """What has arrived at its socket and was not read."""
        assert self._connection is not None
        waiting = fcntl.ioctl(self._connection.transport.get_extra_info("socket"), termios.FIONREAD, bytes(4))
        return int.from_bytes(waiting, sys.byteorder)

    def go_on(self) -> None:
        """Read on."""
        self._may_read.set()

    async def until(self, holds: Callable[[], bool], wait_s: float = WAIT_S) -> None:
        """Wait for what the next frames bring."""
        moved = asyncio.Event()
        self._watchers.add(moved)
        try:
            async with asyncio.timeout(wait_s):
                while not holds():
                    self.check()
                    await moved.wait()
                    moved.clear()
        finally:
            self._watchers.discard(moved)

    async def reads(self, room: int, seq: int, wait_s: float = WAIT_S) -> None:
        """Wait until a room's changes have arrived up to a seq."""
        await self.until(lambda: self.cursors.get(room, 0) >= seq, wait_s)

    async def hears(self, room: int, count: int, wait_s: float = WAIT_S) -> None:
        """Wait until so many messages of a room have arrived."""
        await self.until(lambda: len(self.bodies(room)) >= count, wait_s)

    async def enters(self, room: int) -> None:
        """Wait until the room is one of ours."""
        await self.until(lambda: room in self.rooms)

    async def exits(self, room: int) -> None:
        """Wait until the room is not one of ours any more."""
        await self.until(lambda: room not in self.rooms)

    async def ends(self, wait_s: float = WAIT_S) -> None:
        """Wait until it has given up, because the server has told it not to come back."""
        assert self._task is not None
        async with asyncio.timeout(wait_s):
            await asyncio.shield(self._task)

    async def post(self, room: int, body: str, wait_s: float = WAIT_S) -> Frame:
        """Write a message and return the reply's result, however many connections it takes."""
        key = uuid.uuid4().hex
        frame = {"type": "message.post", "room": room, "client_message_id": key, "body": body}
        return await self.insist(key, frame, wait_s)

    async def insist(self, ref: str, frame: Frame, wait_s: float = WAIT_S) -> Frame:
        """Send a command until it has its final answer, and return that reply's result. Raises Refusal."""
        self._outbox[ref] = frame
        return await self._answered(ref, frame, wait_s)

    async def command(self, kind: str, **fields: Any) -> Frame:
        """Send a command on the connection of now and return the reply's result. Raises Refusal."""
        self._ref += 1
        return await self._answered(f"ref-{self._ref}", {"type": kind, **fields}, WAIT_S)

    def bodies(self, room: int) -> list[str]:
        """Return what was said in a room, in order of arrival."""
        return [
            change["message"]["body"] for change in self.changes[room] if change["type"] == "message.posted"
        ]

    def seqs(self, room: int) -> list[int]:
        """Return the seqs of a room's changes, in order of arrival."""
        return [change["seq"] for change in self.changes[room]]

    async def _answered(self, ref: str, frame: Frame, wait_s: float) -> Frame:
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._answers[ref] = answer
        await self.send({**frame, "ref": ref})
        try:
            async with asyncio.timeout(wait_s):
                return await answer
        finally:
            self._answers.pop(ref, None)

    async def send(self, frame: Frame) -> None:
        """Send a frame if there is a connection; what is in the outbox is sent again after the next resume."""
        if self.is_synced and self._connection is not None:
            self.sending(frame)
            with suppress(ConnectionClosed):
                await self._connection.send(json.dumps(frame))

    async def dial(self, url: str) -> socket.socket:
        """Return a connected socket. Raises OSError."""
        return _socket(url)

    # What happens, for those who write it down; all do nothing here.

    def dialled(self) -> None:
        """A handshake begins."""

    def opened(self) -> None:
        """A connection is open, the last one of `connections_count`."""

    def closed(self, code: int | None) -> None:
        """It is closed."""

    def heard(self, frame: Frame) -> None:
        """A frame has arrived, and nothing was done with it yet."""

    def taken(self, frame: Frame) -> None:
        """It has been taken in."""

    def sending(self, frame: Frame) -> None:
        """A frame goes out."""

    async def _live(self) -> None:
        backoff_s = _FIRST_BACKOFF_S
        while not self._is_leaving.is_set():
            url = self._urls[self._turn % len(self._urls)]
            self._turn += 1
            wait_s = backoff_s * random.uniform(0.5, 1)
            self.dialled()
            with suppress(OSError, TimeoutError, InvalidHandshake, ConnectionClosed):
                async with connect(
                    url,
                    additional_headers=self._headers,
                    open_timeout=5,
                    close_timeout=2,
                    ping_interval=self._heartbeat_s,
                    ping_timeout=self._heartbeat_s,
                    proxy=None,
                    sock=await self.dial(url),
                ) as connection:
                    self._connection = connection
                    self.connections_count += 1
                    self._has_begun = False
                    byes = len(self.byes)
                    self.opened()
                    try:
                        async for text in connection:
                            await self._take(str(text))
                            backoff_s = _FIRST_BACKOFF_S
                            await self._pause()
                    except ConnectionClosed:
                        pass  # the code says why
                    finally:
                        self.is_synced = False
                        self._connection = None
                        self.closes.append(connection.close_code)
                        self.closed(connection.close_code)
                        self._tell()
                    if connection.close_code in _FINAL:
                        return
                    if len(self.byes) > byes:
                        wait_s = self.byes[-1] / 1_000
            backoff_s = min(backoff_s * 2, _LAST_BACKOFF_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_leaving.wait(), wait_s)

    async def _pause(self) -> None:
        if self._has_begun and not self._may_read.is_set():
            self._is_held = True
            self._tell()
            await self._may_read.wait()
            self._is_held = False

    async def _take(self, text: str) -> None:
        value = json.loads(text)
        for frame in value if isinstance(value, list) else [value]:
            self.heard(frame)
            await self._take_one(frame)
            self.taken(frame)
        self._tell()

    async def _take_one(self, frame: Frame) -> None:
        match frame["type"]:
            case "hello":
                await self._resume()
            case "reply" if frame["ref"] == "resume" and frame["ok"]:
                self._begin(frame["result"])
            case "reply" if frame["ref"] == "resume":
                self._resume_later(frame["error"])
            case "reply":
                await self._settle(frame)
            case "synced":
                self.is_synced = True
                for key, waiting in list(self._outbox.items()):
                    await self.send({**waiting, "ref": key})
            case "bye":
                self.byes.append(frame["in_ms"])
            case "room.opened":
                state = frame["room"]
                self.rooms[state["id"]] = state
                self.cursors[state["id"]] = state["last_seq"]
            case "room.closed":
                self.cursors.pop(frame["room"], None)
                self.rooms.pop(frame["room"], None)
            case _ if "seq" in frame:
                self.apply(frame)
            case _:
                self.events.append(frame)
                if frame["type"] == "degraded":
                    self._later.hear(frame["parts"])

    async def _resume(self) -> None:
        if self._connection is not None:
            cursors = {str(room): seq for room, seq in self.cursors.items()}
            resume = {"type": "resume", "ref": "resume", "epoch": self.epoch, "rooms": cursors}
            with suppress(ConnectionClosed):
                await self._connection.send(json.dumps(resume))

    def _resume_later(self, error: Frame) -> None:
        if not error["retry"]:
            self.faults.append(f"a resume was refused for good: {error}")
            return
        loop, asked = asyncio.get_running_loop(), self.connections_count

        def again() -> None:
            if self.connections_count == asked:
                self._resuming = loop.create_task(self._resume())

        loop.call_later(error.get("after_ms", 1_000) / 1_000, again)

    def _begin(self, result: Frame) -> None:
        self._has_begun = True
        self.epoch = result["epoch"]
        self.rooms = {state["id"]: state for state in result["rooms"]}
        self.faults += [f"reset of room {room}" for room in result["reset"]]
        for state in result["rooms"]:
            if state["id"] not in self.cursors or state["id"] in result["reset"]:
                self.cursors[state["id"]] = state["last_seq"]
        for room in self.cursors.keys() - self.rooms.keys():
            del self.cursors[room]

    def apply(self, change: Frame) -> None:
        """Take a change in and move the cursor."""
        room, seq = change["room"], change["seq"]
        if room not in self.cursors:
            self.faults.append(f"{change['type']} {seq} of room {room}, which is not ours")
            return
        if seq != self.cursors[room] + 1:
            self.faults.append(f"{change['type']} {seq} of room {room} after {self.cursors[room]}")
        self.cursors[room] = seq
        self.changes[room].append(change)

    async def _settle(self, reply: Frame) -> None:
        ref, answer = reply["ref"], self._answers.get(reply["ref"])
        if not reply["ok"] and reply["error"]["retry"] and ref in self._outbox:
            self._later.put(ref, {**self._outbox[ref], "ref": ref}, reply["error"])
            return
        is_known = ref in self._outbox or answer is not None
        self._outbox.pop(ref, None)
        if reply["ok"] and "seq" in reply["result"] and "msg_no" in reply["result"]:
            self.acked.setdefault(ref, reply["result"])
        if answer is not None and not answer.done():
            if reply["ok"]:
                answer.set_result(reply["result"])
            else:
                answer.set_exception(Refusal(reply["error"]["code"]))
        elif not is_known and ref not in self.acked:
            self.faults.append(f"a reply to {ref}, which was not asked for")

    async def _repeat(self, ref: str, waiting: Frame) -> None:
        # A reconnection may have repeated it meanwhile; an old edit after a newer one would undo that.
        if ref in self._outbox:
            await self.send(waiting)

    def _tell(self) -> None:
        for moved in self._watchers:
            moved.set()
