"""The far end of a connection, as a server shows it: a reader who takes frames or does not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from chat.protocol.errors import CloseCode

_WAIT_S = 10.0


class Wire:
    """The outside of a connection: a reader on a stock server who takes frames only while `open` is set."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.is_gone = False
        self.texts: list[str] = []
        self.code: CloseCode | None = None
        self._changed = asyncio.Event()

    async def send(self, text: str) -> None:
        """Take one frame."""
        await self.open.wait()
        if self.is_gone:
            raise ConnectionResetError("gone")
        self.texts.append(text)
        self._changed.set()

    async def close(self, code: CloseCode) -> None:
        """Take the close."""
        self.code = code
        self._changed.set()

    async def until(self, holds: Any) -> None:
        """Wait for what has been sent."""
        async with asyncio.timeout(_WAIT_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    def objects(self) -> list[dict[str, Any]]:
        """Return the objects that have come, in order."""
        values = [json.loads(text) for text in self.texts]
        return [one for value in values for one in (value if isinstance(value, list) else [value])]

    def numbers(self) -> list[int]:
        """Return the numbers of the objects that have come."""
        return [one["n"] for one in self.objects()]


class Link:
    """The prepared-frame extension of our server, which writes at once or not at all."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.writable = asyncio.Event()
        self.writable.set()

    @staticmethod
    def frame(payload: bytes) -> bytes:
        """Prepare."""
        return payload

    def send(self, prepared: bytes) -> bool:
        """Write, or say no."""
        if not self.writable.is_set():
            return False
        self.written.append(prepared)
        return True
