"""Rooms as a user sees them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Lower

from chat.models import Call, Membership, Mention, Room, User, Workspace
from chat.models.calls import reaching
from chat.models.prepared import Prepared
from chat.models.rows import names_of, stored
from chat.protocol import shapes
from chat.queries import ordered, room_states, visibility
from chat.queries.workspace import epoch

_EPOCH = Workspace.objects.filter(pk=1).values("epoch")[:1]
_MEMBERS = (
    Membership.objects.filter(room=OuterRef("room"), left_seq=None)
    .order_by()
    .values("room")
    .annotate(count=Count("pk"))
    .values("count")
)
_MENTIONS = (
    Mention.objects.filter(
        user=OuterRef("user"),
        room=OuterRef("room"),
        msg_no__gt=OuterRef("read_msg_no"),
        message__deleted_at=None,
    )
    .order_by()
    .values("room")
    .annotate(count=Count("pk"))
    .values("count")
)
_CALLS = (
    Call.objects.filter(
        reaching(OuterRef("user"), OuterRef("joined_seq")),
        room=OuterRef("room"),
        msg_no__gt=OuterRef("read_msg_no"),
        message__deleted_at=None,
    )
    .order_by()
    .values("room")
    .annotate(count=Count("pk"))
    .values("count")
)
RoomSort = Literal["id", "name", "members", "new", "active"]

_IS_OVER = {"is_over": Case(When(archived_at=None, then=0), default=1, output_field=IntegerField())}
_INSIDE = Membership.objects.filter(room=OuterRef("pk"), left_seq=None).order_by().values("room")
_ORDERS: Mapping[RoomSort, dict[str, Any]] = {
    "name": {**_IS_OVER, "called": Lower("name")},
    "members": {
        **_IS_OVER,
        "inside": Coalesce(Subquery(_INSIDE.annotate(count=Count("pk")).values("count")), 0),
    },
    "new": _IS_OVER,
    "active": {**_IS_OVER, "lived_at": Coalesce("last_at", "created_at")},
}
_KEYS: Mapping[RoomSort, tuple[str, ...]] = {
    "id": (),
    "name": ("is_over", "called"),
    "members": ("is_over", "-inside"),
    "new": ("is_over", "-created_at"),
    "active": ("is_over", "-lived_at"),
}


def _mine(user: int) -> QuerySet[Membership]:
    counted = {
        "members": Subquery(_MEMBERS),
        "unread_mentions": Subquery(_MENTIONS),
        "unread_calls": Subquery(_CALLS),
    }
    return visibility.memberships(user).annotate(epoch=Subquery(_EPOCH), **counted).order_by("room_id")


_MINE = Prepared(_mine, -7)


def mine(user: User, room_ids: Collection[int] | None = None) -> list[shapes.RoomState]:
    """Return the rooms that the user is in, or those of them that are named."""
    rows = visibility.memberships(user)
    if room_ids is not None:
        rows = rows.filter(room__in=room_ids)
    return room_states.of([(row.room, row) for row in rows.order_by("room_id")], user, epoch())


def mine_at_once(user: User) -> tuple[list[shapes.RoomState], str, dict[int, int]]:
    """Return the rooms that the user is in, the epoch, and after which seq the log of each room begins.

    One query, one more where there are directs or no rooms.
    """
    found = _MINE.rows(user.pk)
    width = len(names_of(Membership))
    memberships = stored(Membership, names_of(Membership), (row[:width] for row in found))
    own = stored(Room, names_of(Room), (row[width + 4 :] for row in found))
    current = found[0][width] if found else epoch()
    states = room_states.of(
        list(zip(own, memberships, strict=True)),
        user,
        current,
        counts={room.pk: row[width + 1] or 0 for room, row in zip(own, found, strict=True)},
        mentions={
            room.pk: (row[width + 2] or 0) + (row[width + 3] or 0)
            for room, row in zip(own, found, strict=True)
        },
    )
    return states, current, {room.pk: room.expired_seq for room in own}


def one(user: User, room_id: int) -> shapes.RoomState:
    """Return a room. Raises Refused: not_found."""
    room = visibility.room(user, room_id)
    membership = Membership.objects.filter(room=room, user=user, left_seq=None).first()
    return room_states.of([(room, membership)], user, epoch())[0]


def written(user: User, room_id: int) -> shapes.RoomState:
    """Return a room that the user has just changed; an admin runs rooms that admins may not read."""
    room = Room.objects.get(pk=room_id)
    membership = Membership.objects.filter(room=room, user=user, left_seq=None).first()
    return room_states.of([(room, membership)], user, epoch())[0]


def has_direct(user_ids: Collection[int]) -> bool:
    """Tell whether the conversation of exactly these users exists."""
    return Room.objects.filter(direct_key=",".join(map(str, sorted(set(user_ids))))).exists()


def mine_page(user: User, text: str, after: int, limit: int) -> tuple[list[shapes.RoomState], int | None]:
    """Return a page of the rooms that the user is in, by id, and the cursor of the next page."""
    rows = visibility.memberships(user).filter(room__gt=after)
    if text:
        rows = rows.filter(room__name__icontains=text)
    found = list(rows.order_by("room_id")[: limit + 1])
    states = room_states.of([(row.room, row) for row in found[:limit]], user, epoch())
    return states, found[limit - 1].room_id if len(found) > limit else None


def browse(
    user: User,
    text: str,
    after: int,
    limit: int,
    *,
    sort: RoomSort = "id",
    is_joined: bool | None = None,
    is_archived: bool | None = None,
    has_directs: bool = True,
) -> tuple[list[shapes.RoomState], int | None]:
    """Return a page of all rooms that the user may see, and the cursor of the next page.

    Args:
        text: part of a name or a topic.
        sort: archived ones stand last in any order but that of the ids.
        is_joined: only those that the user is in, or is not in.
        is_archived: only those that are archived, or are not.
    """
    whole = Room.objects.filter(pk__in=visibility.rooms(user).values("pk"))
    if sort != "id":
        whole = whole.annotate(**_ORDERS[sort])
    rows = whole
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(topic__icontains=text))
    if is_joined is not None:
        mine = visibility.memberships(user).values("room_id")
        rows = rows.filter(pk__in=mine) if is_joined else rows.exclude(pk__in=mine)
    if is_archived is not None:
        rows = rows.filter(archived_at__isnull=not is_archived)
    if not has_directs:
        rows = rows.exclude(kind=Room.Kind.DIRECT)
    found, last = ordered.page(whole, rows, _KEYS[sort], after, limit)
    own = {row.room_id: row for row in visibility.memberships(user).filter(room__in=found)}
    return room_states.of([(room, own.get(room.pk)) for room in found], user, epoch()), last


def by_slug(slug: str) -> Room | None:
    """Return the room with a slug, whoever may see it; the caller decides what to say."""
    if "\0" in slug:
        return None  # which PostgreSQL does not even compare with
    return Room.objects.filter(slug=slug, deleted_at=None).first()
