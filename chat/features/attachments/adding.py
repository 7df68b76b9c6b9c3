"""A piece of an upload on its way: on the disk of this machine first, in the storage whenever there is enough of it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.utils import timezone

from chat import database
from chat.features.attachments import arrival, pieces, service
from chat.features.attachments.arrival import in_thread
from chat.features.attachments.pieces import Progress, WrongOffset
from chat.files import kinds, storage
from chat.models import Attachment, User
from chat.protocol.errors import ErrorCode, ProtocolError, Refused

_AGAIN_MS = 1_000
_COPY_BYTES = 1024 * 1024
# What has come already is there at once.
_REST_S = 1.0
_LOST = (OSError, Refused, ProtocolError, WrongOffset, DatabaseError)
# Pieces under way in this process, by person.
_under_way: Counter[int] = Counter()
# What goes on when its client has gone.
_going_on: set[asyncio.Task[None]] = set()


async def take(user: User, found: Progress, writer: str, body: AsyncIterator[bytes], said_bytes: int) -> int:
    """Add what comes to an upload that was claimed; return how far it is then. At its end the file is whole.

    What has come before a line breaks stays. `said_bytes` is what the body is said to have, 0 when nothing is said.

    Raises:
        Refused: not_found, rate_limited. ProtocolError: too_long, bad_frame.
        WrongOffset: somebody else adds to it now.
        OSError: no place on the disk, or the line has broken.
    """
    if found.is_whole:
        return found.offset_bytes
    if said_bytes > found.left_bytes:
        raise _too_long(said_bytes, found.left_bytes)
    if 0 < said_bytes < min(found.left_bytes, pieces.PIECE_LEAST_BYTES):
        raise _too_short(said_bytes)
    if _under_way[user.pk] >= service.ARRIVING_MAX_COUNT:
        detail = f"{_under_way[user.pk]} of your uploads are under way, at most {service.ARRIVING_MAX_COUNT}"
        raise Refused(ErrorCode.RATE_LIMITED, detail, _AGAIN_MS)
    _under_way[user.pk] += 1
    try:
        offset_bytes = await _Adding(found, writer).run(body)
        if offset_bytes == found.row.bytes:
            # Also when its client has gone: all of it is here.
            await _to_the_end(_make_whole(found.row, writer))
        return offset_bytes
    finally:
        _under_way[user.pk] -= 1
        if not _under_way[user.pk]:
            del _under_way[user.pk]


class _Adding:
    """One body, cut into pieces."""

    def __init__(self, found: Progress, writer: str) -> None:
        self._row = found.row
        self._writer = writer
        self._offset_bytes = found.offset_bytes
        self._file: Any = None
        self._held_bytes = 0
        self._step: asyncio.Task[None] | None = None

    async def run(self, body: AsyncIterator[bytes]) -> int:
        is_broken = False
        try:
            async for data in body:
                await self._whole(self._add(data))
            await self._whole(self._last())
            return self._offset_bytes
        except (ConnectionError, asyncio.CancelledError):
            is_broken = True
            raise
        finally:
            # A line that breaks is told twice, and the second time must not end what the first has begun.
            await _to_the_end(self._end(body if is_broken else None))

    async def _whole(self, step: Coroutine[Any, Any, None]) -> None:
        """Wait for a step that is never broken off in the middle: what is counted is what is written."""
        self._step = asyncio.ensure_future(step)
        await asyncio.shield(self._step)

    @property
    def _left_bytes(self) -> int:
        return self._row.bytes - self._offset_bytes - self._held_bytes

    async def _add(self, data: bytes) -> None:
        if len(data) > self._left_bytes:
            raise _too_long(self._held_bytes + len(data), self._left_bytes + self._held_bytes)
        if self._file is None:
            self._file = await in_thread(arrival.opened)
        self._held_bytes += len(data)
        await in_thread(partial(self._file.write, data))
        if self._held_bytes >= pieces.PIECE_BYTES:
            await self._put()

    async def _put(self) -> None:
        """Put what is held into the storage; who dies meanwhile leaves a row that says where."""
        file, size_bytes = self._file, self._held_bytes
        piece = await database.run(pieces.announce, self._row.pk, self._writer, self._offset_bytes)
        await in_thread(file.close)
        await in_thread(partial(storage.put_piece, self._row.key, piece.name, Path(file.name)))
        self._file, self._held_bytes = None, 0
        try:
            self._offset_bytes = await database.run(pieces.add, piece, self._writer, size_bytes)
        except (Refused, WrongOffset):
            await in_thread(partial(storage.drop_pieces, self._row.key, [piece.name]))
            raise

    async def _last(self) -> None:
        if self._file is None:
            return
        if self._left_bytes and self._held_bytes < pieces.PIECE_LEAST_BYTES:
            raise _too_short(self._held_bytes)
        await self._put()

    async def _end(self, rest: AsyncIterator[bytes] | None) -> None:
        try:
            if rest is not None:
                await self._rescue(rest)
        finally:
            if self._file is not None:
                file, self._file = self._file, None
                await in_thread(partial(_discard, file))

    async def _rescue(self, rest: AsyncIterator[bytes]) -> None:
        """Keep what had come before the line broke, if it is enough."""
        # Nobody waits for an answer any more: what cannot be kept comes once more.
        with contextlib.suppress(*_LOST):
            if self._step is not None:
                await self._step
            with contextlib.suppress(ConnectionError, TimeoutError):
                # Some may have come that was not asked for yet.
                async with asyncio.timeout(_REST_S):
                    async for data in rest:
                        await self._add(data)
            if self._file is not None and self._held_bytes >= pieces.PIECE_LEAST_BYTES:
                await self._put()


async def _make_whole(row: Attachment, writer: str) -> None:
    """Put the pieces together and compare them with what was said of the whole; then they go."""
    names, sha256 = await database.run(pieces.counted, row.pk, writer)
    try:
        path, head, found = await in_thread(partial(_joined, row.key, names))
    except FileNotFoundError:
        # Somebody else has made it whole meanwhile, or it was taken back.
        raise WrongOffset(row.bytes) from None
    try:
        if sha256 and sha256 != found:
            await drop(row)
            detail = f"the sha256 of what has come is {found}, not {sha256}: begin anew"
            raise ProtocolError(ErrorCode.BAD_FRAME, detail)
        await in_thread(partial(storage.put, row.key, storage.RAW, path))
        await database.run(pieces.finish, row, writer, head, timezone.now())
    finally:
        await in_thread(lambda: path.unlink(missing_ok=True))
    # In this order: what is left when this process dies is found by its rows.
    gone = await database.run(pieces.names_of, row)
    await in_thread(partial(storage.drop_pieces, row.key, gone))
    await database.run(pieces.forget, row)


async def drop(row: Attachment) -> None:
    """Take an upload out of the storage, with its pieces, and then its row."""
    names = await database.run(pieces.names_of, row)
    await in_thread(partial(storage.drop_pieces, row.key, names))
    await in_thread(partial(storage.drop, row.key))
    await database.run(service.forget, row)


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for what goes on also when its client has gone."""
    task = asyncio.ensure_future(work)
    _going_on.add(task)
    task.add_done_callback(_ended)
    await asyncio.shield(task)


def _ended(task: asyncio.Task[None]) -> None:
    _going_on.discard(task)
    if not task.cancelled():
        # Looked at: who waits for it has it too, and who does not needs none.
        task.exception()


def _joined(key: str, names: list[str]) -> tuple[Path, bytes, str]:
    """Return where the whole lies on the disk of this machine, its head and its sum. Raises FileNotFoundError."""
    total, head = hashlib.sha256(), b""
    whole = arrival.opened()
    path = Path(whole.name)
    try:
        with whole:
            for name in names:
                with storage.read_piece(key, name) as piece:
                    while data := piece.read(_COPY_BYTES):
                        total.update(data)
                        head += data[: kinds.HEAD_BYTES - len(head)]
                        whole.write(data)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, head, total.hexdigest()


def _discard(file: Any) -> None:
    file.close()
    Path(file.name).unlink(missing_ok=True)


def _too_long(found: int, left: int) -> ProtocolError:
    return ProtocolError(ErrorCode.TOO_LONG, f"the piece is {found:,} bytes, at most {left:,} are left")


def _too_short(found: int) -> ProtocolError:
    detail = (
        f"the piece is {found:,} bytes, at least {pieces.PIECE_LEAST_BYTES:,} unless the file ends with it"
    )
    return ProtocolError(ErrorCode.BAD_FRAME, detail)
