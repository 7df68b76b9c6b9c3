"""What is made without Django's constructor is what the constructor makes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import models

from chat.models import Change, Membership, Message, Room, User, rows
from chat.models.rows import names_of
from tests.cast import Cast
from tests.make import post

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)


def held(instance: models.Model) -> dict[str, Any]:
    """Return all that an instance holds."""
    state = instance._state
    known = {"adding": state.adding, "db": state.db, "related": dict(state.fields_cache)}
    return {name: value for name, value in vars(instance).items() if name not in ("_state", "_was")} | known


def test_a_new_message_is_as_the_constructor_makes_it() -> None:
    sender = User(pk=3, handle="bob")
    said = {
        "room_id": 5,
        "seq": 1,
        "body": "hi",
        "at": NOW,
        "client_message_id": "key-0001",
        "client_digest": "x",
    }
    made = rows.new(Message, said | {"sender_id": 3}, {"sender": sender})
    # The constructor takes over where the sender comes from; nothing asks for that.
    assert held(made) == held(Message(sender=sender, **said)) | {"db": None}
    assert made.sender is sender


def test_a_new_row_of_the_log_is_as_the_constructor_makes_it() -> None:
    said: dict[str, Any] = {
        "room_id": 5,
        "seq": 1,
        "kind": "message.posted",
        "at": NOW,
        "actor_id": 3,
        "payload": {},
    }
    assert held(rows.new(Change, said)) == held(Change(**said))


def test_what_is_made_anew_for_each_instance_is_not_shared() -> None:
    assert "payload" not in vars(rows.new(Change, {"room_id": 5, "seq": 1}))


@pytest.mark.parametrize("model", [Room, Membership, Message])
def test_a_row_that_was_read_is_as_the_orm_makes_it(cast: Cast, model: type[models.Model]) -> None:
    post(cast.room, cast.bob, "hi")
    Room.objects.filter(pk=cast.room.pk).update(archived_at=NOW)
    Membership.objects.filter(user=cast.bob).update(muted_until=NOW)
    names = names_of(model)
    from django.db import connection

    from chat.models.statements import select, send

    found = model._default_manager.order_by("pk")
    asked = select(model, names, ("id",), [(one.pk,) for one in found])
    send([asked])
    made = sorted(rows.stored(model, names, asked.rows), key=lambda one: one.pk)
    assert [held(one) for one in made] == [held(one) for one in found]
    assert connection.alias == made[0]._state.db


def test_fields_that_were_not_read_are_read_when_they_are_asked_for(cast: Cast) -> None:
    (made,) = rows.stored(Room, ("id",), [(cast.room.pk,)])
    assert made.name == "Maru team"


def test_fields_are_picked_in_order() -> None:
    message = Message(room_id=5, seq=7, body="hi")
    assert rows.values([message, message], ("seq", "room_id")) == [(7, 5), (7, 5)]
