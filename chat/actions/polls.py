"""Vote in a poll, and close it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from chat.actions import permissions
from chat.actions.messages import MessageDraft, existing, visible
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Request, State, already, decided, system
from chat.models import Change, Poll, Vote
from chat.protocol.changes import ChangeKind
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.polls import CastVote, ClosePoll
from chat.protocol.system import EndPoll


@dataclass(slots=True)
class PollVoted(MessageDraft):
    """Somebody has chosen, or chosen otherwise."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.POLL_VOTED
    vote: Vote = None  # type: ignore[assignment]  # after the defaults of Draft; always given
    is_anonymous: bool = False

    def own_events(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Tell the voter's devices what was chosen: of an anonymous poll nobody else may know."""
        room, poll = self.room.room.id, self.message.id
        yield self.actor.id, {"type": "vote", "room": room, "poll": poll, "choices": self.vote.places}

    def row(self) -> Change:
        """Return the log row; it names nobody where nobody is to be named."""
        row = MessageDraft.row(self)
        if self.is_anonymous:
            row.actor_id = None
        return row


@dataclass(slots=True)
class PollClosed(MessageDraft):
    """A poll has ended."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.POLL_CLOSED
    poll: Poll = None  # type: ignore[assignment]  # after the defaults of Draft; always given

    def apply(self, state: State) -> None:
        """Take no more votes."""
        self.poll.closed_at = self.at


def vote(state: State, request: Request) -> Decision:
    """Choose; the same again changes nothing.

    Refuses with not_found, forbidden, muted, archived, conflict (it is closed), bad_frame.
    """
    command = cast(CastVote, request.command)
    room, message = visible(state, request, command.message)
    actor = state.users[request.actor_id]
    permissions.require(Deed.VOTE, actor, room.room, room.members.get(actor.pk), state.now)
    poll = _poll(state, message.pk)
    if poll.closed_at is not None or (poll.closes_at is not None and poll.closes_at <= state.now):
        raise Refused(ErrorCode.CONFLICT, "the poll is closed")
    if any(place >= len(poll.options) for place in command.choices):
        raise Refused(
            ErrorCode.BAD_FRAME, f"choices: the poll has {len(poll.options)} options, counted from 0"
        )
    if len(command.choices) > 1 and not poll.is_multiple:
        raise Refused(ErrorCode.BAD_FRAME, "choices: one option can be chosen here")
    row = state.votes.get((poll.pk, actor.pk))
    if row is None:
        row = state.votes[poll.pk, actor.pk] = Vote(poll=poll, user=actor)
    chosen = sum(1 << place for place in command.choices)
    places = sorted(command.choices)
    if row.choices == chosen:
        place = already(room).result()
        return Decision((), lambda: {**place, "choices": places})
    row.choices = chosen
    draft = PollVoted(
        room=room, actor=actor, at=state.at(room), message=message, vote=row, is_anonymous=poll.is_anonymous
    )
    return Decision((draft,), lambda: {"room": room.room.pk, "seq": draft.seq, "choices": places})


def close(state: State, request: Request) -> Decision:
    """End a poll; a repeat changes nothing. Refuses with not_found, forbidden."""
    command = cast(ClosePoll, request.command)
    room, message = visible(state, request, command.message)
    actor = state.users[request.actor_id]
    deed = Deed.DELETE_OWN if message.sender_id == actor.pk else Deed.DELETE_OTHERS
    permissions.require(deed, actor, room.room, room.members.get(actor.pk), state.now)
    poll = _poll(state, message.pk)
    if poll.closed_at is not None:
        return already(room)
    return decided(PollClosed(room=room, actor=actor, at=state.at(room), message=message, poll=poll))


def end(state: State, request: Request) -> Decision:
    """End a poll whose time has come; before it nothing happens. For the server alone. Refuses with not_found."""
    command = cast(EndPoll, request.command)
    room, message = existing(state, command.message)
    poll = _poll(state, message.pk)
    if poll.closed_at is not None or poll.closes_at is None or poll.closes_at > state.now:
        return already(room)
    return decided(PollClosed(room=room, actor=system(), at=state.at(room), message=message, poll=poll))


def write_voted(drafts: Sequence[PollVoted]) -> None:
    """Store each vote as it is at the end of the batch."""
    votes = list({id(draft.vote): draft.vote for draft in drafts}.values())
    Vote.objects.bulk_create([row for row in votes if row._state.adding])
    Vote.objects.bulk_update([row for row in votes if not row._state.adding], ["choices"])


def write_closed(drafts: Sequence[PollClosed]) -> None:
    """Note when they ended."""
    Poll.objects.bulk_update([draft.poll for draft in drafts], ["closed_at"])


def _poll(state: State, message_id: int) -> Poll:
    poll = state.polls.get(message_id)
    if poll is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such poll")
    return poll
