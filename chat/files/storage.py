"""What lies in the storage for an attachment: a few names made of its key, each written once or over again."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from chat.models import Attachment

RAW = "raw"
WHOLE, LARGE, SMALL = RENDITIONS = ("whole", "large", "small")


class _Moved(UploadedFile):  # type: ignore[type-arg]
    """A file that a storage on this disk may take over by its name instead of reading it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), path.name, size=path.stat().st_size)
        self._path = path

    def temporary_file_path(self) -> str:
        """Return where it lies."""
        return str(self._path)


def new_key() -> str:
    """Return a key that nobody can guess; no directory gets all of the files."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


def put(key: str, rendition: str, path: Path) -> None:
    """Store a file that lies on the disk, which may be moved away; what stands there already is replaced."""
    name = _name(key, rendition)
    default_storage.delete(name)
    with _Moved(path) as file:
        default_storage.save(name, file)


def take_out(key: str, path: Path) -> None:
    """Copy what came with an upload onto the disk. Raises FileNotFoundError."""
    with default_storage.open(_name(key, RAW)) as found, path.open("wb") as copy:
        shutil.copyfileobj(found, copy)


def open_file(key: str, rendition: str) -> tuple[File[Any] | BinaryIO, int]:
    """Open a file for reading and tell its size. Raises FileNotFoundError."""
    found = default_storage.open(_name(key, rendition))
    return found, found.size


def put_piece(key: str, piece: str, path: Path) -> None:
    """Store a piece of a file that has not come as a whole; its name is written once."""
    with _Moved(path) as file:
        default_storage.save(_name(key, piece), file)


def read_piece(key: str, piece: str) -> BinaryIO:
    """Open a piece for reading. Raises FileNotFoundError."""
    return cast(BinaryIO, default_storage.open(_name(key, piece)))


def drop_pieces(key: str, pieces: Iterable[str]) -> None:
    """Delete pieces; what is not there is no matter."""
    for piece in pieces:
        default_storage.delete(_name(key, piece))


def drop(key: str, *renditions: str) -> None:
    """Delete files; what is not there is no matter. Without renditions: all of them."""
    for rendition in renditions or (RAW, *RENDITIONS):
        default_storage.delete(_name(key, rendition))


def shown(attachment: Attachment) -> str:
    """Return the rendition that stands for the file itself: of a picture the one without what it carried."""
    return WHOLE if attachment.is_picture else RAW


def _name(key: str, rendition: str) -> str:
    return f"attachments/{key}.{rendition}"
