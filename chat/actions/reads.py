"""Mark a room as read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from chat.actions import permissions
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Draft, Request, State
from chat.models import Membership, statements
from chat.models.statements import Statement
from chat.protocol.commands import MarkRead


@dataclass(slots=True)
class ReadMarked(Draft):
    """A marker of one user. It is no change of the room: only the user's own devices hear of it."""

    membership: Membership = None  # type: ignore[assignment]  # after the defaults of Draft; always given
    msg_no: int = 0

    def own_event(self) -> dict[str, Any]:
        """Return what the actor's devices hear."""
        return {"type": "read", "room": self.room.room.id, "msg_no": self.msg_no}


def mark(state: State, request: Request) -> Decision:
    """Move the marker forward, never back and never past the last message. Refuses with not_found, forbidden."""
    command = cast(MarkRead, request.command)
    room = state.rooms.get(command.room)
    if room is None:
        raise permissions.missing_room()
    actor = state.users[request.actor_id]
    membership = room.members.get(actor.pk)
    permissions.require(Deed.MARK_READ, actor, room.room, membership, state.now)
    assert membership is not None
    msg_no = min(command.msg_no, room.room.last_msg_no)
    drafts = []
    if msg_no > membership.read_msg_no:
        membership.read_msg_no = msg_no
        drafts = [ReadMarked(room=room, actor=actor, at=state.now, membership=membership, msg_no=msg_no)]
    result = {"room": room.room.pk, "msg_no": membership.read_msg_no}
    return Decision(drafts, lambda: result)


def write_marked(drafts: Sequence[ReadMarked]) -> list[Statement]:
    """Move the markers forward."""
    return [move_markers({draft.membership.id: draft.msg_no for draft in drafts})]


def move_markers(markers: Mapping[int, int]) -> Statement:
    """Write read markers by membership; a marker that another process has moved further meanwhile stays."""
    return statements.update(Membership, ("id", "read_msg_no"), sorted(markers.items()), only_upwards=True)
