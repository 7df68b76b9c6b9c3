"""Join, leave, add, remove, set a role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from chat.actions import permissions
from chat.actions.permissions import RANK, Deed, Standing
from chat.actions.state import Decision, Draft, Request, RoomState, State, already, decided
from chat.models import Change, Membership, User
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import AddMember, JoinRoom, LeaveRoom, RemoveMember, UpdateMember
from chat.protocol.errors import ErrorCode, Refused


@dataclass(slots=True)
class MemberDraft(Draft):
    """What the changes of a membership share."""

    subject: User = None  # type: ignore[assignment]  # after the defaults of Draft; always given
    role: str = Membership.Role.MEMBER

    @property
    def membership(self) -> Membership:
        """Return the row that is written."""
        return self.room.members[self.subject.pk]

    def row(self) -> Change:
        """Return the log row with whom it is about and the role of that time."""
        row = Draft.row(self)
        row.subject = self.subject
        row.payload = {"role": str(self.role)}
        return row


@dataclass(slots=True)
class MemberJoined(MemberDraft):
    """A user is in the room from here on; what was written before counts as read."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MEMBER_JOINED

    def apply(self, state: State) -> None:
        """Take the membership up again, or make it."""
        known = self.room.members.get(self.subject.pk)
        membership = known or Membership(room=self.room.room, user=self.subject)
        membership.role, membership.joined_at = self.role, self.at
        membership.joined_seq, membership.left_seq, membership.banned_at = self.seq, None, None
        membership.read_msg_no = self.room.room.last_msg_no
        self.room.members[self.subject.pk] = membership


@dataclass(slots=True)
class MemberLeft(MemberDraft):
    """A user is no longer in the room; by the actor's own wish or removed by another."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MEMBER_LEFT

    def apply(self, state: State) -> None:
        """End the membership at this seq."""
        self.membership.left_seq = self.seq


@dataclass(slots=True)
class MemberChanged(MemberDraft):
    """A member has another role."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MEMBER_CHANGED

    def apply(self, state: State) -> None:
        """Take the role over."""
        self.membership.role = self.role


def join(state: State, request: Request) -> Decision:
    """Enter a room; who is in already changes nothing. Refuses with not_found, forbidden, archived."""
    command = cast(JoinRoom, request.command)
    room, actor = _room(state, command.room), state.users[request.actor_id]
    permissions.require(Deed.JOIN, actor, room.room, room.members.get(actor.pk), state.now)
    if room.member(actor.pk):
        return already(room)
    return decided(joined(state, room, actor, actor))


def leave(state: State, request: Request) -> Decision:
    """Leave a room; who is not in an open room changes nothing. Refuses with not_found, forbidden."""
    command = cast(LeaveRoom, request.command)
    room, actor = _room(state, command.room), state.users[request.actor_id]
    membership = room.members.get(actor.pk)
    if membership is None or not membership.is_in:
        permissions.require(Deed.SEE, actor, room.room, membership, state.now)
        return already(room)
    permissions.require(Deed.LEAVE, actor, room.room, membership, state.now)
    return decided(MemberLeft(room=room, actor=actor, at=state.at(room), subject=actor, role=membership.role))


def add(state: State, request: Request) -> Decision:
    """Bring a user in. Refuses with not_found (room or user), forbidden, muted, archived."""
    command = cast(AddMember, request.command)
    room, actor = _room(state, command.room), state.users[request.actor_id]
    permissions.require(Deed.INVITE, actor, room.room, room.members.get(actor.pk), state.now)
    subject = _user(state, command.user)
    if room.member(subject.pk):
        return already(room)
    known = room.members.get(subject.pk)
    if known is not None and known.banned_at is not None:
        permissions.require(Deed.REMOVE, actor, room.room, room.members.get(actor.pk), state.now)
    return decided(joined(state, room, actor, subject))


def set_role(state: State, request: Request) -> Decision:
    """Give a member another role. Refuses with not_found (room or member), forbidden."""
    command = cast(UpdateMember, request.command)
    room, actor = _room(state, command.room), state.users[request.actor_id]
    permissions.require(Deed.SET_ROLE, actor, room.room, room.members.get(actor.pk), state.now)
    membership = _member(room, command.user)
    if membership.role == command.role:
        return already(room)
    subject = state.users[command.user]
    return decided(
        MemberChanged(room=room, actor=actor, at=state.at(room), subject=subject, role=command.role)
    )


def remove(state: State, request: Request) -> Decision:
    """Take a member out; only below one's own rank. Refuses with not_found (room or member), forbidden."""
    command = cast(RemoveMember, request.command)
    room, actor = _room(state, command.room), state.users[request.actor_id]
    own = room.members.get(actor.pk)
    permissions.require(Deed.REMOVE, actor, room.room, own, state.now)
    membership = _member(room, command.user)
    standing = permissions.standing_of(actor, room.room, own, state.now)
    is_below = own is not None and own.is_in and _rank(membership) < _rank(own)
    if not (is_below or standing is Standing.ADMIN or actor.is_admin):
        raise Refused(ErrorCode.FORBIDDEN, "you may remove only members below your own role")
    subject = state.users[command.user]
    return decided(
        MemberLeft(room=room, actor=actor, at=state.at(room), subject=subject, role=membership.role)
    )


def joined(
    state: State, room: RoomState, actor: User, subject: User, role: str = Membership.Role.MEMBER
) -> MemberJoined:
    """Draft that a user is in a room; a guest of the workspace is a guest of the room."""
    role = Membership.Role.GUEST if subject.is_guest else role
    return MemberJoined(room=room, actor=actor, at=state.at(room), subject=subject, role=role)


def write_joined(drafts: Sequence[MemberJoined]) -> None:
    """Insert the memberships, or take those up again that were left."""
    Membership.objects.bulk_create(
        _rows(drafts),
        update_conflicts=True,
        unique_fields=["room", "user"],
        update_fields=["role", "read_msg_no", "joined_seq", "left_seq", "joined_at", "banned_at"],
    )


def write_left(drafts: Sequence[MemberLeft]) -> None:
    """End the memberships."""
    Membership.objects.bulk_update(_rows(drafts), ["left_seq"])


def write_changed(drafts: Sequence[MemberChanged]) -> None:
    """Write the roles."""
    Membership.objects.bulk_update(_rows(drafts), ["role"])


def _rows(drafts: Sequence[MemberDraft]) -> list[Membership]:
    return list({(draft.room.room.pk, draft.subject.pk): draft.membership for draft in drafts}.values())


def _room(state: State, room_id: int) -> RoomState:
    room = state.rooms.get(room_id)
    if room is None:
        raise permissions.missing_room()
    return room


def _user(state: State, user_id: int) -> User:
    user = state.users.get(user_id)
    if user is None or not user.is_active:
        raise Refused(ErrorCode.NOT_FOUND, "no such user")
    return user


def _member(room: RoomState, user_id: int) -> Membership:
    membership = room.member(user_id)
    if membership is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such member")
    return membership


def _rank(membership: Membership) -> int:
    return RANK[Membership.Role(membership.role)]
