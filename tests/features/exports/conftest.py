from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chat import failpoints
from tests.features.attachments.conftest import media, upload
from tests.features.exports.files import Clock

__all__ = ["media", "upload"]


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Path, configure: Callable[..., None]) -> Iterator[None]:
    settings.EXPORT_ROOT = tmp_path / "exports"
    configure(EXPORT_FREE_BYTES=0)
    yield
    failpoints.arm("")


@pytest.fixture
def clock() -> Clock:
    return Clock()
