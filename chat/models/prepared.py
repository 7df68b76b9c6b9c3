"""Queries whose SQL the ORM writes once: to write it costs several times what a short query takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Prepared:
    """A query with places for values, to be asked by `rows`.

    Args:
        make: returns the query for one value a place. It must be the same whatever they are: no None, no empty list.
        markers: a value for each place, of its type, that occurs nowhere else in the query.
    """

    def __init__(self, make: Callable[..., QuerySet[Any]], *markers: int | str | datetime) -> None:
        self._make = make
        self._markers = markers
        # By kind of database: the SQL, and for each parameter its place or else the value itself.
        self._written: dict[str, tuple[str, list[tuple[int | None, Any]]]] = {}

    def rows(self, *values: int | str | datetime) -> list[tuple[Any, ...]]:
        """Return the rows as the database gives them: the model's columns, what was annotated, what was selected along.

        Values of the columns are not converted; `chat.models.rows.stored` does that.
        """
        sql, params = self._written.get(connection.vendor) or self._write(connection.vendor)
        adapted = [_adapted(value) for value in values]
        with connection.cursor() as cursor:
            cursor.execute(sql, [constant if place is None else adapted[place] for place, constant in params])
            return list(cursor.fetchall())

    def _write(self, vendor: str) -> tuple[str, list[tuple[int | None, Any]]]:
        sql, found = self._make(*self._markers).query.sql_with_params()
        markers = [_adapted(marker) for marker in self._markers]
        params = [(markers.index(param) if param in markers else None, param) for param in found]
        missing = set(range(len(markers))) - {place for place, _ in params}
        if missing:
            raise ValueError(f"the query does not ask for {[self._markers[place] for place in missing]}")
        self._written[vendor] = sql, params
        return sql, params


def _adapted(value: int | str | datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
