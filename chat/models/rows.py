"""Model instances without what `Model.__init__` costs: signals, defaults and a look at each field.

They are what `from_db` and the constructor make (tests/models/test_rows.py holds them side by side).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import DateTimeField, Model
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
