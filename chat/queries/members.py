"""Who is in a room, and who is in the workspace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from django.db.models import Case, ExpressionWrapper, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils import timezone

from chat.models import Avatar, Membership, User
from chat.protocol import shapes
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import ordered, payloads, room_states, visibility

MemberKind = Literal["owner", "moderator", "member", "guest", "bot"]
MemberSort = Literal["joined", "name", "online"]

# Ids of who is online that one statement takes; of more, those count who came first.
_ONLINE_MAX_COUNT = 2_000
_CALLED = Lower(Coalesce(NullIf("user__name", Value("")), "user__handle"))
_KEYS: Mapping[MemberSort, tuple[str, ...]] = {
    "joined": (),
    "name": ("called",),
    "online": ("is_away", "called"),
}


def of_room(
    user: User,
    room_id: int,
    after: int,
    limit: int,
    *,
    text: str = "",
    kind: MemberKind | None = None,
    sort: MemberSort = "joined",
    online: Collection[int] = (),
) -> tuple[list[shapes.Member], int | None]:
    """Return a page of members and the cursor of the next page. Raises Refused: not_found.

    Args:
        text: part of a name or a handle.
        sort: as they first came, by name, or who is online first.
        online: the ids of who is, for that order.
    """
    room = visibility.room(user, room_id)
    whole = Membership.objects.filter(room=room).annotate(called=_CALLED)
    inside = whole.filter(left_seq=None)
    if sort == "online":
        here = inside.values_list("user_id", flat=True)
        present = sorted(set(online).intersection(here))[:_ONLINE_MAX_COUNT]
        is_away = Case(When(user__in=present, then=0), default=1) if present else Value(1)
        whole = whole.annotate(is_away=ExpressionWrapper(is_away, IntegerField()))
        inside = whole.filter(left_seq=None)
    rows = inside.select_related("user")
    if text:
        rows = rows.filter(Q(user__name__icontains=text) | Q(user__handle__icontains=text))
    if kind is not None:
        rows = rows.filter(user__is_bot=True) if kind == "bot" else rows.filter(role=kind, user__is_bot=False)
    found, last = ordered.page(whole, rows, _KEYS[sort], after, limit)
    return [member(row) for row in found], last


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
    rows = Membership.objects.filter(Membership.banned(timezone.now()), room=room_id, pk__gt=after)
    found = list(rows.select_related("user").order_by("pk")[: limit + 1])
    bans: list[shapes.Ban] = [
        {
            "user": payloads.user(row.user),
            "banned_at": payloads.time(row.banned_at),
            "banned_until": payloads.time(row.banned_until) if row.banned_until else None,
        }
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
