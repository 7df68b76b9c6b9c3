"""Mute, unmute, ban, unban; only below one's own rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, cast

from chat.actions import audit, permissions
from chat.actions.members import (
    MemberChanged,
    MemberDraft,
    keep_owner,
    left,
    member,
    noted,
    room_of,
    rows_of,
    user_of,
)
from chat.actions.permissions import Deed, Standing
from chat.actions.state import Decision, Request, RoomState, State, already, decided
from chat.models import AuditDeed, Membership, User
from chat.models.statements import Statement
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import BanMember, MuteMember, UnbanMember, UnmuteMember
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.fields import NO_END


@dataclass(slots=True)
class MemberBanned(MemberDraft):
    """Somebody who is not in the room is kept out from here on."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MEMBER_BANNED

    def apply(self, state: State) -> None:
        """Note the ban; who has never been in gets a row that says so."""
        known = self.room.members.get(self.subject.pk)
        membership = known or Membership(room=self.room.room, user=self.subject, left_seq=self.seq)
        membership.banned_at, membership.banned_until = self.at, self.banned_until
        self.room.members[self.subject.pk] = membership


@dataclass(slots=True)
class MemberUnbanned(MemberDraft):
    """Somebody may come back."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MEMBER_UNBANNED

    def apply(self, state: State) -> None:
        """Lift the ban; the user is as far outside as who has left."""
        self.membership.banned_at = self.membership.banned_until = None


def mute(state: State, request: Request) -> Decision:
    """Take a member's voice for a time. Refuses with not_found (room or member), forbidden, bad_frame."""
    command = cast(MuteMember, request.command)
    until = command.end(state.now) or NO_END
    room, actor, membership, subject = _below(state, request, command)
    if permissions.standing_of(subject, room.room, membership, state.now) is Standing.OWNER:
        raise Refused(ErrorCode.FORBIDDEN, "who owns the room or runs the workspace cannot be muted")
    if until <= state.now:
        raise Refused(ErrorCode.BAD_FRAME, "until lies in the past")
    if membership.muted_until == until:
        return already(room)
    return decided(_changed(state, room, actor, subject, until, command.reason))


def unmute(state: State, request: Request) -> Decision:
    """Give a member's voice back; who has it changes nothing. Refuses with not_found (room or member), forbidden."""
    command = cast(UnmuteMember, request.command)
    room, actor, membership, subject = _below(state, request, command)
    if membership.muted_until is None or membership.muted_until <= state.now:
        return already(room)
    return decided(_changed(state, room, actor, subject, None, None))


def ban(state: State, request: Request) -> Decision:
    """Take a member out, or keep somebody out who is not in, or give a ban another end; a repeat changes nothing.

    Refuses with not_found (room or user), forbidden, conflict (the last owner), bad_frame.
    """
    command = cast(BanMember, request.command)
    until = command.end(state.now)
    room, actor = room_of(state, command.room), state.users[request.actor_id]
    own = room.members.get(actor.pk)
    permissions.require(Deed.BAN, actor, room.room, own, state.now)
    known = room.members.get(command.user)
    # Who has been here can be banned even when the account is disabled: it may come back.
    subject = state.users[command.user] if known is not None else user_of(state, command.user)
    permissions.require_above(actor, subject, room.room, own, known)
    if until is not None and until <= state.now:
        raise Refused(ErrorCode.BAD_FRAME, "until lies in the past")
    if known is not None and known.is_banned(state.now) and known.banned_until == until:
        return already(room)
    if known is not None and known.is_in:
        keep_owner(room, subject.pk)
        return decided(
            left(
                state, room, actor, subject, known,
                reason=command.reason, is_banned=True, banned_until=until,
            )
        )  # fmt: skip
    return decided(
        MemberBanned(
            room=room, actor=actor, at=state.at(room), subject=subject, reason=command.reason, is_banned=True,
            banned_until=until,
        )
    )  # fmt: skip


def unban(state: State, request: Request) -> Decision:
    """Let somebody come back; who is not banned changes nothing. Refuses with not_found (room or user), forbidden."""
    command = cast(UnbanMember, request.command)
    room, actor = room_of(state, command.room), state.users[request.actor_id]
    permissions.require(Deed.BAN, actor, room.room, room.members.get(actor.pk), state.now)
    known = room.members.get(command.user)
    subject = state.users[command.user] if known is not None else user_of(state, command.user)
    if known is None or not known.is_banned(state.now):
        return already(room)
    return decided(MemberUnbanned(room=room, actor=actor, at=state.at(room), subject=subject))


def write_banned(drafts: Sequence[MemberBanned]) -> list[Statement]:
    """Insert the rows of who was never in, and note the ban on the others."""
    rows = rows_of(drafts)
    known = [row for row in rows if row.pk]
    Membership.objects.bulk_create([row for row in rows if not row.pk])
    Membership.objects.bulk_update(known, ["banned_at", "banned_until"])
    return audit.written([noted(AuditDeed.MEMBER_BANNED, draft) for draft in drafts])


def write_unbanned(drafts: Sequence[MemberUnbanned]) -> list[Statement]:
    """Lift the bans."""
    Membership.objects.bulk_update(rows_of(drafts), ["banned_at", "banned_until"])
    return audit.written([noted(AuditDeed.MEMBER_UNBANNED, draft) for draft in drafts])


def _below(
    state: State, request: Request, command: MuteMember | UnmuteMember
) -> tuple[RoomState, User, Membership, User]:
    room, actor = room_of(state, command.room), state.users[request.actor_id]
    own = room.members.get(actor.pk)
    permissions.require(Deed.MUTE, actor, room.room, own, state.now)
    membership, subject = member(room, command.user), state.users[command.user]
    permissions.require_above(actor, subject, room.room, own, membership)
    return room, actor, membership, subject


def _changed(
    state: State, room: RoomState, actor: User, subject: User, until: datetime | None, reason: str | None
) -> MemberChanged:
    return MemberChanged(
        room=room, actor=actor, at=state.at(room), subject=subject, role=room.members[subject.pk].role,
        muted_until=until, reason=reason,
        deed=AuditDeed.MEMBER_UNMUTED if until is None else AuditDeed.MEMBER_MUTED,
    )  # fmt: skip
