"""Through each kind of door: ask, and return the letter of the answer."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from chat.protocol.errors import ERRORS, CloseCode, ErrorCode
from tests.matrix.deeds import Fields
from tests.matrix.stage import House
from tests.matrix.table import ROLES
from tests.pictures.drawing import drawn
from tests.socket_client import Socket

Connect = Callable[..., Awaitable[Socket]]
ORIGIN = "http://localhost:8000"
_LETTERS = {"not_found": "N", "forbidden": "F", "muted": "M", "signed_out": "L", "conflict": "C"}


@dataclass
class Answered:
    """A letter of the table (or a code that has none), everything that was answered, and a result."""

    letter: str
    whole: object
    result: Fields


class Asker:
    """Asks as anybody of the table."""

    def __init__(self, house: House, connect: Connect, client: httpx.AsyncClient) -> None:
        self._house, self._connect, self._client = house, connect, client
        # Everything that was answered to each role, and the sockets that were opened for one question.
        self.told: defaultdict[str, list[str]] = defaultdict(list)
        self.opened: defaultdict[str, list[Socket]] = defaultdict(list)

    async def ask(self, role: str, door: str, fields: Fields, slug: str = "") -> Answered:
        """Go through one door."""
        assert role in ROLES
        kind, _, path = door.partition(" ")
        if kind == "ws":
            answered = await self._say(role, slug, f"simply said by {role}")
        elif path:
            answered = await self._request(role, kind, path, fields)
        else:
            answered = await self._command(role, door, fields)
        self.told[role].append(text_of(answered))
        return answered

    async def _request(self, role: str, method: str, path: str, fields: Fields) -> Answered:
        rest = dict(fields)
        path = re.sub(r"{(\w+)}", lambda match: quote(str(rest.pop(match[1])), safe=""), path)
        headers = {}
        if role in self._house.crew.tokens:
            headers["authorization"] = f"Bearer {self._house.crew.tokens[role]}"
        body = rest if method in ("POST", "PATCH", "PUT") else None
        said: Fields = {"json": body}
        if (method, path) == ("POST", "/uploads"):
            said = {"files": {"file": ("notes.txt", b"words", "text/plain")}}
        elif path.startswith("/uploads/resumable"):
            # Five bytes, all of which have come.
            headers |= {"tus-resumable": "1.0.0", "upload-length": "5", "upload-offset": "5"}
            said = {}
            if method == "PATCH":
                headers["content-type"] = "application/offset+octet-stream"
        elif method == "PUT" and re.fullmatch(r"/me/avatar|/admin/workspace/logo|/emoji/[^/]+", path):
            said = {"content": drawn("PNG", (8, 8))}
        response = await self._client.request(method, path.lstrip("/"), headers=headers, **said)
        whole = (response.status_code, response.content)
        is_json = response.headers.get("content-type", "").startswith("application/json")
        found = response.json() if is_json and response.content else {}
        if response.is_success:
            return Answered("Y", whole, found)
        if method == "HEAD":
            # The status is all that it says.
            found = {"error": {"code": {401: "signed_out", 404: "not_found"}[response.status_code]}}
        code = str(found["error"]["code"])
        assert response.status_code == ERRORS[ErrorCode(code)].http_status
        return Answered(_LETTERS.get(code, code), whole, {})

    async def _command(self, role: str, kind: str, fields: Fields) -> Answered:
        if role not in self._house.sockets:
            return await self._knock(role)
        socket = self._house.sockets[role]
        if kind.startswith("typing."):
            return await self._type(socket, role, kind, fields)
        if kind == "resume":
            # Once in a connection's life.
            socket = await self._connect(self._house.crew.tokens[role])
            self.opened[role].append(socket)
        reply = await socket.ask(kind, **fields)
        if kind == "resume":
            if reply["ok"]:
                await socket.until("synced")
            await socket.close()
        if reply["type"] == "pong" or reply["ok"]:
            return Answered("Y", reply, reply.get("result", {}))
        code = str(reply["error"]["code"])
        return Answered(_LETTERS.get(code, code), reply["error"], {})

    async def _type(self, socket: Socket, role: str, kind: str, fields: Fields) -> Answered:
        """Type, and stop if that is to be seen; whether the watcher heard is the answer."""
        room, start = fields["room"], len(self._house.watch.seen)
        if kind == "typing.stop":
            await socket.send({"type": "typing.start", **fields})
        await socket.send({"type": kind, **fields})
        await socket.ask("ping")
        await self._house.heard(room)
        typed = [
            frame["is_typing"]
            for frame in self._house.watch.seen[start:]
            if frame.get("type") == "typing"
            and frame["room"] == room
            and frame["user"] == self._house.pk(role)
        ]
        # So that the next start is one again.
        await socket.send({"type": "typing.stop", **fields})
        await socket.ask("ping")
        expected = [True] if kind == "typing.start" else [True, False]
        return Answered("Y" if typed == expected else "Q" if not typed else str(typed), typed, {})

    async def _knock(self, role: str) -> Answered:
        # The page's own origin: what is wrong is only that nobody is signed in.
        socket = await self._connect(self._house.crew.tokens.get(role), origin=ORIGIN)
        code = await socket.closed()
        return Answered("L" if code == CloseCode.SIGNED_OUT and not socket.seen else str(code), code, {})

    async def _say(self, role: str, slug: str, body: str) -> Answered:
        """Enter by the simple protocol and say something."""
        socket = await self._connect(self._house.crew.tokens.get(role), path=f"/ws/chat/{slug}/")
        self.opened[role].append(socket)
        if role not in self._house.sockets:
            code = await socket.closed()
            return Answered("L" if code == CloseCode.SIGNED_OUT and not socket.seen else str(code), code, {})
        await socket.send({"message": body})
        frame = await socket.next()
        if "error" not in frame:
            assert frame["message"] == body, frame
            await socket.close()
            return Answered("Y", frame, frame)
        code = frame["error"]["code"]
        if code in ("not_found", "forbidden"):
            assert await socket.closed() == CloseCode.PROTOCOL_BROKEN
        return Answered(_LETTERS.get(code, code), frame["error"], {})


def text_of(answered: Answered) -> str:
    """Return everything that was answered, to be searched."""
    whole: Any = answered.whole
    return whole[1].decode(errors="replace") if isinstance(whole, tuple) else json.dumps(whole)
