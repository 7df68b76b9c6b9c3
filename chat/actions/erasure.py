"""What is left of an erased account in rooms: out of them, and its messages emptied if that was asked for."""

from __future__ import annotations

from typing import cast

from chat.actions.members import MemberChanged, left, room_of
from chat.actions.messages import MessageDeleted
from chat.actions.state import Decision, Draft, Request, State, already, decided, system
from chat.models import Membership, User
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.system import EraseMember, EraseMessages


def erase_member(state: State, request: Request) -> Decision:
    """Take an account that was switched off out of a room; a repeat changes nothing. For the server alone.

    Refuses with not_found, conflict (the account is active).
    """
    command = cast(EraseMember, request.command)
    room = room_of(state, command.room)
    subject = _erased(state, command.user)
    membership = room.member(subject.pk)
    # A direct conversation belongs to its people, also to who is nobody now.
    if membership is None or room.room.is_direct:
        return already(room)
    drafts: list[Draft] = []
    heir = state.heirs.get(room.room.pk)
    if heir is not None and membership.role == Membership.Role.OWNER:
        drafts.append(
            MemberChanged(
                room=room, actor=system(), at=state.at(room), subject=state.users[heir],
                role=Membership.Role.OWNER, muted_until=None,
            )
        )  # fmt: skip
    return decided(*drafts, left(state, room, system(), subject, membership))


def erase_messages(state: State, request: Request) -> Decision:
    """Empty messages of an account that was switched off; a repeat changes nothing. For the server alone.

    Refuses with not_found, conflict (the account is active, a legal hold stands).
    """
    command = cast(EraseMessages, request.command)
    room = room_of(state, command.room)
    subject = _erased(state, command.user)
    if room.room.pk in state.held_rooms:
        raise Refused(ErrorCode.CONFLICT, "a legal hold stands")
    at = state.at(room)
    drafts = [
        MessageDeleted(room=room, actor=system(), at=at, message=message)
        for pk in command.messages
        if (message := state.messages.get(pk)) is not None
        and message.sender_id == subject.pk
        and message.room_id == room.room.pk
        and message.deleted_at is None
    ]
    return decided(*drafts) if drafts else already(room)


def _erased(state: State, user_id: int) -> User:
    subject = state.users.get(user_id)
    if subject is None:
        raise Refused(ErrorCode.NOT_FOUND, "no such user")
    if subject.is_active:
        raise Refused(ErrorCode.CONFLICT, "the account is active")
    return subject
