"""What a client needs to begin or to take up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chat.models import Membership, User
from chat.protocol import shapes
from chat.protocol.changes import Change
from chat.queries import changes, payloads, rooms, visibility
from chat.queries.workspace import epoch

_USERS_MAX_COUNT = 2_000
_COMMITTED_MEANWHILE_COUNT = 500


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rooms of a user, who is in them, and what came after the cursors that can be replayed."""

    epoch: str
    rooms: list[shapes.RoomState]
    users: list[shapes.User]
    reset: list[int]
    replay: dict[int, list[Change]]


def take(user: User, known_epoch: str | None, cursors: Mapping[int, int], max_changes: int) -> Snapshot:
    """Read everything for a resume, in a fixed number of queries.

    A room is reset (read it anew) when the epoch is another one, the cursor lies beyond the log, or more than
    `max_changes` are missing. A cursor of a room that the user is not in is left out silently.
    """
    current = epoch()
    states = rooms.mine(user)
    heads = {state["id"]: state["last_seq"] for state in states}
    reset, wanted, total = [], {}, 0
    for room_id, after in cursors.items():
        head = heads.get(room_id)
        if head is None or after == head:
            if head is not None and known_epoch not in (None, current):
                reset.append(room_id)
            continue
        missing = head - after
        if known_epoch not in (None, current) or missing < 0 or total + missing > max_changes:
            reset.append(room_id)
            continue
        wanted[room_id] = after
        total += missing
    replay = changes.since_many(wanted, max_changes + _COMMITTED_MEANWHILE_COUNT)
    for room_id in wanted:
        if room_id not in replay or replay[room_id][-1]["seq"] < heads[room_id]:
            # Cut off by the limit, because so much was committed since the heads were read.
            replay.pop(room_id, None)
            reset.append(room_id)
    return Snapshot(current, states, users_of(user), reset, replay)


def users_of(user: User) -> list[shapes.User]:
    """Return the people in the user's rooms, at most 2,000; others come with their messages."""
    own = visibility.memberships(user).values("room_id")
    mates = Membership.objects.filter(room_id__in=own, left_seq=None).values("user_id")
    found = User.objects.filter(pk__in=mates).order_by("pk")[:_USERS_MAX_COUNT]
    return [payloads.user(row) for row in found]


def users_of_room(room_id: int) -> list[shapes.User]:
    """Return the people in a room, at most 2,000."""
    inside = Membership.objects.filter(room_id=room_id, left_seq=None).values("user_id")
    return [
        payloads.user(row) for row in User.objects.filter(pk__in=inside).order_by("pk")[:_USERS_MAX_COUNT]
    ]
