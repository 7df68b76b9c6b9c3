# ruff: noqa: S608 - names of our own tables and columns; values never stand in a text
"""Hand-written statements for the way of a message: their texts never change, rows go by columns, many go together.

The ORM builds its SQL anew for each batch, an expression for each value, and waits for the answer of each statement.
On PostgreSQL statements that are sent together cost one round trip (a pipeline). SQLite has no trips to save, but
it is handed all rows of a statement at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache, partial
from typing import Any

import psycopg
from django.db import connection, models

from chat.protocol import codec

Row = tuple[Any, ...]

# PostgreSQL's types of what the columns are given as. Text as text: an explicit cast to varchar would cut
# in silence what is too long.
_TYPES = {
    "BooleanField": "boolean",
    "CharField": "text",
    "DateTimeField": "timestamptz",
    "JSONField": "jsonb",
    "TextField": "text",
}


@dataclass(slots=True)
class Statement:
    """One statement; `rows` holds its answer after `send`."""

    sql: str
    params: Sequence[Any]
    # `params` is a list of rows, and the statement is carried out for each. SQLite only.
    is_many: bool = False
    has_answer: bool = False
    rows: list[Row] = field(default_factory=list)


def send(statements: Sequence[Statement]) -> None:
    """Carry out statements in order, each seeing what those before it did; PostgreSQL needs one round trip.

    Raises:
        Error: the first one's that fails; none after it is carried out.
    """
    if not statements:
        return
    if connection.vendor == "postgresql":
        _wrapped("; ".join(statement.sql for statement in statements), partial(_send_together, statements))
        return
    with connection.cursor() as cursor:
        for statement in statements:
            (cursor.executemany if statement.is_many else cursor.execute)(statement.sql, statement.params)
            if statement.has_answer:
                statement.rows = cursor.fetchall()


def send_and_commit(statements: Sequence[Statement]) -> None:
    """Send statements, on PostgreSQL with COMMIT right behind them: the locks are held for a trip less.

    Nothing may follow in the transaction but its end, which finds nothing to do.

    Raises:
        Error: of a statement or of COMMIT; `is_rolled_back` tells whether the server said so.
    """
    # Inside of somebody else's transaction it is not ours to commit.
    is_outermost = connection.in_atomic_block and not connection.savepoint_ids
    commits = connection.vendor == "postgresql" and is_outermost and statements
    send([*statements, Statement("COMMIT", ())] if commits else statements)


def is_rolled_back() -> bool:
    """Tell, after an error of `send_and_commit`, whether nothing is stored for sure.

    The server skips what stands behind a failed statement. Without a connection nobody knows how far it has come.
    """
    return connection.vendor != "postgresql" or not (
        connection.connection is None or connection.connection.closed
    )


def select(
    model: type[models.Model],
    names: tuple[str, ...],
    keys: tuple[str, ...],
    wanted: Collection[Row],
    tail: str = "",
) -> Statement:
    """Return a query for these fields of the rows whose `keys` have one of the `wanted` values.

    `tail`: more SQL, in which the table is called `found`.
    """
    return Statement(_select(model, names, keys, tail), _asked(model, keys, wanted), has_answer=True)


def insert(
    model: type[models.Model],
    names: tuple[str, ...],
    rows: Collection[Row],
    *,
    ignores_conflicts: bool = False,
) -> Statement:
    """Return the insertion of rows that hold these fields."""
    tail = " ON CONFLICT DO NOTHING" if ignores_conflicts else ""
    return Statement(_insert(model, names, tail), *_given(model, names, rows))


def update(
    model: type[models.Model],
    names: tuple[str, ...],
    rows: Collection[Row],
    *,
    only_upwards: bool = False,
    keys_count: int = 1,
) -> Statement:
    """Return the update of rows: the first of `names` tells which one, or the first `keys_count`, the others are set.

    `only_upwards`: what is larger already stays.
    """
    given, order = rows, names
    if connection.vendor != "postgresql":
        # SQLite counts the marks from the left, and which row stands at the end.
        given = [(*row[keys_count:], *row[:keys_count]) for row in rows]
        order = (*names[keys_count:], *names[:keys_count])
    return Statement(_update(model, names, only_upwards, keys_count), *_given(model, order, given))


def new_ids(model: type[models.Model], count: int) -> Statement:
    """Return a query for ids that no other row will have; `ids` reads the answer.

    SQLite's are free only while the transaction that asks holds the lock of the writer.
    """
    table = model._meta.db_table
    if connection.vendor == "postgresql":
        sql = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, %s)"
        return Statement(sql, (count,), has_answer=True)
    last = f"MAX((SELECT IFNULL(MAX(id), 0) FROM {table}), IFNULL(MAX(seq), 0))"
    sql = f"SELECT {last} FROM sqlite_sequence WHERE name = %s"
    return Statement(sql, (table,), has_answer=True)


def ids(statement: Statement, count: int) -> list[int]:
    """Return what `new_ids` has asked for, ascending."""
    if connection.vendor == "postgresql":
        return [row[0] for row in statement.rows]
    last = statement.rows[0][0]
    return list(range(last + 1, last + 1 + count))


def _wrapped(sql: str, run: Callable[..., None]) -> None:
    """Pass what wraps statements (`connection.execute_wrapper`), as Django's cursors do: once for all of them."""
    for wrapper in reversed(connection.execute_wrappers):
        run = partial(wrapper, run)
    run(sql, None, False, {"connection": connection, "cursor": None})


def _send_together(statements: Sequence[Statement], *_: Any) -> None:
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        for statement, cursor in zip(statements, _pipelined(connection.connection, statements), strict=True):
            if statement.has_answer:
                statement.rows = cursor.fetchall()


def _pipelined(link: psycopg.Connection[Row], statements: Sequence[Statement]) -> list[psycopg.Cursor[Row]]:
    # Django's own cursors write the values into the text; these send them beside it. Nothing is read before the end:
    # asking for an answer inside would be a trip of its own.
    cursors = [psycopg.Cursor(link) for _ in statements]
    begins = _takes_over_begin(link)
    try:
        with link.pipeline():
            if begins:
                psycopg.Cursor(link).execute("BEGIN")
            for statement, cursor in zip(statements, cursors, strict=True):
                cursor.execute(statement.sql, statement.params)
    except psycopg.errors.PipelineAborted as aborted:
        # Said of those after the one that failed.
        error: BaseException | None = aborted
        while isinstance(error, psycopg.errors.PipelineAborted):
            error = error.__context__
        raise error or aborted from None
    return cursors


def _takes_over_begin(link: psycopg.Connection[Row]) -> bool:
    """Tell whether a transaction is to begin with the next statement, and keep psycopg from beginning it.

    It would wait for the answer. COMMIT and ROLLBACK go by the state of the transaction, whoever has begun it.
    """
    is_idle = link.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    if link.autocommit or not is_idle or link.isolation_level is not None:
        return False
    link.autocommit = True
    return True


@cache
def _select(model: type[models.Model], names: tuple[str, ...], keys: tuple[str, ...], tail: str) -> str:
    columns = ", ".join(f"found.{name}" for name in _columns(model, names))
    if connection.vendor == "postgresql":
        wanted = [f"k{number}" for number in range(len(keys))]
        asked = f"unnest({_arrays(model, keys)}) AS asked({', '.join(wanted)})"
        wanted = [f"asked.{name}" for name in wanted]
    else:
        asked = "json_each(%s) AS asked"
        wanted = [f"json_extract(asked.value, '$[{number}]')" for number in range(len(keys))]
    # SQLite keeps to the order of a CROSS JOIN: first what is asked for, then the table by its index.
    join = "JOIN" if connection.vendor == "postgresql" else "CROSS JOIN"
    on = " AND ".join(
        f"found.{key} = {value}" for key, value in zip(_columns(model, keys), wanted, strict=True)
    )
    return f'SELECT {columns} FROM {asked} {join} "{model._meta.db_table}" AS found ON {on} {tail}'


@cache
def _insert(model: type[models.Model], names: tuple[str, ...], tail: str) -> str:
    into = f'INSERT INTO "{model._meta.db_table}" ({", ".join(_columns(model, names))})'
    if connection.vendor == "postgresql":
        return f"{into} SELECT * FROM unnest({_arrays(model, names)}){tail}"
    return f"{into} VALUES ({', '.join(['%s'] * len(names))}){tail}"


@cache
def _update(model: type[models.Model], names: tuple[str, ...], only_upwards: bool, keys_count: int) -> str:
    named = _columns(model, names)
    keys, columns = named[:keys_count], named[keys_count:]
    if connection.vendor == "postgresql":
        sets = [
            f"{column} = GREATEST(found.{column}, given.c{number})"
            if only_upwards
            else f"{column} = given.c{number}"
            for number, column in enumerate(columns, keys_count)
        ]
        given = ", ".join(f"c{number}" for number in range(len(names)))
        which = " AND ".join(f"found.{key} = given.c{number}" for number, key in enumerate(keys))
        rest = f" FROM unnest({_arrays(model, names)}) AS given({given}) WHERE {which}"
        return f'UPDATE "{model._meta.db_table}" AS found SET {", ".join(sets)}{rest}'
    sets = [f"{column} = {f'MAX({column}, %s)' if only_upwards else '%s'}" for column in columns]
    return f'UPDATE "{model._meta.db_table}" SET {", ".join(sets)} WHERE {" AND ".join(f"{key} = %s" for key in keys)}'


def _columns(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [f'"{_field(model, name).column}"' for name in names]


@cache
def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    return next(one for one in model._meta.concrete_fields if one.attname == name)


@cache
def _type(model: type[models.Model], name: str) -> str:
    return _TYPES.get(_field(model, name).get_internal_type(), "bigint")


def _arrays(model: type[models.Model], names: Sequence[str]) -> str:
    return ", ".join(f"%s::{_type(model, name)}[]" for name in names)


def _asked(model: type[models.Model], keys: tuple[str, ...], wanted: Collection[Row]) -> Sequence[Any]:
    if connection.vendor == "postgresql":
        return _by_column(model, keys, wanted)
    return (codec.encode_object(list(wanted)).decode(),)


def _given(
    model: type[models.Model], names: tuple[str, ...], rows: Collection[Row]
) -> tuple[Sequence[Any], bool]:
    if connection.vendor == "postgresql":
        return _by_column(model, names, rows), False
    at = [number for number, name in enumerate(names) if _type(model, name) == "timestamptz"]
    return ([_with_times(row, at) for row in rows] if at else list(rows)), True


def _with_times(row: Row, at: Iterable[int]) -> list[Any]:
    written = list(row)
    for number in at:
        written[number] = _time(written[number])
    return written


@lru_cache(256)
def _time(value: datetime | None) -> str | None:
    written: str | None = connection.ops.adapt_datetimefield_value(value)
    return written


def _by_column(model: type[models.Model], names: Sequence[str], rows: Collection[Row]) -> list[Any]:
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return [_array(_type(model, name), column) for name, column in zip(names, columns, strict=True)]


def _array(kind: str, values: Iterable[Any]) -> str:
    # Written here, where it costs a fifth: psycopg looks at each value of a list twice.
    write = _WRITTEN.get(kind, _quoted)
    return "{" + ",".join(["NULL" if value is None else write(value) for value in values]) + "}"


def _quoted(text: str) -> str:
    # Within quotes of an array two characters mean something.
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_WRITTEN: dict[str, Callable[[Any], str]] = {"bigint": str, "boolean": str, "timestamptz": datetime.isoformat}
