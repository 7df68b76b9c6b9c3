"""What the app needs before it starts: the built page, the catalogues, the static files, the tables."""

import os
import sqlite3
import sys
from pathlib import Path
from urllib.parse import quote

from scripts import catalogues, node, steps

ROOT = steps.ROOT
PAGE = ROOT / "static"
MANAGE = [sys.executable, "manage.py"]


def page_tools() -> None:
    """Install Node if needed and the packages of the page."""
    node.ensure()
    key = steps.digest([PAGE / "package.json", PAGE / "package-lock.json"], node.version())
    command = [*node.npm_command(), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    steps.step(
        "page packages",
        key,
        lambda: steps.call(command, cwd=PAGE, env=node.environment(), what="npm ci"),
        made=[PAGE / "node_modules" / ".package-lock.json"],
    )


def page() -> None:
    """Build the page into static/dist."""
    skipped = {"node_modules", "dist"}
    sources = [path for path in PAGE.iterdir() if path.name not in skipped]
    command = [*node.npm_command(), "run", "build"]
    steps.step(
        "page",
        steps.digest(sources, node.version()),
        lambda: steps.call(command, cwd=PAGE, env=node.environment(), what="the build of the page"),
        made=[PAGE / "dist" / ".vite" / "manifest.json"],
    )


def messages() -> None:
    """Compile the catalogues of the server's texts."""
    sources = catalogues.sources()
    steps.step(
        "catalogues",
        steps.digest(sources),
        catalogues.compile_all,
        made=[path.with_suffix(".mo") for path in sources],
    )


def static_files() -> None:
    """Collect the static files of all apps where the web process serves them."""
    from chatproject import settings

    steps.step(
        "static files",
        steps.digest([PAGE / "dist", ROOT / "requirements.txt", ROOT / "chatproject" / "settings.py"]),
        lambda: steps.call([*MANAGE, "collectstatic", "--noinput", "--clear", "-v0"], what="collectstatic"),
        made=[settings.STATIC_ROOT],
        place=settings.STATIC_ROOT,
    )


def tables() -> None:
    """Bring the database up to date."""
    from chatproject import settings

    database = settings.DATABASES["default"]
    sources = steps.digest([*(ROOT / "chat" / "migrations").glob("*.py"), ROOT / "requirements.txt"])

    def migrate() -> None:
        steps.call([*MANAGE, "migrate", "--noinput", "-v0"], what="migrate")

    place = f"{database['HOST']} {database['NAME']}"
    if steps.step("tables", _state(database, sources), migrate, place=place):
        # The state after is what the next start has to find.
        steps.stamp_of("tables", place).write_text(_state(database, sources))


def all_steps() -> None:
    """Do everything that is not done yet before the app can run."""
    with steps.alone():
        page_tools()
        page()
        messages()
        static_files()
        tables()


def for_tests() -> None:
    """Do what is not done yet before tests can run; they make tables of their own."""
    with steps.alone():
        page_tools()
        page()
        messages()
        static_files()


def _state(database: dict[str, object], sources: str) -> str:
    """Describe what is migrated: SQLite by asking the file, which may have been swapped for an older one."""
    if "sqlite3" not in str(database["ENGINE"]):
        return os.urandom(8).hex()
    path = Path(str(database["NAME"]))
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=5)
    except sqlite3.OperationalError:
        return "no file"
    try:
        rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    except sqlite3.DatabaseError:
        rows = []
    finally:
        connection.close()
    return steps.digest([], sources, repr(rows))
