"""Two people who talk to each other the whole time, over clients that know nothing of the rows beside them."""

from __future__ import annotations

import json
from collections import deque
from contextlib import ExitStack
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.hostile.house import SOCKET_PATH, House
from tests.people import Person

_WAIT_S = 10.0


class Neighbour:
    """One of the two; `told` checks that nothing came but what was said here."""

    def __init__(self, opened: ClientConnection, room: int) -> None:
        self._room = room
        self._objects: deque[dict[str, Any]] = deque()
        self._socket = opened
        assert self._next()["type"] == "hello"
        self.send(type="resume", ref="resume", epoch=None, rooms={})
        answer = self._next()
        (state,) = answer["result"]["rooms"]
        assert (answer["ref"], state["id"]) == ("resume", room)
        self._seq = int(state["last_seq"])
        assert self._next()["type"] == "synced"

    def send(self, **fields: Any) -> None:
        self._socket.send(json.dumps(fields))

    def told(self, body: str, ref: str | None) -> None:
        """Read on to the next message, which must be this one; whoever wrote it has the reply too."""
        heard = [self._next() for _ in range(1 if ref is None else 2)]
        (change,) = [frame for frame in heard if frame["type"] == "message.posted"]
        self._seq += 1
        assert (change["room"], change["seq"], change["message"]["body"]) == (self._room, self._seq, body)
        replies = [frame for frame in heard if frame is not change]
        found = [(reply["ref"], reply["ok"], reply["result"]["seq"]) for reply in replies]
        assert found == ([] if ref is None else [(ref, True, self._seq)])

    def _next(self) -> dict[str, Any]:
        while True:
            while not self._objects:
                value = json.loads(self._socket.recv(_WAIT_S))
                self._objects += value if isinstance(value, list) else [value]
            frame = self._objects.popleft()
            if frame["type"] != "presence":
                return frame


class Neighbours:
    """Their conversation: `speak`, then `hear` what was said."""

    def __init__(self, house: House) -> None:
        alice, bob = house["alice"], house["bob"]
        self._room = house.room(alice, bob)
        self._sockets = ExitStack()
        self._pair = [Neighbour(self._open(house, person), self._room) for person in (alice, bob)]
        self.count = 0

    def speak(self) -> None:
        """Say the next sentence, and wait for nothing."""
        self.count += 1
        speaker = self._pair[self.count % 2]
        speaker.send(type="message.post", ref=self._ref, room=self._room, body=self._body,
                     client_message_id=f"sentence-{self.count}")  # fmt: skip

    def hear(self) -> None:
        """Let both hear it, and nothing else."""
        speaker, listener = self._pair[self.count % 2], self._pair[(self.count + 1) % 2]
        speaker.told(self._body, self._ref)
        listener.told(self._body, None)

    def leave(self) -> None:
        """End the conversation."""
        self._sockets.close()

    def _open(self, house: House, person: Person) -> ClientConnection:
        url, headers = f"ws://{house.host}{SOCKET_PATH}", {"Authorization": f"Bearer {person.token}"}
        return self._sockets.enter_context(connect(url, additional_headers=headers, proxy=None))

    @property
    def _body(self) -> str:
        return f"{self.count}번째 말이에요"

    @property
    def _ref(self) -> str:
        return f"r{self.count}"
