"""What is in an export, read as anybody would, and the makers of exports."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from chat.features.exports import keeping, running, service
from chat.features.exports.commands import AskForExport
from chat.features.exports.running import Outcome
from chat.models import Export, Message, Room, User

Lines = dict[str, list[dict[str, Any]]]


class Clock:
    """The time of a test."""

    def __init__(self) -> None:
        self.now = timezone.now()

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def read(path: Path) -> tuple[dict[str, Any], Lines]:
    """Return the manifest and the lines by kind, checked against each other."""
    found: Lines = {}
    parts: dict[str, int] = {}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        *names, last = archive.namelist()
        assert last == "manifest.json"
        manifest: dict[str, Any] = json.loads(archive.read(last))
        for name in names:
            if name.startswith("files/"):
                continue
            kind, number = name.removesuffix(".jsonl").split("-")
            parts[kind] = parts.get(kind, 0) + 1
            assert int(number) == parts[kind]
            lines = archive.read(name).decode().splitlines()
            found.setdefault(kind, []).extend(json.loads(line) for line in lines)
    counts = {kind: {"parts": parts[kind], "rows": len(lines)} for kind, lines in found.items()}
    assert manifest["files"] == counts
    named = [line["file"] for line in found.get("attachments", []) if line["file"]]
    assert named == [name for name in names if name.startswith("files/")]
    assert manifest["missing"] == found.get("missing", [])
    return manifest, found


def files_in(path: Path) -> dict[str, bytes]:
    """Return the files of messages by the names that they have there."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("files/")}


def ask(user: User, **fields: Any) -> Export:
    """Ask for an export."""
    return service.ask(user, AskForExport(**fields), timezone.now())


def whole(row: Export) -> tuple[dict[str, Any], Lines]:
    """Write an export to its end and return what is in it."""
    assert running.work(row.pk) is Outcome.READY
    return read(keeping.path_of(row))


def taken(user: User, **fields: Any) -> tuple[dict[str, Any], Lines]:
    """Ask for an export, have it written and return what is in it."""
    return whole(ask(user, **fields))


def bodies(lines: Lines) -> list[str]:
    """Return the texts of the messages."""
    return [line["body"] for line in lines["messages"]]


def fill(room: Room, sender: User, count: int) -> None:
    """Put many messages into a room, with their seqs and past everything else."""
    start = Room.objects.get(pk=room.pk).last_seq
    now = timezone.now()
    Message.objects.bulk_create(
        Message(room=room, seq=start + n, msg_no=start + n, sender=sender, body=f"number {n}", at=now)
        for n in range(1, count + 1)
    )
    Room.objects.filter(pk=room.pk).update(last_seq=start + count, last_msg_no=start + count)
