"""Uploads of the cast, in a storage of each test's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from chat.features.attachments import arrival, service
from chat.features.attachments.arrival import Arrived
from chat.files import kinds
from chat.models import Attachment, User

Upload = Callable[..., Attachment]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def upload(media: Path) -> Upload:
    """Upload a file as somebody: `upload(alice, b"words", "notes.txt")`."""

    def put(
        user: User, body: bytes, name: str = "notes.txt", *, alt: str = "", at: datetime | None = None
    ) -> Attachment:
        row = service.reserve(user, len(body), at or timezone.now())
        arrival.folder().mkdir(parents=True, exist_ok=True)
        path = arrival.folder() / row.key.rpartition("/")[2]
        path.write_bytes(body)
        kind = kinds.of(body[: kinds.HEAD_BYTES], name)
        return service.stored(service.keep(row, Arrived(path, name, len(body), kind, alt)))

    return put


def files_of(media: Path) -> set[str]:
    """Return what lies in the storage, by the last part of its name."""
    return {path.suffix.removeprefix(".") for path in (media / "attachments").rglob("*") if path.is_file()}
