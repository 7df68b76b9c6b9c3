"""Who is in a room, and who is in the workspace."""

from __future__ import annotations

from django.db.models import Q

from chat.models import Avatar, Membership, User
from chat.protocol import shapes
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import payloads, room_states, visibility


def of_room(user: User, room_id: int, after: int, limit: int) -> tuple[list[shapes.Member], int | None]:
    """Return a page of members by membership id and the cursor of the next page. Raises Refused: not_found."""
    room = visibility.room(user, room_id)
    rows = Membership.objects.filter(room=room, left_seq=None, pk__gt=after).select_related("user")
    found = list(rows.order_by("pk")[: limit + 1])
    members = [member(row) for row in found[:limit]]
    return members, found[limit - 1].pk if len(found) > limit else None


def member(row: Membership) -> shapes.Member:
    """Return a membership as on the wire; its user must be loaded."""
    return {
        "user": payloads.user(row.user),
        "role": row.role,  # type: ignore[typeddict-item]
        "joined_at": payloads.time(row.joined_at),
        "muted_until": room_states.muted_until(row),
    }


def banned(room_id: int, after: int, limit: int) -> tuple[list[shapes.Ban], int | None]:
    """Return a page of who is kept out of a room and the cursor of the next page; the caller says who may look."""
    rows = Membership.objects.filter(room=room_id, banned_at__isnull=False, pk__gt=after)
    found = list(rows.select_related("user").order_by("pk")[: limit + 1])
    bans: list[shapes.Ban] = [
        {"user": payloads.user(row.user), "banned_at": payloads.time(row.banned_at)}
        for row in found[:limit]
        if row.banned_at is not None
    ]
    return bans, found[limit - 1].pk if len(found) > limit else None


def is_in(room_id: int, user_id: int) -> bool:
    """Tell whether a user is in a room now."""
    return Membership.objects.filter(room_id=room_id, user_id=user_id, left_seq=None).exists()


def written(room_id: int, user_id: int) -> shapes.Member:
    """Return a member that the caller has just added or changed."""
    return member(Membership.objects.select_related("user").get(room_id=room_id, user_id=user_id))


def one(user: User, user_id: int) -> shapes.Profile:
    """Return what a user tells of themselves. Raises Refused: not_found, also for a hidden or disabled one."""
    found = visibility.users(user).filter(pk=user_id).first()
    if found is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such user")
    return payloads.profile(found)


def face(user: User, user_id: int, key: str, *, is_large: bool) -> bytes:
    """Return a user's face. Raises Refused: not_found, the same for a missing, a hidden and an old one."""
    size = "large" if is_large else "small"
    known = visibility.users(user).filter(pk=user_id).values("pk")
    found = Avatar.objects.filter(user__in=known, key=key).values_list(size, flat=True).first()
    if found is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such picture")
    return bytes(found)


def search(user: User, text: str, after: int, limit: int) -> tuple[list[shapes.User], int | None]:
    """Return a page of users whose name or handle holds the text, and the cursor of the next page."""
    rows = visibility.users(user).filter(pk__gt=after)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(handle__icontains=text))
    found = list(rows.order_by("pk")[: limit + 1])
    return [payloads.user(row) for row in found[:limit]], found[limit - 1].pk if len(found) > limit else None


def ids_of(room_id: int) -> list[int]:
    """Return the ids of the users in a room."""
    return list(Membership.objects.filter(room_id=room_id, left_seq=None).values_list("user_id", flat=True))


def known_to(user: User) -> frozenset[int] | None:
    """Return the ids of the users whose presence the user may see; None for all."""
    if not user.is_guest:
        return None
    return frozenset(User.objects.filter(pk__in=visibility.users(user)).values_list("pk", flat=True))
