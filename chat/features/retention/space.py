"""What the database gives back to the disk of what was removed.

Both databases use the place of removed rows for new ones. PostgreSQL's autovacuum finds it by itself, and gives back
whole pages at the end of a table. SQLite gives back only where the file was made or compacted for that.
"""

from __future__ import annotations

from django.db import connection

# 4 MiB of the usual pages: a short hold of the writer's lock.
_PAGES_COUNT = 1_000
_INCREMENTAL = 2


def give_back(pages_count: int = _PAGES_COUNT) -> int:
    """Give a bounded number of free pages of SQLite back, if its file can; return how many went."""
    if connection.vendor != "sqlite" or _pragma("auto_vacuum") != _INCREMENTAL:
        return 0
    before = _pragma("freelist_count")
    # It works step by step, and Python's cursor makes one step where a statement has no columns.
    connection.connection.executescript(f"PRAGMA incremental_vacuum({int(pages_count)})")
    return before - _pragma("freelist_count")


def compact() -> tuple[int, int]:
    """Write SQLite's file anew without its holes, so that it gives back by itself from now on; return its pages.

    Nobody can write meanwhile, and the disk needs room for a second file.
    """
    before = _pragma("page_count")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
        cursor.execute("VACUUM")
    return before, _pragma("page_count")


def _pragma(name: str) -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute(f"PRAGMA {name}").fetchone()[0])
