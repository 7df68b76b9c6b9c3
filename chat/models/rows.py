"""Model instances without what `Model.__init__` costs: signals, defaults and a look at each field.

They are what `from_db` and the constructor make (tests/models/test_rows.py holds them side by side).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import DateTimeField, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import Col

M = TypeVar("M", bound=Model)
_TIMES_COUNT = 256


@cache
def names_of(model: type[Model]) -> tuple[str, ...]:
    """Return the names under which instances hold their columns, in the order of the fields."""
    return tuple(field.attname for field in model._meta.concrete_fields)


def new(model: type[M], said: Mapping[str, Any], related: Mapping[str, Model] | None = None) -> M:
    """Make an instance that is not stored yet; what is not said has the default, where that is a constant.

    `related`: instances of foreign keys, whose ids are said too.
    """
    made = model.__new__(model)
    state = ModelState()
    held = made.__dict__
    held["_state"] = state
    held.update(_blank(model))
    held.update(said)
    if related:
        state.fields_cache = dict(related)
    return made


def values(instances: Iterable[Model], names: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Return these fields of each instance, two names at least; not through the descriptors of foreign keys."""
    pick = itemgetter(*names)
    return [pick(one.__dict__) for one in instances]


def stored(model: type[M], names: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> list[M]:
    """Make instances of rows that were read: these fields in this order, others are deferred."""
    converters = _converters(model, names, connection.vendor)
    found = []
    for row in rows:
        made = model.__new__(model)
        state = ModelState()
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        held = made.__dict__
        held["_state"] = state
        held.update(zip(names, row, strict=True))
        for name, convert in converters:
            if held[name] is not None:
                held[name] = convert(held[name])
        found.append(made)
    return found


def read(found: QuerySet[M]) -> list[M]:
    """Ask a query; the instances are those of `list(found)`, for a fraction of what that costs.

    Whole rows, with annotations that are numbers or texts, and what `select_related` names directly: the same row
    there is the same instance.
    """
    query = found.query
    try:
        sql, params = query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    own, annotated = names_of(found.model), tuple(query.annotation_select)
    instances = stored(found.model, own, (row[: len(own)] for row in rows))
    start = len(own)
    for place, name in enumerate(annotated, start):
        for instance, row in zip(instances, rows, strict=True):
            instance.__dict__[name] = row[place]
    start += len(annotated)
    for name in query.select_related if isinstance(query.select_related, dict) else ():
        start = _along(instances, rows, name, start)
    return instances


def _along(instances: Sequence[Model], rows: Sequence[Sequence[Any]], name: str, start: int) -> int:
    """Give each instance what a foreign key of it leads to, from this column on; return where that ends."""
    if not instances:
        return start
    model = cast(type[Model], instances[0]._meta.get_field(name).related_model)
    names = names_of(model)
    end = start + len(names)
    of_key = names.index(model._meta.pk.attname)
    converters = [
        (names.index(column), convert) for column, convert in _converters(model, names, connection.vendor)
    ]
    known: dict[Any, Model | None] = {None: None}
    for instance, row in zip(instances, rows, strict=True):
        key = row[start + of_key]
        if key not in known:
            held = list(row[start:end])
            for place, convert in converters:
                if held[place] is not None:
                    held[place] = convert(held[place])
            known[key] = model.from_db(DEFAULT_DB_ALIAS, names, held)
        instance._state.fields_cache[name] = known[key]
    return end


@cache
def _blank(model: type[Model]) -> dict[str, Any]:
    """Return the defaults; what is made anew for each instance (a time, a dict) is to be told."""
    return {
        field.attname: field.get_default()
        for field in model._meta.concrete_fields
        if not (field.has_default() and callable(field.default))
    }


@cache
def _converters(
    model: type[Model], names: tuple[str, ...], _vendor: str
) -> list[tuple[str, Callable[[Any], Any]]]:
    """Return what the ORM does to values of these fields on their way from the database."""
    found = []
    for field in model._meta.concrete_fields:
        column = Col(model._meta.db_table, field)
        steps = connection.ops.get_db_converters(column) + field.get_db_converters(connection)
        if field.attname in names and steps:
            convert = _chain(steps, column)
            # Many rows of a batch have one time, of the batch before; a time may be shared, as nobody can change it.
            is_time = isinstance(field, DateTimeField)
            found.append((field.attname, lru_cache(_TIMES_COUNT)(convert) if is_time else convert))
    return found


def _chain(steps: Sequence[Callable[..., Any]], column: Col) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert
