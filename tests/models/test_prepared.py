from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Count, QuerySet

from chat.models import Membership, Room, User
from chat.models.prepared import Prepared
from chat.models.rows import names_of, stored, values
from tests.cast import Cast

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def test_the_rows_are_those_of_the_query_with_the_values(cast: Cast) -> None:
    def of(handle: str, since: datetime, room: int) -> QuerySet[Any]:
        inside = Membership.objects.filter(user__handle=handle, joined_at__gt=since, room=room, left_seq=None)
        return inside.annotate(tokens=Count("user__tokens")).select_related("room")

    prepared = Prepared(of, "the handle", LONG_AGO, -7)
    width = len(names_of(Membership))
    before, after = (cast.room.created_at + timedelta(days=days) for days in (-1, 1))
    for handle, since, room in (
        ("bob", before, cast.room),
        ("bob", after, cast.room),
        ("alice", before, cast.plaza),
        ("nobody", before, cast.room),
    ):
        expected = list(of(handle, since, room.pk))
        found = prepared.rows(handle, since, room.pk)
        memberships = stored(Membership, names_of(Membership), [row[:width] for row in found])
        rooms = stored(Room, names_of(Room), [row[width + 1 :] for row in found])
        assert values(memberships, names_of(Membership)) == values(expected, names_of(Membership))
        assert values(rooms, names_of(Room)) == values([row.room for row in expected], names_of(Room))
        assert [row[width] for row in found] == [row.tokens for row in expected]


def test_the_query_is_written_once(cast: Cast) -> None:
    written: list[int] = []

    def of(user: int) -> QuerySet[User]:
        written.append(user)
        return User.objects.filter(pk=user)

    prepared = Prepared(of, -7)
    for user in (cast.alice, cast.bob, cast.alice):
        ((pk, *_),) = prepared.rows(user.pk)
        assert pk == user.pk
    assert written == [-7]


def test_a_place_that_the_query_does_not_have_is_told_at_once(cast: Cast) -> None:
    prepared = Prepared(lambda user, handle: User.objects.filter(pk=user), -7, "the handle")
    with pytest.raises(ValueError, match="the handle"):
        prepared.rows(cast.alice.pk, "alice")
