from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command


def test_the_tables_of_the_rest_page_are_fresh() -> None:
    call_command("api_docs", check=True)


def test_a_stale_table_is_told_and_written_anew(tmp_path: Path, settings: Any) -> None:
    real = Path(project.BASE_DIR) / "docs" / "api.md"
    page = tmp_path / "docs" / "api.md"
    page.parent.mkdir()
    shutil.copy(real, page)
    page.write_text(page.read_text(encoding="utf-8").replace("`GET /me`", "`GET /you`"), encoding="utf-8")
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="stale"):
        call_command("api_docs", check=True)
    call_command("api_docs")
    assert page.read_text(encoding="utf-8") == real.read_text(encoding="utf-8")
