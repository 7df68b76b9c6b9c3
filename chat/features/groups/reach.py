"""What calls in a text would do, asked before it is sent: whom they reach, and which of them stay words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.utils import timezone

from chat.actions import calls, permissions
from chat.actions.permissions import Deed
from chat.models import Membership, Room, User, UserGroup, UserGroupMember
from chat.queries import payloads
from chat.text.calls import HERE, NAMES

NAMES_MAX_COUNT = 10
# Of a group: who is named as not being in the room; the rest is counted.
_OUTSIDERS_MAX_COUNT = 20


def look(user: User, room_id: int, names: Sequence[str], here: Collection[int]) -> list[dict[str, Any]]:
    """Return what each of these @words does in a room where somebody may write; words that call nobody are left out.

    `here`: who is connected. `people` does not count oneself. Raises Refused: not_found, forbidden, muted, archived.
    """
    now = timezone.now()
    room = Room.objects.filter(pk=room_id, deleted_at=None).first()
    if room is None:
        raise permissions.missing_room()
    own = Membership.objects.filter(room=room, user=user).first()
    permissions.require(Deed.POST, user, room, own, now)
    asked = list(dict.fromkeys(name.casefold().removeprefix("@") for name in names))[:NAMES_MAX_COUNT]
    inside = set(Membership.objects.filter(room=room, left_seq=None).values_list("user_id", flat=True))
    may_all = calls.may_call(user, room, own, now, len(inside))
    groups = {} if user.is_guest else {row.handle: row for row in UserGroup.objects.filter(handle__in=asked)}
    taken = set(User.objects.filter(handle__in=asked, is_active=True).values_list("handle", flat=True))
    found = []
    for name in asked:
        if name in taken:
            continue
        if name in NAMES:
            reached = (inside & set(here) if NAMES[name] == HERE else inside) - {user.pk}
            found.append(_shape(name, NAMES[name], may_all, reached))
        elif name in groups:
            found.append(_of_group(name, groups[name], inside, user))
    return found


def _of_group(name: str, group: UserGroup, inside: Collection[int], user: User) -> dict[str, Any]:
    rows = UserGroupMember.objects.filter(group=group, user__is_active=True).select_related("user")
    people = {row.user_id: row.user for row in rows.order_by("user__name")}
    outside = [person for pk, person in people.items() if pk not in inside and pk != user.pk]
    reached = people.keys() & set(inside) - {user.pk}
    shape = _shape(name, "group", True, reached)
    shown = [payloads.sender(person) for person in outside[:_OUTSIDERS_MAX_COUNT]]
    return {**shape, "group": group.pk, "outside": shown, "outside_count": len(outside)}


def _shape(name: str, kind: str, is_allowed: bool, reached: Collection[int]) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "group": None,
        "is_allowed": is_allowed,
        "people": len(reached) if is_allowed else 0,
        "outside": [],
        "outside_count": 0,
    }
