"""Mark a room as read, or as unread again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from chat.actions import permissions
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Draft, Request, RoomState, State
from chat.models import Membership, User, statements
from chat.models.statements import Statement
from chat.protocol.commands import MarkRead, MarkUnread


@dataclass(slots=True)
class ReadMarked(Draft):
    """A marker of one user. It is no change of the room: only the user's own devices hear of it."""

    membership: Membership = None  # type: ignore[assignment]  # after the defaults of Draft; always given
    msg_no: int = 0
    # How often the marker has been put back by now.
    backs: int = 0
    is_back: bool = False

    def own_events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Tell the user's devices."""
        room = self.room.room.id
        yield self.actor.pk, {"type": "read", "room": room, "msg_no": self.msg_no, "backs": self.backs}


def mark(state: State, request: Request) -> Decision:
    """Move the marker forward, never back and never past the last message. Refuses with not_found, forbidden.

    What was said before the marker was put back changes nothing.
    """
    command = cast(MarkRead, request.command)
    room, actor, membership = _place(state, request, command.room)
    msg_no = min(command.msg_no, room.room.last_msg_no)
    is_late = command.backs is not None and command.backs < membership.read_backs
    return _moved(
        state, room, actor, membership, None if is_late or msg_no <= membership.read_msg_no else msg_no
    )


def put_back(state: State, request: Request) -> Decision:
    """Move the marker back, if it is where it was last seen. Refuses with not_found, forbidden."""
    command = cast(MarkUnread, request.command)
    room, actor, membership = _place(state, request, command.room)
    is_late = command.backs != membership.read_backs
    if is_late or command.msg_no >= membership.read_msg_no:
        return _moved(state, room, actor, membership, None)
    membership.read_backs += 1
    return _moved(state, room, actor, membership, command.msg_no, is_back=True)


def write_marked(drafts: Sequence[ReadMarked]) -> list[Statement]:
    """Move the markers, those first that go back."""
    back = {draft.membership.id: draft.membership for draft in drafts if draft.is_back}
    # As they stand at the end of the batch: a message of the same person may have come after.
    placed = [(pk, row.read_backs, row.read_msg_no) for pk, row in sorted(back.items())]
    moved = {
        draft.membership.id: (draft.backs, draft.msg_no)
        for draft in drafts
        if draft.membership.id not in back
    }
    written = [statements.update(Membership, ("id", "read_backs", "read_msg_no"), placed)] if placed else []
    return [*written, move_markers(moved)] if moved else written


def move_markers(markers: Mapping[int, tuple[int, int]]) -> Statement:
    """Write how far each membership has read, and how often it had been put back when that was decided.

    A marker that another process has moved further meanwhile stays, and so does one that was put back.
    """
    rows = [(pk, backs, msg_no) for pk, (backs, msg_no) in sorted(markers.items())]
    return statements.update(
        Membership, ("id", "read_backs", "read_msg_no"), rows, only_upwards=True, keys_count=2
    )


def _place(state: State, request: Request, room_id: int) -> tuple[RoomState, User, Membership]:
    room = state.rooms.get(room_id)
    if room is None:
        raise permissions.missing_room()
    actor = state.users[request.actor_id]
    membership = room.members.get(actor.pk)
    permissions.require(Deed.MARK_READ, actor, room.room, membership, state.now)
    assert membership is not None
    return room, actor, membership


def _moved(
    state: State,
    room: RoomState,
    actor: User,
    membership: Membership,
    msg_no: int | None,
    *,
    is_back: bool = False,
) -> Decision:
    """Return the decision to move a marker, or with None to leave it; the answer tells where it stands."""
    drafts = []
    if msg_no is not None:
        membership.read_msg_no = msg_no
        drafts = [
            ReadMarked(
                room=room, actor=actor, at=state.now, membership=membership, msg_no=msg_no,
                backs=membership.read_backs, is_back=is_back,
            )
        ]  # fmt: skip
    result = {"room": room.room.pk, "msg_no": membership.read_msg_no, "backs": membership.read_backs}
    return Decision(drafts, lambda: result)
