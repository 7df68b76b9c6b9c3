"""An upload on its way: taken apart as it comes, on the disk before it is looked at, gone if it does not end well."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings

from chat.features.attachments.multipart import Part, Reader
from chat.files import kinds, names
from chat.protocol import limits
from chat.protocol.errors import ErrorCode, ProtocolError

_T = TypeVar("_T")
# What a body may hold beside the file: marks, heads, the other fields.
BESIDE_MAX_BYTES = 64 * 1024
_FIELD_MAX_BYTES = 4 * limits.ALT_MAX_CHARS
# What a process that was killed has left.
_LEFT_AFTER_S = 86_400


@dataclass(slots=True)
class Arrived:
    """A file on the disk of this machine, and what was said of it."""

    path: Path
    name: str
    size_bytes: int
    type: str
    alt: str


def folder() -> Path:
    """Return where files lie while they arrive: beside the others, so that keeping one is only another name."""
    return Path(settings.MEDIA_ROOT) / "arriving"


@contextlib.asynccontextmanager
async def taken(pieces: AsyncIterator[bytes], boundary: bytes, max_bytes: int) -> AsyncIterator[Arrived]:
    """Have a body of multipart/form-data as a file, which is gone afterwards unless it was moved away.

    Raises:
        ProtocolError: bad_frame, too_many, too_long, empty.
        OSError: no place on the disk.
        ConnectionResetError: the client has gone.
    """
    file = await in_thread(opened)
    path = Path(file.name)
    try:
        try:
            found = await _Taking(file, max_bytes).run(pieces, Reader(boundary))
        finally:
            await in_thread(file.close)
        name = names.safe(found.filename)
        kind = kinds.of(bytes(found.head), name)
        yield Arrived(path, name, found.size_bytes, kind, found.alt.decode("utf-8", "replace"))
    finally:
        await in_thread(lambda: path.unlink(missing_ok=True))


def sweep(now_s: float | None = None) -> int:
    """Delete what processes that were killed have left; return how many files."""
    count = 0
    before = (time.time() if now_s is None else now_s) - _LEFT_AFTER_S
    for path in folder().glob("*") if folder().is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()
                count += 1
    return count


class _Taking:
    """The file and the fields of one body."""

    def __init__(self, file: Any, max_bytes: int) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._part: Part | None = None
        self._names: set[str] = set()
        self._beside_bytes = 0
        self.filename = ""
        self.size_bytes = 0
        self.head = bytearray()
        self.alt = bytearray()

    async def run(self, pieces: AsyncIterator[bytes], reader: Reader) -> _Taking:
        async for piece in pieces:
            for found in reader.feed(piece):
                if isinstance(found, Part):
                    self._begin(found)
                else:
                    await self._add(found)
        if not reader.has_ended:
            raise ProtocolError(ErrorCode.BAD_FRAME, "the body ends before its last boundary")
        if "file" not in self._names:
            raise ProtocolError(ErrorCode.BAD_FRAME, "the part named file is missing")
        if not self.size_bytes:
            raise ProtocolError(ErrorCode.EMPTY, "the file has 0 bytes")
        return self

    def _begin(self, part: Part) -> None:
        if part.name in self._names:
            raise ProtocolError(ErrorCode.BAD_FRAME, f"more than one part named {part.name[:40]}")
        self._names.add(part.name)
        self._part = part
        if part.name == "file":
            if part.filename is None:
                raise ProtocolError(ErrorCode.BAD_FRAME, "the part named file has no filename")
            self.filename = part.filename

    async def _add(self, data: bytes) -> None:
        if self._part is None or self._part.name != "file":
            self._add_field(data)
            return
        self.size_bytes += len(data)
        if self.size_bytes > self._max_bytes:
            raise too_long(f"more than {self._max_bytes:,}", self._max_bytes)
        self.head += data[: kinds.HEAD_BYTES - len(self.head)]
        await in_thread(lambda: self._file.write(data))

    def _add_field(self, data: bytes) -> None:
        self._beside_bytes += len(data)
        if self._beside_bytes > BESIDE_MAX_BYTES:
            raise too_long(f"{self._beside_bytes:,} beside the file", BESIDE_MAX_BYTES)
        if self._part is not None and self._part.name == "alt":
            self.alt += data
            if len(self.alt) > _FIELD_MAX_BYTES:
                detail = f"alt is more than {_FIELD_MAX_BYTES:,} bytes"
                raise ProtocolError(ErrorCode.TOO_LONG, detail)


def too_long(found: str, max_bytes: int) -> ProtocolError:
    """Return the refusal of a file that is too large."""
    return ProtocolError(ErrorCode.TOO_LONG, f"the file is {found} bytes, at most {max_bytes:,}")


def opened() -> Any:
    """Open a new file where files lie while they arrive."""
    folder().mkdir(parents=True, exist_ok=True)
    return (folder() / uuid.uuid4().hex).open("xb")


async def in_thread(function: Callable[[], _T]) -> _T:
    """Run what waits for the disk. It is waited for also by who is cancelled, and tidies up afterwards."""
    work = asyncio.ensure_future(asyncio.to_thread(function))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise
