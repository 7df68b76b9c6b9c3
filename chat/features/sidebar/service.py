"""Read and arrange one's left column."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction

from chat.features.sidebar.commands import ArrangeSidebar
from chat.live.envelope import UserEvent
from chat.models import Sidebar, User
from chat.protocol import codec, shapes
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import visibility

_EMPTY: dict[str, Any] = {
    "favourites": [], "sections": [], "folded": [], "sort": "name", "only_unread": False,
}  # fmt: skip


def read(user: User) -> shapes.Sidebar:
    """Return it as it was arranged last; who never has, has version 0."""
    row = Sidebar.objects.filter(user=user).first()
    return _shape(row) if row is not None else _shape(Sidebar(user=user, version=0, body={}))


@transaction.atomic
def arrange(user: User, asked: ArrangeSidebar) -> shapes.Sidebar:
    """Store it; rooms that the person is not in are left out, without a word about whether they exist.

    The same again changes nothing and is no conflict, so that a repeat is safe.

    Raises:
        Refused: conflict, when another device has arranged it since.
    """
    # The lock keeps two devices from both being right about the version.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row = Sidebar.objects.filter(user=user).first() or Sidebar(user=user, version=0, body={})
    mine = set(visibility.memberships(user).values_list("room_id", flat=True))
    body = {
        "favourites": [room for room in asked.favourites if room in mine],
        "sections": [
            {"id": one.id, "name": one.name, "rooms": [room for room in one.rooms if room in mine]}
            for one in asked.sections
        ],
        "folded": sorted(set(asked.folded)),
        "sort": asked.sort,
        "only_unread": asked.only_unread,
    }
    if {**_EMPTY, **row.body} == body:
        return _shape(row)
    if asked.version != row.version:
        raise Refused(ErrorCode.CONFLICT, f"version {asked.version} was meant, it is {row.version} by now")
    row.version, row.body = row.version + 1, body
    row.save()
    return _shape(row)


def changed(user_id: int) -> UserEvent:
    """Return what the person's connections are told after any change."""
    return UserEvent(user_id, codec.encode({"type": "sidebar.changed"}))


def _shape(row: Sidebar) -> shapes.Sidebar:
    return cast(shapes.Sidebar, {"version": row.version, **_EMPTY, **row.body})
