"""A ZIP of JSON Lines that grows at its end and can be taken up again after a kill.

It consists of members of a few MiB at most, each compressed in memory and written with its size before it. So whoever
goes on cuts the file where it was safe last, reads the heads of the members before that, and writes on. No more
than one member is ever held, and never the whole.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from chat.models import Export
from chat.protocol import codec

# As they stand before each member: the last two are the lengths of its name and of more that we never write.
_HEAD = struct.Struct("<4s5H3L2H")
_HEAD_MARK = b"PK\x03\x04"
_LEVEL = 6
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600
# Of the list of members at the end, for each.
_LISTED_BYTES = 100


class Unfit(Exception):
    """It cannot be written, and another try would come to the same."""

    def __init__(self, failure: Export.Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


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
        try:
            members = _members(self._file, size_bytes) if size_bytes else []
        except _Torn:
            members, size_bytes = [], 0
        self.size_bytes = size_bytes
        self._file.truncate(size_bytes)
        self._file.seek(size_bytes)
        self._zip = zipfile.ZipFile(self._file, "w")
        self._zip.filelist = members
        self._zip.NameToInfo = {member.filename: member for member in members}

    def add(self, name: str, body: bytes | bytearray) -> None:
        """Write a member."""
        if shutil.disk_usage(self._path.parent).free < self._free_bytes + len(body):
            raise Unfit(Export.Failure.DISK_FULL)
        member = zipfile.ZipInfo(name, self._at)
        member.external_attr = _FILE_MODE << 16
        self._zip.writestr(member, body, zipfile.ZIP_DEFLATED, _LEVEL)
        self.size_bytes = self._zip.start_dir
        if self.size_bytes + _LISTED_BYTES * len(self._zip.filelist) > self._max_bytes:
            raise Unfit(Export.Failure.TOO_LARGE)

    def lines(self, kind: str) -> Iterator[dict[str, object]]:
        """Read the lines of a kind again, a member at a time."""
        at = self._file.tell()
        try:
            for member in self._zip.filelist:
                if member.filename.startswith(f"{kind}-"):
                    self._file.seek(member.header_offset + _HEAD.size + len(member.filename))
                    for line in _unpacked(self._file.read(member.compress_size)).splitlines():
                        yield codec.decode_own(line)
        finally:
            self._file.seek(at)

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


def _members(file: BinaryIO, size_bytes: int) -> list[zipfile.ZipInfo]:
    """Read which members stand in the first bytes. Raises _Torn, when these do not end with the end of one."""
    found: list[zipfile.ZipInfo] = []
    at = 0
    while at < size_bytes:
        file.seek(at)
        head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or head[:4] != _HEAD_MARK:
            raise _Torn
        _, version, flags, method, time, date, crc, packed, size, name_length, more = _HEAD.unpack(head)
        day = ((date >> 9) + 1980, (date >> 5) & 15, date & 31)
        name = file.read(name_length).decode("ascii", "replace")
        member = zipfile.ZipInfo(name, (*day, time >> 11, (time >> 5) & 63, (time & 31) * 2))
        member.header_offset, member.CRC = at, crc
        member.compress_size, member.file_size = packed, size
        member.compress_type, member.flag_bits, member.extract_version = method, flags, version
        member.external_attr = _FILE_MODE << 16
        found.append(member)
        at += _HEAD.size + name_length + more + packed
    if at != size_bytes or os.fstat(file.fileno()).st_size < size_bytes:
        raise _Torn
    return found


def _unpacked(body: bytes) -> bytes:
    # Raw, as it stands in a ZIP.
    return zlib.decompress(body, -zlib.MAX_WBITS)
