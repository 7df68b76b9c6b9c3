import time
from types import SimpleNamespace
from typing import Any

import pytest

from chat.models import Room, User
from chat.pipeline.run import run
from chat.protocol.commands import AddMember, JoinRoom, LeaveRoom
from chat.queries import payloads, people, rooms, snapshot
from chat.queries.people import Crowds
from tests.cast import Cast
from tests.make import post

pytestmark = pytest.mark.usefixtures("cast")


def heads(user: User) -> dict[int, int]:
    return {room["id"]: room["last_seq"] for room in rooms.mine(user)}


def test_they_are_the_users_of_the_rooms(cast: Cast) -> None:
    mates = User.objects.filter(memberships__room__in=heads(cast.bob), memberships__left_seq=None)
    expected = payloads.users(mates.distinct().order_by("pk"))
    assert people.of_user(cast.bob).users == Crowds().of(heads(cast.bob)).users == expected
    assert cast.bob.pk in people.of_user(cast.bob).encoded


def test_who_asks_for_the_same_rooms_soon_gets_the_same_without_a_query(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    crowds = Crowds()
    first = crowds.of(heads(cast.bob))
    now = heads(cast.bob)
    with django_assert_num_queries(0):
        assert crowds.of(now) is first


def test_messages_do_not_make_it_old_and_cost_one_look(cast: Cast, django_assert_num_queries: Any) -> None:
    crowds = Crowds()
    first = crowds.of(heads(cast.bob))
    post(cast.room, cast.alice, "hi")
    now = heads(cast.bob)
    with django_assert_num_queries(1):
        assert crowds.of(now) is first


def test_who_has_come_in_is_among_them(cast: Cast) -> None:
    crowds = Crowds()
    crowds.of(heads(cast.bob))
    newcomer = User.objects.create(handle="newcomer")
    run(cast.alice.pk, AddMember(room=cast.room.pk, user=newcomer.pk))
    assert newcomer.pk in crowds.of(heads(cast.bob)).encoded
    assert crowds.of(heads(cast.bob)) is crowds.of(heads(cast.bob))


def test_another_set_of_rooms_is_another_crowd(cast: Cast) -> None:
    crowds = Crowds()
    room = Room.objects.create(name="Elsewhere", kind="open")
    first = crowds.of(heads(cast.bob))
    run(cast.bob.pk, JoinRoom(room=room.pk))
    assert crowds.of(heads(cast.bob)) is not first
    run(cast.bob.pk, LeaveRoom(room=room.pk))
    assert crowds.of({}).users == []


def test_only_so_many_are_kept(cast: Cast) -> None:
    crowds = Crowds()
    for number in range(100):
        crowds.of({number: 1})
    assert len(crowds._kept) == 16


def test_it_grows_old_within_a_second(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    crowds = Crowds()
    now = heads(cast.bob)
    first = crowds.of(now)
    later = time.monotonic() + 1.1
    monkeypatch.setattr(people, "time", SimpleNamespace(monotonic=lambda: later))
    assert crowds.of(now) is not first


def test_a_crowd_that_comes_back_reads_its_people_once(cast: Cast, django_assert_num_queries: Any) -> None:
    crowds = Crowds()
    cursors = heads(cast.bob)
    first = snapshot.take(cast.bob, None, cursors, 1_000, crowds)
    with django_assert_num_queries(1):
        again = snapshot.take(cast.bob, None, cursors, 1_000, crowds)
    assert again.users == first.users == snapshot.take(cast.bob, None, cursors, 1_000).users
