from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from chat.features.retention import space

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatabaseWrapper:
    """A database file of its own, with 200 pages that are free."""
    options = {**connections.settings["default"], "ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
    found = DatabaseWrapper({**options, "NAME": str(tmp_path / "file.sqlite3")}, "other")
    monkeypatch.setattr(space, "connection", found)
    with found.cursor() as cursor:
        cursor.execute("CREATE TABLE words (word TEXT)")
        cursor.executemany("INSERT INTO words VALUES (%s)", [["x" * 4_000]] * 300)
        cursor.execute("DELETE FROM words WHERE rowid > 100")
    return found


def test_a_file_that_cannot_give_back_is_left_alone(file: DatabaseWrapper, tmp_path: Path) -> None:
    before = (tmp_path / "file.sqlite3").stat().st_size
    assert space.give_back() == 0
    assert (tmp_path / "file.sqlite3").stat().st_size == before
    file.close()


def test_a_compacted_file_is_small_and_gives_back_from_then_on(file: DatabaseWrapper, tmp_path: Path) -> None:
    before, after = space.compact()
    assert after <= before - 190
    with file.cursor() as cursor:
        cursor.execute("DELETE FROM words")
    # A bounded number at a time.
    assert space.give_back(30) == 30
    assert space.give_back() > 60
    assert space.give_back() == 0
    assert (tmp_path / "file.sqlite3").stat().st_size < 10 * 4_096
    file.close()


def test_the_database_of_the_workspace_bears_being_asked() -> None:
    if connection.vendor == "postgresql":
        assert space.give_back() == 0
    else:
        assert space.give_back() >= 0
