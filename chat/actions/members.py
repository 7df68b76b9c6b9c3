"""Join, leave, add, remove, set a role. A room that has members keeps an owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, cast

from chat.actions import audit, permissions
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Draft, Request, RoomState, State, already, decided
from chat.models import AuditDeed, AuditEntry, Change, Membership, User
from chat.models.statements import Statement
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import AddMember, JoinRoom, LeaveRoom, RemoveMember, UpdateMember
from chat.protocol.errors import ErrorCode, Refused


@dataclass(slots=True)
class MemberDraft(Draft):
    """What the changes of a membership share."""

    subject: User = None  # type: ignore[assignment]  # after the defaults of Draft; always given
    role: str = Membership.Role.MEMBER
    muted_until: datetime | None = None
    reason: str | None = None
    is_banned: bool = False
    # Null for a ban without an end.
    banned_until: datetime | None = None

    @property
    def membership(self) -> Membership:
        """Return the row that is written."""
        return self.room.members[self.subject.pk]

    def row(self) -> Change:
        """Return the log row with whom it is about, and the role and the mute of that time."""
        row = Draft.row(self)
        row.subject_id = self.subject.pk
        row.payload = {"role": str(self.role)}
        if self.muted_until is not None and self.muted_until > self.at:
            row.payload["muted_until"] = self.muted_until.isoformat()
        if self.is_banned:
            row.payload["is_banned"] = True
        if self.banned_until is not None:
            row.payload["banned_until"] = self.banned_until.isoformat()
        if self.reason:
            row.payload["reason"] = self.reason
        return row

    def count(self, *, is_in: bool) -> None:
        """Keep the owners and the number of members up with what was done to the subject."""
        was_in = self.room.member(self.subject.pk) is not None
        self.room.member_count += is_in - was_in
        if is_in and self.role == Membership.Role.OWNER:
            self.room.owners.add(self.subject.pk)
        else:
            self.room.owners.discard(self.subject.pk)


@dataclass(slots=True)
class MemberJoined(MemberDraft):
    """A user is in the room from here on; what was written before counts as read."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MEMBER_JOINED

    def apply(self, state: State) -> None:
        """Take the membership up again, or make it; a mute lasts through leaving and coming back."""
        self.count(is_in=True)
        known = self.room.members.get(self.subject.pk)
        membership = known or Membership(room=self.room.room, user=self.subject)
        membership.role, membership.joined_at = self.role, self.at
        membership.joined_seq, membership.left_seq = self.seq, None
        membership.banned_at = membership.banned_until = None
        membership.read_msg_no = self.room.room.last_msg_no
        self.room.members[self.subject.pk] = membership


@dataclass(slots=True)
class MemberLeft(MemberDraft):
    """A user is no longer in the room; by the actor's own wish or removed by another."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MEMBER_LEFT

    def apply(self, state: State) -> None:
        """End the membership at this seq."""
        self.count(is_in=False)
        self.membership.left_seq = self.seq
        if self.is_banned:
            self.membership.banned_at, self.membership.banned_until = self.at, self.banned_until


@dataclass(slots=True)
class MemberChanged(MemberDraft):
    """A member has another role, is muted, or may write again."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MEMBER_CHANGED
    deed: AuditDeed = AuditDeed.MEMBER_ROLE

    def apply(self, state: State) -> None:
        """Take the role and the mute over."""
        self.count(is_in=True)
        self.membership.role, self.membership.muted_until = self.role, self.muted_until


def join(state: State, request: Request) -> Decision:
    """Enter a room; who is in already changes nothing. Refuses with not_found, forbidden, archived."""
    command = cast(JoinRoom, request.command)
    room, actor = room_of(state, command.room), state.users[request.actor_id]
    permissions.require(Deed.JOIN, actor, room.room, room.members.get(actor.pk), state.now)
    if room.member(actor.pk):
        return already(room)
    return decided(joined(state, room, actor, actor))


def leave(state: State, request: Request) -> Decision:
    """Leave a room; who is not in an open room changes nothing.

    Refuses with not_found, forbidden, conflict (the last owner).
    """
    command = cast(LeaveRoom | RemoveMember, request.command)
    room, actor = room_of(state, command.room), state.users[request.actor_id]
    membership = room.members.get(actor.pk)
    if membership is None or not membership.is_in:
        permissions.require(Deed.SEE, actor, room.room, membership, state.now)
        return already(room)
    permissions.require(Deed.LEAVE, actor, room.room, membership, state.now)
    keep_owner(room, actor.pk)
    return decided(left(state, room, actor, actor, membership))


def add(state: State, request: Request) -> Decision:
    """Bring a user in. Refuses with not_found (room or user), forbidden, muted, archived."""
    command = cast(AddMember, request.command)
    room, actor = room_of(state, command.room), state.users[request.actor_id]
    permissions.require(Deed.INVITE, actor, room.room, room.members.get(actor.pk), state.now)
    subject = user_of(state, command.user)
    if room.member(subject.pk):
        return already(room)
    known = room.members.get(subject.pk)
    if known is not None and known.is_banned(state.now):
        permissions.require(Deed.BAN, actor, room.room, room.members.get(actor.pk), state.now)
    return decided(joined(state, room, actor, subject))


def set_role(state: State, request: Request) -> Decision:
    """Give a member another role; an owner is not muted.

    Refuses with not_found (room or member), forbidden, conflict (the last owner).
    """
    command = cast(UpdateMember, request.command)
    room, actor = room_of(state, command.room), state.users[request.actor_id]
    permissions.require(Deed.SET_ROLE, actor, room.room, room.members.get(actor.pk), state.now)
    membership = member(room, command.user)
    if membership.role == command.role:
        return already(room)
    subject = state.users[command.user]
    if subject.is_guest and command.role in ("owner", "moderator"):
        raise Refused(ErrorCode.FORBIDDEN, f"a guest of the workspace cannot be {command.role} of a room")
    if command.role != "owner":
        keep_owner(room, subject.pk)
    muted_until = None if command.role == "owner" else membership.muted_until
    return decided(
        MemberChanged(
            room=room, actor=actor, at=state.at(room), subject=subject, role=command.role,
            muted_until=muted_until,
        )
    )  # fmt: skip


def remove(state: State, request: Request) -> Decision:
    """Take a member out; only below one's own rank. To remove oneself is to leave.

    Refuses with not_found (room or member), forbidden, conflict (the last owner).
    """
    command = cast(RemoveMember, request.command)
    if command.user == request.actor_id:
        return leave(state, request)
    room, actor = room_of(state, command.room), state.users[request.actor_id]
    own = room.members.get(actor.pk)
    permissions.require(Deed.REMOVE, actor, room.room, own, state.now)
    membership, subject = member(room, command.user), state.users[command.user]
    permissions.require_above(actor, subject, room.room, own, membership)
    keep_owner(room, subject.pk)
    return decided(left(state, room, actor, subject, membership, reason=command.reason))


def keep_owner(room: RoomState, user_id: int) -> None:
    """Raise Refused (conflict) when a room with other members would be without an owner after this user."""
    if room.owners == {user_id} and room.member_count > 1:
        raise Refused(ErrorCode.CONFLICT, "the room has no other owner: make somebody else an owner first")


def left(
    state: State, room: RoomState, actor: User, subject: User, membership: Membership, *,
    reason: str | None = None, is_banned: bool = False, banned_until: datetime | None = None,
) -> MemberLeft:  # fmt: skip
    """Draft that a user is out of a room."""
    return MemberLeft(
        room=room, actor=actor, at=state.at(room), subject=subject, role=membership.role,
        muted_until=membership.muted_until, reason=reason, is_banned=is_banned, banned_until=banned_until,
    )  # fmt: skip


def joined(
    state: State, room: RoomState, actor: User, subject: User, role: str = Membership.Role.MEMBER
) -> MemberJoined:
    """Draft that a user is in a room; a guest of the workspace is a guest of the room."""
    role = Membership.Role.GUEST if subject.is_guest else role
    known = room.members.get(subject.pk)
    muted_until = known.muted_until if known is not None else None
    return MemberJoined(
        room=room, actor=actor, at=state.at(room), subject=subject, role=role, muted_until=muted_until
    )


def write_joined(drafts: Sequence[MemberJoined]) -> None:
    """Insert the memberships, or take those up again that were left."""
    Membership.objects.bulk_create(
        rows_of(drafts),
        update_conflicts=True,
        unique_fields=["room", "user"],
        update_fields=[
            "role",
            "read_msg_no",
            "joined_seq",
            "left_seq",
            "joined_at",
            "banned_at",
            "banned_until",
        ],
    )


def write_left(drafts: Sequence[MemberLeft]) -> list[Statement]:
    """End the memberships."""
    Membership.objects.bulk_update(rows_of(drafts), ["left_seq", "banned_at", "banned_until"])
    return audit.written(
        [
            noted(AuditDeed.MEMBER_BANNED if draft.is_banned else AuditDeed.MEMBER_REMOVED, draft)
            for draft in drafts
        ]
    )


def write_changed(drafts: Sequence[MemberChanged]) -> list[Statement]:
    """Write the roles and the mutes."""
    Membership.objects.bulk_update(rows_of(drafts), ["role", "muted_until"])
    return audit.written([noted(draft.deed, draft) for draft in drafts])


def noted(deed: AuditDeed, draft: MemberDraft) -> AuditEntry | None:
    """Return the entry of who did what to whom."""
    ends_at = draft.banned_until if draft.is_banned else draft.muted_until
    until = ends_at.isoformat() if ends_at else None
    return audit.of(
        deed, draft, subject=draft.subject, reason=draft.reason, role=str(draft.role), until=until
    )


def rows_of(drafts: Sequence[MemberDraft]) -> list[Membership]:
    """Return the memberships as they are after all of the drafts, each once."""
    return list({(draft.room.room.pk, draft.subject.pk): draft.membership for draft in drafts}.values())


def room_of(state: State, room_id: int) -> RoomState:
    """Return a room of the batch. Raises Refused: not_found."""
    room = state.rooms.get(room_id)
    if room is None:
        raise permissions.missing_room()
    return room


def user_of(state: State, user_id: int) -> User:
    """Return an active user. Raises Refused: not_found."""
    user = state.users.get(user_id)
    if user is None or not user.is_active:
        raise Refused(ErrorCode.NOT_FOUND, "no such user")
    return user


def member(room: RoomState, user_id: int) -> Membership:
    """Return the membership of who is in. Raises Refused: not_found."""
    membership = room.member(user_id)
    if membership is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such member")
    return membership
