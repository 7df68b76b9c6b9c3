"""Records for decisions, as `load` would have read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from chat.actions import DECIDE
from chat.actions.state import Decision, Request, RoomState, State
from chat.models import Membership, Message, Reaction, Room, User
from chat.protocol.commands import Command
from chat.protocol.errors import ErrorCode, Refused

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
OWNER, MODERATOR, MEMBER, MUTED, GUEST, LEFT, BANNED, OUTSIDER, ADMIN, STRANGER = range(1, 11)
MISSING = 999


class World:
    """One room with somebody of every standing in it."""

    def __init__(self, kind: str = "closed", **fields: Any) -> None:
        self.room = Room(pk=5, kind=kind, name="Room", slug="room", last_seq=40, last_msg_no=30, **fields)
        self.state = State(now=NOW, message_ids=count(1_001))
        self.place = self.state.rooms[5] = RoomState(self.room)
        for pk in range(1, 11):
            self.state.users[pk] = User(pk=pk, handle=f"user{pk}")
        self.state.users[ADMIN].role = User.Role.ADMIN
        self.state.users[GUEST].role = User.Role.GUEST
        self.member(OWNER, role=Membership.Role.OWNER)
        self.member(MODERATOR, role=Membership.Role.MODERATOR)
        self.member(MEMBER)
        self.member(MUTED, muted_until=NOW + timedelta(hours=1))
        self.member(GUEST, role=Membership.Role.GUEST)
        self.member(LEFT, left_seq=20)
        self.member(BANNED, left_seq=21, banned_at=NOW)

    def member(self, user: int, **fields: Any) -> Membership:
        """Put somebody into the room."""
        row = Membership(pk=100 + user, room=self.room, user=self.state.users[user], joined_at=NOW, **fields)
        self.place.members[user] = row
        if row.is_in:
            self.place.member_count += 1
            if row.role == Membership.Role.OWNER:
                self.place.owners.add(user)
        return row

    def message(self, pk: int, sender: int, **fields: Any) -> Message:
        """Put a message into the room."""
        said: dict[str, Any] = {"room_id": 5, "seq": 30, "msg_no": 20, "body": "hi", "at": NOW, **fields}
        row = self.state.messages[pk] = Message(pk=pk, sender=self.state.users[sender], **said)
        return row

    def reaction(self, message: int, user: int, emoji: str) -> Reaction:
        """Put an emoji under a message."""
        row = Reaction(message=self.state.messages[message], user=self.state.users[user], emoji=emoji)
        self.state.reactions.setdefault(message, []).append(row)
        return row

    def decide(self, actor: int, command: Command, **request: Any) -> Decision:
        """Decide, number and apply, as the pipeline does."""
        decision = DECIDE[type(command)](self.state, Request(actor, command, **request))
        for draft in decision.drafts:
            if draft.kind is not None:
                self.room.last_seq += 1
                draft.seq = self.room.last_seq
            draft.apply(self.state)
        return decision

    def refused(self, actor: int, command: Command) -> tuple[ErrorCode, str]:
        """Decide what must be refused; nothing may have changed."""
        before = repr([vars(row) for row in (self.room, *self.place.members.values())])
        with pytest.raises(Refused) as caught:
            self.decide(actor, command)
        assert repr([vars(row) for row in (self.room, *self.place.members.values())]) == before
        return caught.value.code, caught.value.detail


HIDDEN_ROOM = (ErrorCode.NOT_FOUND, "no such room")
HIDDEN_MESSAGE = (ErrorCode.NOT_FOUND, "no such message")
HIDDEN_USER = (ErrorCode.NOT_FOUND, "no such user")
HIDDEN_MEMBER = (ErrorCode.NOT_FOUND, "no such member")
