"""Rooms to wire shapes, as one user sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import cast

from django.utils import timezone

from chat.models import Call, Membership, Mention, Room, User
from chat.models.calls import reached
from chat.protocol import shapes
from chat.queries import payloads

_RULING = (Membership.Role.OWNER, Membership.Role.MODERATOR)


def of(
    rows: Sequence[tuple[Room, Membership | None]],
    viewer: User,
    epoch: str,
    *,
    counts: Mapping[int, int] | None = None,
    mentions: Mapping[int, int] | None = None,
) -> list[shapes.RoomState]:
    """Return rooms as the viewer sees them, in four queries however many; three less with what is known already.

    Args:
        counts: members by room.
        mentions: the viewer's unread ones by room.
    """
    if counts is None:
        counts = payloads.member_counts([room.pk for room, _ in rows])
    directs = [room.pk for room, _ in rows if room.is_direct]
    peers: dict[int, list[User]] = defaultdict(list)
    if directs:
        for row in (
            Membership.objects.filter(room__in=directs, left_seq=None).select_related("user").order_by("pk")
        ):
            if row.user_id != viewer.pk:
                peers[row.room_id].append(row.user)
    if mentions is None:
        mentions = _unread_mentions([membership for _, membership in rows if membership])
    states: list[shapes.RoomState] = []
    for room, membership in rows:
        read = membership.read_msg_no if membership else room.last_msg_no
        names = ", ".join(peer.get_full_name() for peer in peers[room.pk]) or viewer.get_full_name()
        states.append(
            {
                "id": room.pk,
                "slug": room.slug,
                "name": room.name or names if room.is_direct else room.name,
                "topic": room.topic,
                "kind": cast(shapes.RoomKind, room.kind),
                "epoch": epoch,
                "last_seq": room.last_seq,
                "last_msg_no": room.last_msg_no,
                "read_msg_no": read,
                "read_backs": membership.read_backs if membership else 0,
                "unread": max(0, room.last_msg_no - read),
                "mentions": mentions.get(room.pk, 0),
                "role": cast(shapes.RoomRole, membership.role) if membership else None,
                "level": cast(shapes.NotificationLevel, membership.level) if membership else "all",
                "members": counts.get(room.pk, 0),
                "peers": [peer.pk for peer in peers[room.pk]],
                "archived": room.archived_at is not None,
                "last_at": payloads.time(room.last_at) if room.last_at else None,
                "muted_until": muted_until(membership) if membership else None,
                "previews": room.previews,
                "posting": cast(shapes.RoomPosting, room.posting),
                "slow_s": room.slow_s,
                "slow_until": _slow_until(room, membership, viewer) if membership and room.slow_s else None,
                "calls": cast(shapes.RoomCallers, room.calls),
                "seen": room.seen,
                "named": room.name != "",
            }
        )
    return states


def _unread_mentions(memberships: Sequence[Membership]) -> dict[int, int]:
    if not memberships:
        return {}
    read = {row.room_id: row.read_msg_no for row in memberships}
    counts: dict[int, int] = defaultdict(int)
    # Rooms that are read to the end have none, and they are most.
    found = Mention.objects.filter(
        user_id=memberships[0].user_id, room__in=read, msg_no__gt=min(read.values()), message__deleted_at=None
    ).values_list("room_id", "msg_no")
    for room_id, msg_no in found:
        counts[room_id] += msg_no is not None and msg_no > read[room_id]
    joined = {row.room_id: row.joined_seq for row in memberships}
    user = memberships[0].user_id
    called = Call.objects.filter(room__in=read, msg_no__gt=min(read.values()), message__deleted_at=None)
    for call in called:
        if call.msg_no is not None and call.msg_no > read[call.room_id]:
            counts[call.room_id] += user in reached([call], [(user, joined[call.room_id])])
    return counts


def muted_until(row: Membership) -> str | None:
    """Return until when a member only reads; None for who may write."""
    is_muted = row.muted_until is not None and row.muted_until > timezone.now()
    return payloads.time(row.muted_until) if is_muted else None  # type: ignore[arg-type]


def _slow_until(room: Room, membership: Membership, viewer: User) -> str | None:
    """Return until when a member waits in a room that is slowed down; None for who may write now."""
    if membership.slow_at is None or viewer.is_admin:
        return None
    if membership.role in _RULING and not viewer.is_guest:
        return None
    until = membership.slow_at + timedelta(seconds=room.slow_s)
    return payloads.time(until) if until > timezone.now() else None
