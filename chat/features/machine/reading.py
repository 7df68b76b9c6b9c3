"""Read how the installation is doing."""

from __future__ import annotations

import platform
import shutil
import tomllib
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, Sum

from chat.models import Attachment, Export, Message, OutboxEntry, Room, User
from chat.pipeline import overview
from chat.queries import payloads

_ERROR_MAX_CHARS = 500


@cache
def app_version() -> str:
    """Return the version that is running."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def read(now: datetime) -> dict[str, Any]:
    """Read all of it; a dozen queries and two trips to Redis, so not on a hot path."""
    work = overview.read(now)
    return {
        "version": app_version(),
        "parts": {
            "python": platform.python_version(),
            "django": django.get_version(),
            "database": _database_version(),
        },
        "people": User.objects.aggregate(
            active=Count("pk", filter=Q(is_active=True, is_bot=False)),
            off=Count("pk", filter=Q(is_active=False, is_bot=False)),
            bots=Count("pk", filter=Q(is_bot=True, is_active=True)),
        ),
        "rooms": Room.objects.filter(deleted_at=None).exclude(kind=Room.Kind.DIRECT).count(),
        "messages": Message.objects.count(),
        "storage": _storage(),
        "has_workers": settings.HAS_WORKERS,
        "is_known": work.is_known,
        "beats": work.beats,
        "queues": [_timed(asdict(line)) for line in work.queues],
        "later": [_timed(asdict(line)) for line in work.later],
        "tasks": [asdict(line) for line in work.tasks],
    }


def failed(after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of the work that was put aside, the newest first, and where the next one goes on."""
    rows = OutboxEntry.objects.filter(done_at=None, parked_at__isnull=False).order_by("-pk")
    if after:
        rows = rows.filter(pk__lt=after)
    found = list(rows[: limit + 1])
    return [_failure(row) for row in found[:limit]], found[limit - 1].pk if len(found) > limit else None


def _failure(row: OutboxEntry) -> dict[str, Any]:
    assert row.parked_at is not None
    return {
        "id": row.pk,
        "task": row.task,
        "queue": row.queue,
        "attempts": row.attempts,
        "created_at": payloads.time(row.created_at),
        "parked_at": payloads.time(row.parked_at),
        "error": row.last_error[:_ERROR_MAX_CHARS],
    }


def _timed(line: dict[str, Any]) -> dict[str, Any]:
    return {**line, "since": payloads.time(line["since"]) if line["since"] else None}


def _storage() -> dict[str, Any]:
    files = Attachment.objects.aggregate(count=Count("pk"), bytes=Sum("bytes"))
    exports = Export.objects.filter(state=Export.State.READY).aggregate(bytes=Sum("size_bytes"))
    return {
        "files": files["count"],
        "files_bytes": files["bytes"] or 0,
        "files_max_bytes": settings.FILES_TOTAL_BYTES,
        "exports_bytes": exports["bytes"] or 0,
        "database_bytes": _database_bytes(),
        "disk_free_bytes": _free_bytes(),
    }


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        return int(pages) * int(cursor.execute("PRAGMA page_size").fetchone()[0])


def _database_version() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            return f"PostgreSQL {cursor.fetchone()[0]}"
        return f"SQLite {cursor.execute('SELECT sqlite_version()').fetchone()[0]}"


def _free_bytes() -> int | None:
    """Return what is free where files are stored; None where they are not on a disk of this machine."""
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
