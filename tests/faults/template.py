"""Databases with the schema and the people in them, made once in a process's life and copied for each world."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from scripts.services import Postgres, environment
from tests.people import Person, settled

Database = Literal["sqlite", "postgres"]
SECRET_KEY = "only-for-tests-" + "0" * 40
NAMED = ("alice", "bob", "carol", "mina")
CROWD_COUNT = 40
HANDLES = (*NAMED, *(f"guest-{number}" for number in range(1, CROWD_COUNT + 1)))


@dataclass(frozen=True)
class Template:
    """A database at rest, as a file or a folder, and who is in it."""

    path: Path
    people: dict[str, Person]

    def copy(self, target: Path) -> None:
        """Put a copy there, owners and all."""
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", str(self.path), str(target)], check=True, timeout=60)


@cache
def template(database: Database) -> Template:
    """Return the template of a kind of database."""
    folder = Path(tempfile.mkdtemp(prefix="maru-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if database == "sqlite":
        people = settled(environment(folder, SECRET_KEY=SECRET_KEY), HANDLES)
        return Template(folder / "maru.sqlite3", people)
    postgres = Postgres(folder / "postgres", durable=False)
    atexit.register(postgres.discard)
    try:
        postgres.start()
        people = settled(environment(folder, DATABASE_URL=postgres.url, SECRET_KEY=SECRET_KEY), HANDLES)
    finally:
        postgres.stop()
    return Template(postgres.data, people)
