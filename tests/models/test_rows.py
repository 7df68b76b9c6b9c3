"""What is made without Django's constructor is what the constructor makes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import models
from django.db.models import F
from django.db.models.functions import Length

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


def plain(instance: models.Model) -> dict[str, Any]:
    """Return all that an instance holds, without what it leads to."""
    return held(instance) | {"related": None}


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


def test_a_query_is_read_as_the_orm_reads_it(cast: Cast) -> None:
    for sender in (cast.bob, cast.alice, cast.bob):
        post(cast.room, sender, "hi")
    Message.objects.filter(sender=cast.alice).update(pinned_at=NOW, pinned_by=cast.bob)
    more = {"chars": Length("body"), "last_seq": F("room__last_seq")}
    asked = Message.objects.select_related("sender", "pinned_by").annotate(**more).order_by("-seq")
    made, found = rows.read(asked[:3]), list(asked[:3])
    assert [plain(one) for one in made] == [plain(one) for one in found]
    assert [(plain(one.sender), one.pinned_by) for one in made] == [
        (plain(one.sender), one.pinned_by) for one in found
    ]
    assert [one.pinned_by for one in made] == [None, cast.bob, None]
    assert [one.chars for one in made] == [2, 2, 2]  # type: ignore[attr-defined]
    assert made[0].sender is made[2].sender is not made[1].sender


def test_the_log_is_read_as_the_orm_reads_it(cast: Cast) -> None:
    post(cast.room, cast.bob, "hi")
    asked = Change.objects.order_by("room_id", "seq")
    assert [held(one) for one in rows.read(asked)] == [held(one) for one in asked]
    assert any(one.payload for one in rows.read(asked))


def test_whom_a_query_brings_along_is_watched_as_if_asked_for_alone(cast: Cast) -> None:
    post(cast.room, cast.bob, "hi")
    (made,) = rows.read(Message.objects.select_related("sender"))
    assert vars(made.sender)["_was"] == vars(User.objects.get(pk=cast.bob.pk))["_was"]


def test_a_query_that_finds_nothing_is_an_empty_list(cast: Cast) -> None:
    asked = Message.objects.select_related("sender")
    assert rows.read(asked) == rows.read(asked.filter(pk__in=[])) == rows.read(asked.none()) == []


def test_fields_are_picked_in_order() -> None:
    message = Message(room_id=5, seq=7, body="hi")
    assert rows.values([message, message], ("seq", "room_id")) == [(7, 5), (7, 5)]
