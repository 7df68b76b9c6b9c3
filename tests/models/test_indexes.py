"""Each index costs every write: none is there twice, and the hot tables have what somebody asks by, no more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import UniqueConstraint

from chat.models import Change, Message

_MODELS = list(apps.get_app_config("chat").get_models())


def wholes(model: type[models.Model]) -> Iterator[list[str]]:
    """Give the fields of each index that covers all rows of a table."""
    meta = model._meta
    yield [field.name for field in meta.pk_fields]
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None:
            yield list(constraint.fields)
    for index in meta.indexes:
        if index.condition is None:
            yield [name.lstrip("-") for name in index.fields]


@pytest.mark.parametrize("model", _MODELS, ids=lambda model: model.__name__)
def test_no_column_has_an_index_with_which_another_one_begins(model: type[models.Model]) -> None:
    fields = model._meta.local_concrete_fields
    alone = {field.name for field in fields if getattr(field, "db_index", False) and not field.unique}
    assert alone.isdisjoint(fields[0] for fields in wholes(model) if fields)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "asked_by"),
    [
        (Change, ["room_id seq"]),
        (
            Message,
            [
                "client_message_id sender_id",
                "id",
                "parent_id seq",
                "pinned_at room_id",
                "room_id seq",
                "sender_id",
            ],
        ),
    ],
)
def test_what_each_message_is_written_into(model: type[models.Model], asked_by: list[str]) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table).values()
    indexes = [one for one in found if one["index"] or one["unique"] or one["primary_key"]]
    assert sorted({" ".join(sorted(one["columns"])) for one in indexes}) == asked_by


@pytest.mark.django_db
def test_a_row_of_the_log_has_nothing_looked_up_by_the_database() -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, Change._meta.db_table).values()
    assert [one for one in found if one["foreign_key"]] == []
