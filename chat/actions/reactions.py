"""Add and remove reactions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, cast

from chat.actions import permissions
from chat.actions.messages import MessageDraft, visible
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Request, State, already, decided
from chat.models import Change, Reaction
from chat.protocol import limits
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import AddReaction, RemoveReaction
from chat.protocol.errors import ErrorCode, Refused
from chat.text import emoji


@dataclass(slots=True)
class ReactionDraft(MessageDraft):
    """What both changes of a reaction share."""

    reaction: Reaction = None  # type: ignore[assignment]  # after the defaults of Draft; always given

    def row(self) -> Change:
        """Return the log row with the emoji."""
        row = MessageDraft.row(self)
        row.payload = {"emoji": self.reaction.emoji}
        return row


@dataclass(slots=True)
class ReactionAdded(ReactionDraft):
    """One more emoji of a user under a message."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.REACTION_ADDED
    # What the message has at the end of the batch.
    standing: list[Reaction] = field(default_factory=list)

    def apply(self, state: State) -> None:
        """Remember it for repeats in the same batch."""
        self.standing = state.reactions.setdefault(self.message.pk, [])
        self.standing.append(self.reaction)


@dataclass(slots=True)
class ReactionRemoved(ReactionDraft):
    """A user took an emoji back."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.REACTION_REMOVED

    def apply(self, state: State) -> None:
        """Forget it for repeats in the same batch."""
        state.reactions[self.message.pk].remove(self.reaction)


def add(state: State, request: Request) -> Decision:
    """Put an emoji under a message; a repeat changes nothing.

    Refuses with not_found, for a name that no emoji has too, forbidden, muted, archived, too_many.
    """
    command = cast(AddReaction, request.command)
    room, message = visible(state, request, command.message)
    actor = state.users[request.actor_id]
    permissions.require(Deed.REACT, actor, room.room, room.members.get(actor.pk), state.now)
    chosen = _spelled(state, command.emoji)
    if _find(state, message.pk, actor.pk, chosen):
        return already(room)
    name = emoji.named(command.emoji)
    if name is not None and emoji.of(name) is None and name not in state.own_emoji:
        raise Refused(ErrorCode.NOT_FOUND, "the workspace has no emoji of this name")
    count = len(state.reactions.get(message.pk, ()))
    if count >= limits.REACTIONS_PER_MESSAGE_MAX_COUNT:
        detail = f"the message has {count} reactions, at most {limits.REACTIONS_PER_MESSAGE_MAX_COUNT}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    reaction = Reaction(message=message, user=actor, emoji=chosen)
    return decided(
        ReactionAdded(room=room, actor=actor, at=state.at(room), message=message, reaction=reaction)
    )


def remove(state: State, request: Request) -> Decision:
    """Take one's own emoji back; a repeat changes nothing. Refuses with not_found, forbidden, muted, archived."""
    command = cast(RemoveReaction, request.command)
    room, message = visible(state, request, command.message)
    actor = state.users[request.actor_id]
    permissions.require(Deed.REACT, actor, room.room, room.members.get(actor.pk), state.now)
    reaction = _find(state, message.pk, actor.pk, _spelled(state, command.emoji))
    if reaction is None:
        return already(room)
    return decided(
        ReactionRemoved(room=room, actor=actor, at=state.at(room), message=message, reaction=reaction)
    )


def write_added(drafts: Sequence[ReactionAdded]) -> None:
    """Insert the reactions that still stand at the end of the batch."""
    Reaction.objects.bulk_create(
        [draft.reaction for draft in drafts if any(draft.reaction is one for one in draft.standing)]
    )


def write_removed(drafts: Sequence[ReactionRemoved]) -> None:
    """Delete the reactions; one added in the same batch was never inserted."""
    Reaction.objects.filter(pk__in=[draft.reaction.pk for draft in drafts if draft.reaction.pk]).delete()


def _spelled(state: State, chosen: str) -> str:
    """Return the one spelling under which an emoji is counted: of names Unicode's own, else the first one it has.

    A name that is nobody's stays: somebody may take back what was removed since.
    """
    name = emoji.named(chosen)
    if name is None:
        return chosen
    return emoji.of(name) or f":{state.own_emoji.get(name, name)}:"


def _find(state: State, message_id: int, user_id: int, emoji: str) -> Reaction | None:
    for reaction in state.reactions.get(message_id, ()):
        if reaction.user_id == user_id and reaction.emoji == emoji:
            return reaction
    return None
