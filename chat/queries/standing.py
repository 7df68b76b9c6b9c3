"""In which rooms users are and how far they have read, cheaply enough to be asked again and again."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Count, QuerySet, Sum

from chat.models import Membership

# How often a read marker was put back, and where it stands: the larger one is the later one.
Mark = tuple[int, int]
# How many rooms, the sum of their ids, the sums of the read markers: changes whenever one of them does.
Print = tuple[int, int, int, int]


def print_of(rooms: Mapping[int, Mark]) -> Print:
    """Return the print of rooms with their read markers."""
    backs, reads = sum(mark[0] for mark in rooms.values()), sum(mark[1] for mark in rooms.values())
    return len(rooms), sum(rooms), backs, reads


def prints(users: Collection[int]) -> dict[int, Print]:
    """Return a print for each of the users who is in any room, in one query."""
    sums = (
        _rows(users)
        .values_list("user")
        .annotate(Count("pk"), Sum("room_id"), Sum("read_backs"), Sum("read_msg_no"))
    )
    return {user: (count, rooms, backs, reads) for user, count, rooms, backs, reads in sums.order_by()}


def rooms_of(users: Collection[int]) -> dict[int, dict[int, Mark]]:
    """Return for each of the users the rooms that they are in, with their read markers, in one query."""
    found: dict[int, dict[int, Mark]] = {user: {} for user in users}
    for user, room, *mark in _rows(users).values_list("user_id", "room_id", "read_backs", "read_msg_no"):
        found[user][room] = (mark[0], mark[1])
    return found


def _rows(users: Collection[int]) -> QuerySet[Membership]:
    return Membership.objects.filter(user__in=users, left_seq=None, room__deleted_at=None)
