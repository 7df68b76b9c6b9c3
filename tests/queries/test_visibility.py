"""A room is found by the same rule as all rooms are, for everybody."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import chain

import pytest
from django.utils import timezone

from chat.models import Membership, Room, User
from chat.protocol.errors import Refused
from chat.queries import visibility
from tests.cast import Cast, make_user

pytestmark = pytest.mark.django_db


def seen_one_by_one(user: User) -> set[int]:
    """Return the rooms that are found when each is asked for alone."""
    found = set()
    for pk in chain(Room.objects.values_list("pk", flat=True), (-(2**70), -1, 0, 2**31, 2**70)):
        with suppress(Refused):
            found.add(visibility.room(user, pk).pk)
    return found


def test_a_room_alone_is_found_where_it_is_among_all(cast: Cast) -> None:
    now = timezone.now()
    kinds = (Room.Kind.OPEN, Room.Kind.CLOSED)
    for number, kind in enumerate(kinds * 5):
        Room.objects.create(slug=f"r{number}", name=f"r{number}", kind=kind)
    made = list(Room.objects.filter(slug__startswith="r").order_by("pk")[:10])
    guest = make_user("guest", role=User.Role.GUEST)
    for user in (cast.bob, guest):
        for room, left, banned, until in (
            *((room, None, None, None) for room in made[:2]),
            *((room, 3, None, None) for room in made[2:4]),
            *((room, 3, now, None) for room in made[4:6]),
            *((room, 3, now, now + timedelta(hours=1)) for room in made[6:8]),
            *((room, 3, now, now - timedelta(hours=1)) for room in made[8:]),
        ):
            Membership.objects.create(
                room=room, user=user, joined_seq=0, left_seq=left, banned_at=banned, banned_until=until
            )
    Room.objects.filter(pk=made[1].pk).update(deleted_at=now)
    outsider = make_user("outsider")
    for user in (cast.bob, guest, outsider):
        assert seen_one_by_one(user) == set(visibility.rooms(user).values_list("pk", flat=True))
    assert {made[0].pk, made[8].pk} <= seen_one_by_one(cast.bob)
    assert not {made[1].pk, made[4].pk, made[6].pk, made[9].pk} & seen_one_by_one(cast.bob)
    assert seen_one_by_one(guest) == {made[0].pk}
