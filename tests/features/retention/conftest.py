from __future__ import annotations

from tests.features.attachments.conftest import media, upload

# Files of previews and of people, in a storage of each test's own.
__all__ = ["media", "upload"]
