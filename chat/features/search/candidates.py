"""Ask the index, newest first: every message that may be what is looked for, and some that are not.

Each statement has a deadline of its own, so that a search that is too much ends as an answer and not as a database that
looks gone.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction

from chat.features.search import facts
from chat.models import SearchEntry
from chat.models.search import word
from chat.protocol.errors import ErrorCode, Refused
from chat.text import grams

STATEMENT_MS = 1_500
# SQLite looks at the clock after so many steps of its machine.
_STEPS_COUNT = 20_000
AGAIN_MS = 2_000
# PostgreSQL's index knows no order: so many spans of ids are asked for at a time, then all that is left.
_SPANS = (2, 8, 32, 128)
# FTS5 compares all rooms at each step: beyond so many it is cheaper to look up where a message stands.
_ROOMS_IN_INDEX_COUNT = 100
_CANCELED = "57014"


@dataclass(slots=True)
class Wanted:
    """What an entry must hold: all of some numbers, of each set any, one of the rooms; and between which ids it is."""

    all_of: Sequence[int]
    rooms: Sequence[int]
    any_of: Sequence[Sequence[int]] = ()
    at_least: int = 1
    below: int = 2**62


def newest(wanted: Wanted, count: int) -> list[int]:
    """Return the newest messages that may be meant, ids descending, at most so many.

    Raises:
        Refused: busy, when the index did not answer in time.
    """
    if wanted.below <= wanted.at_least:
        return []
    with in_time():
        if connection.vendor == "postgresql":
            return _from_arrays(wanted, count)
        return _from_fts(wanted, count)


def _from_fts(wanted: Wanted, count: int) -> list[int]:
    parts = [f'"{word(number)}"' for number in wanted.all_of]
    is_looked_up = bool(parts) and len(wanted.rooms) > _ROOMS_IN_INDEX_COUNT
    sets = wanted.any_of if is_looked_up else [*wanted.any_of, _numbers_of(wanted.rooms)]
    parts += ["(" + " OR ".join(f'"{word(number)}"' for number in some) + ")" for some in sets]
    sql = "SELECT chat_search.rowid FROM chat_search"
    where = " WHERE chat_search MATCH %s AND chat_search.rowid BETWEEN %s AND %s"
    values: list[Any] = [" AND ".join(parts), wanted.at_least, wanted.below - 1]
    if is_looked_up:
        # In this order: what the index finds is looked up, and not every message of the rooms.
        sql += " CROSS JOIN chat_message ON chat_message.id = chat_search.rowid"
        where += f" AND chat_message.room_id IN ({', '.join(['%s'] * len(wanted.rooms))})"
        values += wanted.rooms
    with connection.cursor() as cursor:
        cursor.execute(f"{sql}{where} ORDER BY chat_search.rowid DESC LIMIT %s", [*values, count])
        return [pk for (pk,) in cursor.fetchall()]


def _from_arrays(wanted: Wanted, count: int) -> list[int]:
    found: list[int] = []
    top = SearchEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    below = min(wanted.below, top + 1)
    for spans in (*_SPANS, None):
        if below <= wanted.at_least or len(found) >= count:
            break
        lowest = (below - 1) // facts.SPAN_IDS - (spans or 0) + 1
        at_least = max(wanted.at_least, lowest * facts.SPAN_IDS) if spans else wanted.at_least
        found += _between(wanted, at_least, below, count - len(found), has_spans=spans is not None)
        below = at_least
    return found


def _between(wanted: Wanted, at_least: int, below: int, count: int, *, has_spans: bool) -> list[int]:
    # The plus keeps the planner from reading the rows of all ids between instead of asking the index.
    sql = "SELECT message_id FROM chat_searchentry WHERE message_id + 0 BETWEEN %s AND %s"
    values: list[Any] = [at_least, below - 1]
    if wanted.all_of:
        sql += " AND numbers @> %s::integer[]"
        values.append(list(wanted.all_of))
    sets = [*wanted.any_of, _numbers_of(wanted.rooms)]
    if has_spans:
        first, last = at_least // facts.SPAN_IDS, (below - 1) // facts.SPAN_IDS
        sets.append([grams.number(facts.in_span(span * facts.SPAN_IDS)) for span in range(first, last + 1)])
    for some in sets:
        sql += " AND numbers && %s::integer[]"
        values.append(list(some))
    with connection.cursor() as cursor:
        # Of all that the index finds the newest: with the limit inside, the planner would look for them by id.
        sql = f"WITH found AS MATERIALIZED ({sql}) SELECT message_id FROM found"  # noqa: S608
        cursor.execute(f"{sql} ORDER BY 1 DESC LIMIT %s", [*values, count])
        return [pk for (pk,) in cursor.fetchall()]


def _numbers_of(rooms: Sequence[int]) -> list[int]:
    return [grams.number(facts.in_room(room)) for room in rooms]


@contextmanager
def in_time() -> Iterator[None]:
    """End what takes longer than a statement of a search may. Raises Refused: busy."""
    try:
        if connection.vendor == "postgresql":
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"SET LOCAL statement_timeout = {STATEMENT_MS}; SET LOCAL enable_seqscan = off; SET LOCAL jit = off"
                )
                yield
            return
        with _watched():
            yield
    except OperationalError as error:
        if not _is_overdue(error):
            raise
        raise Refused(ErrorCode.BUSY, "the search took too long: name a room or a time", AGAIN_MS) from None


@contextmanager
def _watched() -> Iterator[None]:
    connection.ensure_connection()
    raw: sqlite3.Connection = connection.connection
    ends_at = time.monotonic() + STATEMENT_MS / 1_000
    raw.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS_COUNT)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)


def _is_overdue(error: OperationalError) -> bool:
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT
    return getattr(cause, "sqlstate", None) == _CANCELED
