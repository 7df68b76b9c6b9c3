"""Files of an export on their way into the storage: nothing that the archive says of them is believed.

Each gets a key of ours, a name that is made safe anew, and the type that its bytes tell. Pictures are made anew, as
those of an upload are: what calls itself made anew may come from anybody.
"""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from chat.features.exports import files
from chat.files import kinds, names, storage
from chat.models import Attachment
from chat.pictures import workshop
from chat.pipeline import rebuild
from chat.protocol.fields import Alt

# As the setting of uploads may allow at most.
FILE_MAX_BYTES = 1024**3
_PIECE_BYTES = 1024 * 1024
_ENCRYPTED_FLAG = 0x1
_alt: TypeAdapter[str] = TypeAdapter(Alt)


class Unfit(Exception):
    """It cannot be read in; the sentence says why."""


def check(archive: zipfile.ZipFile, size_bytes: int) -> None:
    """Refuse an archive in which anything is not as exports have it. `size_bytes`: of the archive itself.

    Raises:
        Unfit: for a name with a path, a link, a folder, what is encrypted, and sizes that cannot be.
    """
    packed_bytes = 0
    for member in archive.infolist():
        name = member.filename
        packed_bytes += member.compress_size
        # Whatever stands behind the folder would be a path where somebody unpacks it.
        if not _is_plain(name.removeprefix(files.FOLDER)):
            raise Unfit(f"{name[:200]!r} is no name of a member")
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            raise Unfit(f"{name[:200]!r} is no file")
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise Unfit(f"{name[:200]!r} is encrypted")
        if name.startswith(files.FOLDER):
            _check_file(member)
    if packed_bytes > size_bytes:
        raise Unfit(f"its members take {packed_bytes:,} bytes, the whole has {size_bytes:,}")


class Incoming:
    """The files of one archive; those that were stored are taken out again where the import comes to nothing."""

    def __init__(self, archive: zipfile.ZipFile, folder: Path) -> None:
        self._archive = archive
        self._folder = folder
        self._keys: list[str] = []

    def write(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """Store files one after the other, and make their rows."""
        rebuild.attachments([self._stored(line) for line in lines])

    def undo(self) -> None:
        """Take out what was stored."""
        for key in self._keys:
            storage.drop(key)

    def _stored(self, line: Mapping[str, Any]) -> Attachment:
        row = Attachment(
            id=line["id"],
            message_id=line["message_id"],
            uploader_id=line["uploader_id"],
            place=line["place"],
            key=storage.new_key(),
            name=names.safe(line["name"]),
            alt=_alt.validate_python(line["alt"]),
            uploaded_at=line["uploaded_at"],
            # Of one whose file is not there, too.
            state=Attachment.State.FAILED,
            type=kinds.PLAIN_TYPE,
            bytes=0,
        )
        if line["file"] is not None:
            path = self._folder / "file"
            self._unpack(line["file"], path)
            self._keys.append(row.key)
            self._keep(row, path, was_shown=line["state"] != Attachment.State.FAILED)
        return row

    def _unpack(self, name: str, path: Path) -> None:
        """Copy a file out of the archive, in pieces, under a name of ours."""
        if not name.startswith(files.FOLDER):
            raise Unfit(f"{name[:200]!r} is no file of a message")
        member = self._archive.getinfo(name)
        with self._archive.open(member) as source, path.open("wb") as copy:
            shutil.copyfileobj(source, copy, _PIECE_BYTES)
        if path.stat().st_size != member.file_size:
            found, said = path.stat().st_size, member.file_size
            raise Unfit(f"{name[:200]!r} has {found:,} bytes and says {said:,}")

    def _keep(self, row: Attachment, path: Path, *, was_shown: bool) -> None:
        row.bytes = path.stat().st_size
        with path.open("rb") as file:
            row.type = kinds.of(file.read(kinds.HEAD_BYTES), row.name)
        row.state = Attachment.State.READY
        if row.type in kinds.PICTURES:
            made = workshop.make(path, self._folder) if was_shown else None
            if made is not None:
                row.type, row.width, row.height = made.type, made.width, made.height
                row.bytes = (self._folder / storage.WHOLE).stat().st_size
                for rendition in storage.RENDITIONS:
                    storage.put(row.key, rendition, self._folder / rendition)
                return
            # To be saved, and never shown.
            row.state, row.type = Attachment.State.FAILED, kinds.PLAIN_TYPE
        storage.put(row.key, storage.RAW, path)


@contextmanager
def opened(archive: zipfile.ZipFile) -> Iterator[Incoming]:
    """Have a place for files on their way; leaves nothing in the storage when the block fails."""
    with tempfile.TemporaryDirectory(prefix="maru-import-") as name:
        incoming = Incoming(archive, Path(name))
        try:
            yield incoming
        except BaseException:
            incoming.undo()
            raise


def _is_plain(name: str) -> bool:
    return bool(name) and not {"/", "\\", "\0"} & set(name) and name not in (".", "..")


def _check_file(member: zipfile.ZipInfo) -> None:
    name = member.filename[:200]
    if member.file_size > FILE_MAX_BYTES:
        raise Unfit(f"{name!r} has {member.file_size:,} bytes, at most {FILE_MAX_BYTES:,}")
    # A few bytes that become many are none of ours: files are as they are.
    if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
        raise Unfit(f"{name!r} is packed: files of messages are stored as they are")
