from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outside.internet import SmallInternet, small_internet


@pytest.fixture
def internet(tmp_path: Path) -> Iterator[SmallInternet]:
    with small_internet(tmp_path, "site.example.com") as running:
        yield running
