"""What a client needs to begin or to take up again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chat.models import Membership, User
from chat.protocol import shapes
from chat.protocol.changes import Change
from chat.queries import changes, payloads, people, rooms
from chat.queries.people import Crowds, People

_USERS_MAX_COUNT = 2_000
# What one resume may hold in memory while a slow client reads it, beside the bound of a page's texts.
_REPLAY_COUNT = 500


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rooms of a user, who is in them, and the first of what came after the cursors that can be replayed.

    `behind` has the seq up to which a room is brought by that, where it is not to its end.
    """

    epoch: str
    rooms: list[shapes.RoomState]
    people: People
    reset: list[int]
    replay: dict[int, list[Change]]
    behind: dict[int, int]

    @property
    def users(self) -> list[shapes.User]:
        """Return the people in the rooms as shapes."""
        return self.people.users


def take(
    user: User,
    known_epoch: str | None,
    cursors: Mapping[int, int],
    max_changes: int,
    crowds: Crowds | None = None,
) -> Snapshot:
    """Read everything for a resume: two queries while nothing is missing, one more where the user has directs.

    With `crowds` the people are shared with others in the very same rooms.

    A room is reset (read it anew) when the epoch is another one, the cursor lies beyond the log or before what is
    left of it, or more than `max_changes` are missing. A cursor of a room that the user is not in is left out silently.
    """
    states, current, beginnings = rooms.mine_at_once(user)
    heads = {state["id"]: state["last_seq"] for state in states}
    reset, wanted, total = [], {}, 0
    for room_id, after in cursors.items():
        head = heads.get(room_id)
        if head is None or after == head:
            if head is not None and known_epoch not in (None, current):
                reset.append(room_id)
            continue
        missing = head - after
        is_whole = known_epoch in (None, current) and missing >= 0 and after >= beginnings[room_id]
        if not is_whole or total + missing > max_changes:
            reset.append(room_id)
            continue
        wanted[room_id] = after
        total += missing
    # One room alone is read page by page, and once for all who come back to it together.
    replay = changes.since_many(wanted, _REPLAY_COUNT) if len(wanted) > 1 else {}
    reached = {
        room_id: replay[room_id][-1]["seq"] if room_id in replay else wanted[room_id] for room_id in wanted
    }
    behind = {room_id: seq for room_id, seq in reached.items() if seq < heads[room_id]}
    found = people.of_user(user) if crowds is None else crowds.of(heads)
    return Snapshot(current, states, found, reset, replay, behind)


def users_of_room(room_id: int) -> list[shapes.User]:
    """Return the people in a room, at most 2,000."""
    inside = Membership.objects.filter(room_id=room_id, left_seq=None).values("user_id")
    return payloads.users(User.objects.filter(pk__in=inside).order_by("pk")[:_USERS_MAX_COUNT])
