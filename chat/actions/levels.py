"""Choose of what in a room one is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from chat.actions import permissions
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Draft, Request, State
from chat.models import Membership
from chat.protocol.commands import SetLevel


@dataclass(slots=True)
class LevelSet(Draft):
    """Another level of one user. It is no change of the room: only the user's own devices hear of it."""

    membership: Membership = None  # type: ignore[assignment]  # after the defaults of Draft; always given
    level: str = Membership.Level.ALL

    def own_events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Tell the actor's devices."""
        yield self.actor.pk, {"type": "level", "room": self.room.room.id, "level": str(self.level)}


def choose(state: State, request: Request) -> Decision:
    """Take another level; the present one changes nothing. Refuses with not_found, forbidden."""
    command = cast(SetLevel, request.command)
    room = state.rooms.get(command.room)
    if room is None:
        raise permissions.missing_room()
    actor = state.users[request.actor_id]
    membership = room.members.get(actor.pk)
    permissions.require(Deed.SET_LEVEL, actor, room.room, membership, state.now)
    assert membership is not None
    drafts = []
    if membership.level != command.level:
        membership.level = command.level
        drafts = [LevelSet(room=room, actor=actor, at=state.now, membership=membership, level=command.level)]
    result = {"room": room.room.pk, "level": command.level}
    return Decision(drafts, lambda: result)


def write_set(drafts: Sequence[LevelSet]) -> None:
    """Write the last level of each membership."""
    for membership_id, level in {draft.membership.pk: draft.level for draft in drafts}.items():
        Membership.objects.filter(pk=membership_id).update(level=level)
