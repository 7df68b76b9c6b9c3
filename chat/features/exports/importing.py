"""Read an export of a workspace into an empty one: a few hundred lines at a time, all of it or nothing."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from chat.features.exports import files, incoming, running
from chat.features.exports.incoming import Unfit
from chat.models import Message, Room, User
from chat.pipeline import rebuild
from chat.protocol import codec
from chat.protocol.errors import ProtocolError

_BATCH_COUNT = 500
# A message with everything that may hang on it is far below.
_LINE_MAX_BYTES = 16 * 1024 * 1024
_MANIFEST_MAX_BYTES = 256 * 1024 * 1024
_BROKEN = (
    DataError, IntegrityError, KeyError, TypeError, ValueError, ValidationError, AttributeError, EOFError, OSError,
    zipfile.BadZipFile, zlib.error, NotImplementedError, OverflowError, RuntimeError, ProtocolError,
)  # fmt: skip


def load(path: Path) -> dict[str, int]:
    """Read a file in and return how many rows of each kind there were.

    Raises:
        Unfit: the workspace is not empty, the file is none or is broken; nothing was changed.
    """
    if User.objects.exists() or Message.objects.exists() or Room.objects.exclude(slug="lobby").exists():
        raise Unfit("the workspace is not empty: there are accounts, rooms or messages")
    where = "the file"
    try:
        with zipfile.ZipFile(path) as archive, incoming.opened(archive) as taken, transaction.atomic():
            incoming.check(archive, path.stat().st_size)
            rebuild.take_time()
            where = "manifest.json"
            manifest = _manifest(archive)
            Room.objects.all().delete()
            logs, counts = rebuild.Logs(), {}
            # In the order in which rows point at each other.
            writers: dict[str, Callable[[Sequence[rebuild.Line]], None]] = {
                "users": rebuild.users,
                # An export of a version before has none of these two.
                "emoji": rebuild.emoji,
                "groups": rebuild.groups,
                "rooms": rebuild.rooms,
                "members": rebuild.members,
                "messages": rebuild.messages,
                files.KIND: taken.write,
                "changes": logs.write,
            }
            for kind, write in writers.items():
                facts = manifest["files"].get(kind, {"parts": 0, "rows": 0})
                counts[kind] = 0
                for number in range(1, facts["parts"] + 1):
                    where = f"{kind}-{number:06d}.jsonl"
                    with archive.open(where) as file:
                        for lines in _batches(file):
                            write(lines)
                            counts[kind] += len(lines)
                if counts[kind] != facts["rows"]:
                    raise Unfit(f"{kind}: {counts[kind]:,} rows, the manifest says {facts['rows']:,}")
            logs.begin()
            rebuild.let_go_of_missing()
            rebuild.go_on_counting()
            rebuild.workspace(manifest["workspace"])
    except _BROKEN as error:
        # Those of PostgreSQL have several lines.
        said = " ".join(str(error).split())
        raise Unfit(f"{where} cannot be read: {type(error).__name__}: {said}"[:500]) from None
    return counts


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    if archive.getinfo("manifest.json").file_size > _MANIFEST_MAX_BYTES:
        raise Unfit(f"the manifest is larger than {_MANIFEST_MAX_BYTES:,} bytes")
    found = codec.decode_own(archive.read("manifest.json"))
    if found["format"] != "maru-export" or found["kind"] != "workspace":
        raise Unfit("this is no export of a workspace")
    if found["version"] != running.FORMAT:
        raise Unfit(f"its version is {found['version']}, this one reads {running.FORMAT}")
    return found


def _batches(file: IO[bytes]) -> Iterator[list[dict[str, Any]]]:
    lines: list[dict[str, Any]] = []
    while line := file.readline(_LINE_MAX_BYTES + 1):
        if len(line) > _LINE_MAX_BYTES:
            raise Unfit(f"a line is longer than {_LINE_MAX_BYTES:,} bytes")
        lines.append(codec.decode_own(line))
        if len(lines) == _BATCH_COUNT:
            yield lines
            lines = []
    if lines:
        yield lines
