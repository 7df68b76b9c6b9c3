from __future__ import annotations

import pytest

from tests.aging import keep
from tests.cast import Cast
from tests.features.attachments.conftest import media, upload

# Files of previews and of people, in a storage of each test's own.
__all__ = ["media", "ten_days", "upload"]


@pytest.fixture
def ten_days(cast: Cast) -> None:
    keep(10)
