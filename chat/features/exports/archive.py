"""A ZIP of JSON Lines and files that grows at its end and can be taken up again after a kill.

Lines are in members of a few MiB at most, each compressed in memory; files are copied in pieces, as they are. All stand
with their size before them. So whoever goes on cuts the file where it was safe last, reads the heads of the members
before that, and writes on. No more than one member of lines is ever held, never the whole, and no list of what is
in it: that is read from the heads, too.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from chat.models import Export
from chat.protocol import codec

# As they stand before each member: the last two are the lengths of its name and of more that we never write.
_HEAD = struct.Struct("<4s5H3L2H")
_HEAD_MARK = b"PK\x03\x04"
_LEVEL = 6
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
# Of the list of members at the end, for each, beside its name.
_LISTED_BYTES = 80
_PIECE_BYTES = 1024 * 1024
# Set where a name is in UTF-8.
_UTF8_FLAG = 0x800


class Unfit(Exception):
    """It cannot be written, and another try would come to the same."""

    def __init__(self, failure: Export.Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Unreadable(Exception):
    """A file cannot be read to its end; nothing of it is in the archive."""


class Source(Protocol):
    """What a file is read from."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""


class _Torn(Exception):
    """What is on the disk is not what was written."""


class Archive:
    """One file in the making; everything that fails on the disk raises Unfit or OSError.

    Args:
        path: of the file; its folder is made.
        size_bytes: what is safe of it. What is behind is cut off; where less is there, or somebody else still has it
            open, it begins anew and `size_bytes` is 0.
        max_bytes, free_bytes: how large it may become; how much of the disk is left to others.
        at: the time that the members carry.
    """

    def __init__(self, path: Path, size_bytes: int, *, max_bytes: int, free_bytes: int, at: datetime) -> None:
        self._path = path
        self._max_bytes, self._free_bytes = max_bytes, free_bytes
        self._at = (at.year, at.month, at.day, at.hour, at.minute, at.second)
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        self._file = _opened(path)
        members = _Members(self._file)
        try:
            for member in members.until(size_bytes):
                members.append(member)
        except _Torn:
            members, size_bytes = _Members(self._file), 0
        self._members = members
        self.size_bytes = size_bytes
        self._file.truncate(size_bytes)
        self._file.seek(size_bytes)
        self._zip = zipfile.ZipFile(self._file, "w")
        self._zip.filelist = members  # type: ignore[assignment]  # all that is asked of it is in _Members

    def add(self, name: str, body: bytes | bytearray) -> None:
        """Write a member."""
        self._require_room(len(body))
        self._zip.writestr(self._member(name), body, zipfile.ZIP_DEFLATED, _LEVEL)
        # Its own list of names, which would grow.
        self._zip.NameToInfo.clear()
        self._measure()

    def add_file(self, name: str, source: Source, size_bytes: int, between: Callable[[int], None]) -> None:
        """Write a member in pieces, as it is; `between` hears after each how many bytes it had.

        Raises:
            Unreadable: as long as it was not there to its end; the archive is as before. And what `between` raises.
        """
        self._require_room(size_bytes)
        if self.size_bytes + size_bytes > self._max_bytes:
            raise Unfit(Export.Failure.TOO_LARGE)
        member = self._member(name)
        member.header_offset = self._zip.start_dir
        try:
            self._copy(member, source, size_bytes, between)
        except BaseException:
            # What did not come to its end is not there.
            self._file.seek(self._zip.start_dir)
            self._file.truncate()
            raise
        self._zip.start_dir = self._file.tell()
        self._members.append(member)
        self._measure()

    def lines(self, kind: str) -> Iterator[dict[str, object]]:
        """Read the lines of a kind again, a member at a time."""
        self._file.flush()
        for member in self._members:
            if member.filename.startswith(f"{kind}-"):
                start = member.header_offset + _HEAD.size + len(member.filename)
                packed = os.pread(self._file.fileno(), member.compress_size, start)
                for line in _unpacked(packed).splitlines():
                    yield codec.decode_own(line)

    def secure(self) -> int:
        """Bring what is written to the disk itself; returns how much that is."""
        self._file.flush()
        os.fsync(self._file.fileno())
        return self.size_bytes

    def finish(self) -> int:
        """Write the list of members and close; returns the size of the file."""
        self._zip.close()
        self.secure()
        size = os.fstat(self._file.fileno()).st_size
        self._file.close()
        # Its name too.
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return size

    def close(self) -> None:
        """Leave it as it is; what was secured can be taken up again."""
        with suppress(OSError, ValueError):
            self._zip.close()
        with suppress(OSError):
            self._file.close()

    def remove(self) -> None:
        """Close it and delete the file."""
        self.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _member(self, name: str) -> zipfile.ZipInfo:
        member = zipfile.ZipInfo(name, self._at)
        member.external_attr = _FILE_MODE << 16
        member.CRC = 0
        return member

    def _copy(
        self, member: zipfile.ZipInfo, source: Source, size_bytes: int, between: Callable[[int], None]
    ) -> None:
        self._file.seek(member.header_offset)
        self._file.write(member.FileHeader())
        while piece := _piece(source):
            member.CRC = zlib.crc32(piece, member.CRC)
            member.file_size += len(piece)
            if member.file_size > size_bytes:
                break
            self._file.write(piece)
            between(len(piece))
        if member.file_size != size_bytes:
            raise Unreadable
        member.compress_size = size_bytes
        # Again, now with what it has to say.
        end = self._file.tell()
        self._file.seek(member.header_offset)
        self._file.write(member.FileHeader())
        self._file.seek(end)

    def _require_room(self, size_bytes: int) -> None:
        if shutil.disk_usage(self._path.parent).free < self._free_bytes + size_bytes:
            raise Unfit(Export.Failure.DISK_FULL)

    def _measure(self) -> None:
        self.size_bytes = self._zip.start_dir
        if self.size_bytes + self._members.listed_bytes > self._max_bytes:
            raise Unfit(Export.Failure.TOO_LARGE)


class _Members:
    """The members of an archive in the making, in order: only counted, and read from the file when they are asked for.

    Stands in the place of the list of a ZipFile, which would hold all of them.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._count = 0
        self._end = 0
        # What the list at the end of the file will take.
        self.listed_bytes = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[zipfile.ZipInfo]:
        self._file.flush()
        return self.until(self._end)

    def append(self, member: zipfile.ZipInfo) -> None:
        """Count one more, behind all others."""
        name_length = len(member.filename.encode())
        self._count += 1
        self._end = member.header_offset + _HEAD.size + name_length + member.compress_size
        self.listed_bytes += _LISTED_BYTES + name_length

    def until(self, size_bytes: int) -> Iterator[zipfile.ZipInfo]:
        """Read which members stand in the first bytes. Raises _Torn, when these do not end with the end of one."""
        at, file = 0, self._file.fileno()
        if os.fstat(file).st_size < size_bytes:
            raise _Torn
        while at < size_bytes:
            head = os.pread(file, _HEAD.size, at)
            if len(head) < _HEAD.size or head[:4] != _HEAD_MARK:
                raise _Torn
            _, version, flags, method, time, date, crc, packed, size, name_length, more = _HEAD.unpack(head)
            day = ((date >> 9) + 1980, (date >> 5) & 15, date & 31)
            name = os.pread(file, name_length, at + _HEAD.size).decode("utf-8", "replace")
            member = zipfile.ZipInfo(name, (*day, time >> 11, (time >> 5) & 63, (time & 31) * 2))
            member.header_offset, member.CRC = at, crc
            member.compress_size, member.file_size = packed, size
            member.compress_type, member.extract_version = method, version
            member.flag_bits = flags & ~_UTF8_FLAG
            member.external_attr = _FILE_MODE << 16
            at += _HEAD.size + name_length + more + packed
            if at > size_bytes:
                raise _Torn
            yield member


def _opened(path: Path) -> BinaryIO:
    """Open a file for this process alone; one that another still writes to is put out of its reach."""
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _FILE_MODE), "r+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A process that was thought to be dead: it goes on writing where nobody looks.
            file.close()
            path.unlink(missing_ok=True)
            continue
        return file


def _piece(source: Source) -> bytes:
    """Read on. Raises Unreadable: a storage has errors of its own."""
    try:
        return source.read(_PIECE_BYTES)
    except Exception as error:
        raise Unreadable from error


def _unpacked(body: bytes) -> bytes:
    # Raw, as it stands in a ZIP.
    return zlib.decompress(body, -zlib.MAX_WBITS)
