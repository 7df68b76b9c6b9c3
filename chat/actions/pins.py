"""Pin messages for everybody in the room, and take the pins off; tell that a quote is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from chat.actions import permissions, quotes
from chat.actions.messages import MessageDraft, existing, visible
from chat.actions.permissions import Deed
from chat.actions.state import Decision, Request, RoomState, State, already, decided, system
from chat.models import Message, User
from chat.protocol import limits
from chat.protocol.changes import ChangeKind
from chat.protocol.commands import PinMessage, UnpinMessage
from chat.protocol.errors import ErrorCode, Refused
from chat.protocol.system import WithdrawQuote


@dataclass(slots=True)
class MessagePinned(MessageDraft):
    """A message is at hand for everybody in the room."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MESSAGE_PINNED

    def apply(self, state: State) -> None:
        """Pin it."""
        self.message.pinned_at, self.message.pinned_by_id = self.at, self.actor.pk
        self.room.pin_count += 1


@dataclass(slots=True)
class MessageUnpinned(MessageDraft):
    """A message is pinned no more."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.MESSAGE_UNPINNED
    is_life: ClassVar[bool] = False

    def apply(self, state: State) -> None:
        """Take the pin off."""
        self.message.pinned_at = self.message.pinned_by_id = None
        self.room.pin_count -= 1


@dataclass(slots=True)
class QuoteWithdrawn(MessageDraft):
    """What a message has quoted is gone."""

    kind: ClassVar[ChangeKind | None] = ChangeKind.QUOTE_WITHDRAWN
    is_life: ClassVar[bool] = False

    def apply(self, state: State) -> None:
        """Note that the room knows."""
        self.message.quote_chars = quotes.GONE_CHARS


def pin(state: State, request: Request) -> Decision:
    """Pin a message; a repeat changes nothing. Refuses with not_found, forbidden, archived, too_many."""
    room, actor, message = _found(state, request, cast(PinMessage, request.command).message)
    if message.pinned_at is not None:
        return already(room)
    if room.pin_count >= limits.PINS_PER_ROOM_MAX_COUNT:
        detail = f"the room has {room.pin_count} pins, at most {limits.PINS_PER_ROOM_MAX_COUNT}"
        raise Refused(ErrorCode.TOO_MANY, detail)
    return decided(MessagePinned(room=room, actor=actor, at=state.at(room), message=message))


def unpin(state: State, request: Request) -> Decision:
    """Take a pin off; a repeat changes nothing. Refuses with not_found, forbidden, archived."""
    room, actor, message = _found(state, request, cast(UnpinMessage, request.command).message)
    if message.pinned_at is None:
        return already(room)
    return decided(MessageUnpinned(room=room, actor=actor, at=state.at(room), message=message))


def withdraw(state: State, request: Request) -> Decision:
    """Tell that what a message quotes is gone; a repeat changes nothing. For the server alone.

    Refuses with not_found.
    """
    room, message = existing(state, cast(WithdrawQuote, request.command).message)
    if message.quote_chars <= quotes.GONE_CHARS:
        return already(room)
    return decided(QuoteWithdrawn(room=room, actor=system(), at=state.at(room), message=message))


def write_pins(drafts: Sequence[MessagePinned | MessageUnpinned]) -> None:
    """Write what is pinned at the end of the batch."""
    messages = list({draft.message.pk: draft.message for draft in drafts}.values())
    Message.objects.bulk_update(messages, ["pinned_at", "pinned_by"])


def write_withdrawn(drafts: Sequence[QuoteWithdrawn]) -> None:
    """Note of which the rooms know."""
    Message.objects.bulk_update([draft.message for draft in drafts], ["quote_chars"])


def _found(state: State, request: Request, message_id: int) -> tuple[RoomState, User, Message]:
    room, message = existing(state, message_id)
    actor = state.users[request.actor_id]
    membership = room.members.get(actor.pk)
    if permissions.answer(Deed.PIN, actor, room.room, membership, state.now) is not permissions.Answer.YES:
        visible(state, request, message_id)
    permissions.require(Deed.PIN, actor, room.room, membership, state.now)
    return room, actor, message
