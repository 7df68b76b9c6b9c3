from __future__ import annotations

from typing import Any

import pytest

from chat.models import Mention, Message, User
from chat.pipeline.run import run
from chat.protocol.commands import EditMessage, LeaveRoom
from chat.queries import people
from tests.cast import Cast
from tests.make import make_room, make_user, post


@pytest.fixture
def guest(cast: Cast) -> User:
    found = make_user("gast", role=User.Role.GUEST)
    make_room(cast.alice, found, cast.bob, name="Hall", kind="closed")
    return found


def test_a_guest_names_who_shares_a_room_and_everybody_else_names_all(cast: Cast, guest: User) -> None:
    handles = ["alice", "bob", "carol", "gast", "nobody"]
    known = people.named_by({guest.pk, cast.mina.pk}, handles)
    everybody = {user.handle: user.pk for user in (cast.alice, cast.bob, cast.carol, guest)}
    assert known[cast.mina.pk] == everybody
    assert known[guest.pk] == {name: pk for name, pk in everybody.items() if name != "carol"}
    run(cast.bob.pk, LeaveRoom(room=guest.memberships.get().room_id))
    assert "bob" not in people.named_by({guest.pk}, handles)[guest.pk]


def test_who_is_disabled_is_named_by_nobody(cast: Cast) -> None:
    User.objects.filter(pk=cast.carol.pk).update(is_active=False)
    assert people.named_by({cast.alice.pk}, ["carol", "bob"]) == {cast.alice.pk: {"bob": cast.bob.pk}}


def test_more_people_are_not_more_queries(cast: Cast, guest: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        people.named_by({cast.alice.pk, cast.bob.pk}, ["carol", "mina"])
    with django_assert_num_queries(2):
        people.named_by({cast.alice.pk, guest.pk}, ["carol", "mina", "bob"])


def test_a_guest_does_not_learn_from_a_mention_who_there_is(cast: Cast, guest: User) -> None:
    hall = guest.memberships.get().room
    hidden, missing = (post(hall, guest, f"hello @{name}") for name in ("carol", "zzzzz"))
    assert (hidden.html, missing.html) == (None, None)
    run(guest.pk, EditMessage(message=hidden.pk, body="again @carol"))
    assert Message.objects.get(pk=hidden.pk).html is None
    assert not Mention.objects.filter(message=hidden).exists()
    assert post(hall, cast.alice, "hello @carol").html is not None
    assert "@bob" in (post(hall, guest, "hello @bob").html or "")
