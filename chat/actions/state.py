"""The records that a decision looks at and the drafts that it makes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from chat.models import (
    Attachment,
    Call,
    Change,
    Membership,
    Message,
    Poll,
    Preview,
    Quote,
    Reaction,
    Room,
    ThreadFollow,
    User,
    Vote,
    rows,
)
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import Command

# The server itself, when it writes for nobody. No account has this id, so no verb but those of
# protocol/system.py finds an actor for it.
SYSTEM_ID = 0


def system() -> User:
    """Return the actor of what the server does by itself: no row, no id, no rights."""
    return User(is_active=False)


@dataclass(slots=True)
class Request:
    """One command of one actor on its way through a batch."""

    actor_id: int
    command: Command
    # Rendered before the locks are taken, because it takes longer than everything under them.
    html: str | None = None
    mentioned: Sequence[int] = ()
    # What the text calls by, as text/calls.py finds it: here, room, and the ids of groups.
    calls: Sequence[str] = ()
    # Who is connected now, asked only for who calls them; None: nobody here knows.
    here: Collection[int] | None = None
    # The addresses in an edited text, whose previews may stay.
    links: Sequence[str] = ()
    # Set by the pipeline: the room that the command is about.
    room_id: int | None = None
    # The address that it came from; empty for scripts and the server itself.
    origin: str = ""


@dataclass(slots=True)
class RoomState:
    """A locked room and the memberships that the batch names, left ones included."""

    room: Room
    members: dict[int, Membership] = field(default_factory=dict)
    # Read only where somebody may stop being an owner: the active owners, and how many are in.
    owners: set[int] = field(default_factory=set)
    member_count: int = 0
    # Read only where somebody calls many at once: who is in.
    inside: set[int] = field(default_factory=set)
    # Read only where something is to be pinned.
    pin_count: int = 0

    def member(self, user_id: int) -> Membership | None:
        """Return the membership of a user who is in the room now."""
        membership = self.members.get(user_id)
        return membership if membership is not None and membership.is_in else None


@dataclass(slots=True)
class State:
    """Everything that a batch of decisions looks at; drafts change it in memory as they are numbered."""

    now: datetime
    users: dict[int, User] = field(default_factory=dict)
    rooms: dict[int, RoomState] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    reactions: dict[int, list[Reaction]] = field(default_factory=dict)
    # What posts quote, by id, locked: with its author and its room, and the memberships of who quotes there.
    sources: dict[int, Message] = field(default_factory=dict)
    source_members: dict[tuple[int, int], Membership] = field(default_factory=dict)
    # Of those that say nothing but what they quote themselves: that.
    source_quotes: dict[int, Quote] = field(default_factory=dict)
    # What the workspace calls its own emoji that are asked for, by each of their names.
    own_emoji: dict[str, str] = field(default_factory=dict)
    # Removed ones too.
    previews: dict[int, list[Preview]] = field(default_factory=dict)
    polls: dict[int, Poll] = field(default_factory=dict)
    # (poll, user), of those who vote in the batch.
    votes: dict[tuple[int, int], Vote] = field(default_factory=dict)
    # Those that a command names, locked.
    attachments: dict[int, Attachment] = field(default_factory=dict)
    # (first message of a thread, user), for those whom the batch could make follow.
    follows: dict[tuple[int, int], ThreadFollow] = field(default_factory=dict)
    # Who is in the groups that the batch calls.
    groups: dict[int, set[int]] = field(default_factory=dict)
    # Of messages that get another text: whom they have called.
    calls: dict[int, list[Call]] = field(default_factory=dict)
    # (sender, client_message_id) -> the message first stored under it
    sent: dict[tuple[int, str], Message] = field(default_factory=dict)
    # What a batch is asked to let go and is old enough, replies after their first message.
    expiring: dict[int, Message] = field(default_factory=dict)
    # Rooms under a legal hold of their own or of the workspace, of those in which something is to expire.
    held_rooms: set[int] = field(default_factory=set)
    # Of threads in `expiring`: how many replies they have in all, and which have one that is younger or waits.
    reply_counts: dict[int, int] = field(default_factory=dict)
    living: set[int] = field(default_factory=set)
    # Who becomes the owner of a room that its last one leaves by being erased, by room.
    heirs: dict[int, int] = field(default_factory=dict)
    # message deleted a while ago -> who did it and the seq of that change
    deletions: dict[int, tuple[int, int]] = field(default_factory=dict)
    # One for each message that may be posted.
    message_ids: Iterator[int] = field(default_factory=lambda: iter(()))

    def at(self, room: RoomState) -> datetime:
        """Return the time of a change, for display only: it never goes back within a room, the clock may."""
        return max(self.now, room.room.last_at or self.now)


@dataclass(slots=True)
class Draft:
    """A change that was decided and is not yet numbered."""

    # None: a fact that is stored but is no change of the room (no seq, not in the log).
    kind: ClassVar[ChangeKind | None] = None
    # Whether the room was last alive with it; what people have not done moves no room up.
    is_life: ClassVar[bool] = True

    room: RoomState
    actor: User
    at: datetime
    seq: int = 0
    # That of the request, for the record.
    origin: str = ""

    def apply(self, state: State) -> None:
        """Bring the records up to date, after `seq` was set."""

    def own_events(self) -> Iterable[tuple[int, dict[str, Any]]]:
        """Return what somebody's own devices hear of it, whatever the room does: user and event."""
        return ()

    def row(self) -> Change:
        """Return the log row. Subclasses add what it is about."""
        assert self.kind is not None
        return rows.new(
            Change,
            {
                "room_id": self.room.room.id,
                "seq": self.seq,
                "kind": self.kind.value,
                "at": self.at,
                "actor_id": self.actor.id,
                "payload": {},
            },
        )


@dataclass(slots=True)
class Decision:
    """What a command leads to: drafts, and the reply's result, asked for after all rows are written."""

    drafts: Sequence[Draft]
    result: Callable[[], dict[str, Any]]


def decided(*drafts: Draft) -> Decision:
    """Return a decision that answers with room and seq of the last draft."""
    last = drafts[-1]
    return Decision(drafts, lambda: {"room": last.room.room.pk, "seq": last.seq})


def already(room: RoomState) -> Decision:
    """Return the decision for a state that is already so: nothing to write, the room's present seq."""
    seq = room.room.last_seq
    return Decision((), lambda: {"room": room.room.pk, "seq": seq})
