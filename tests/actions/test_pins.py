from __future__ import annotations

import pytest

from chat.actions.pins import MessagePinned, MessageUnpinned
from chat.actions.state import SYSTEM_ID
from chat.protocol import limits
from chat.protocol.commands import DeleteMessage, PinMessage, UnpinMessage
from chat.protocol.errors import ErrorCode
from chat.protocol.system import WithdrawQuote
from tests.actions.world import (
    ADMIN,
    BANNED,
    GUEST,
    HIDDEN_MESSAGE,
    LEFT,
    MEMBER,
    MODERATOR,
    MUTED,
    NOW,
    OUTSIDER,
    OWNER,
    World,
)

PIN, UNPIN = PinMessage(message=70), UnpinMessage(message=70)


def world(kind: str = "closed", **fields: object) -> World:
    made = World(kind, **fields)
    made.message(70, MEMBER)
    return made


@pytest.mark.parametrize("actor", [MODERATOR, OWNER, ADMIN])
def test_who_runs_the_room_pins_once_and_takes_it_off_once(actor: int) -> None:
    here = world()
    (draft,) = here.decide(actor, PIN).drafts
    assert isinstance(draft, MessagePinned)
    assert (draft.message.pinned_at, draft.message.pinned_by_id) == (NOW, actor)
    assert here.decide(actor, PIN).drafts == ()
    (draft,) = here.decide(actor, UNPIN).drafts
    assert isinstance(draft, MessageUnpinned)
    assert (draft.message.pinned_at, draft.message.pinned_by_id) == (None, None)
    assert here.decide(actor, UNPIN).drafts == ()


@pytest.mark.parametrize("actor", [MEMBER, GUEST, MUTED])
@pytest.mark.parametrize("command", [PIN, UNPIN])
def test_others_in_the_room_may_not(actor: int, command: PinMessage | UnpinMessage) -> None:
    assert world().refused(actor, command)[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("actor", [OUTSIDER, LEFT, BANNED])
def test_outsiders_are_told_what_is_said_of_a_missing_message(actor: int) -> None:
    here = world()
    missed = here.refused(actor, PinMessage(message=999))
    assert here.refused(actor, PIN) == missed == HIDDEN_MESSAGE


def test_in_a_direct_conversation_both_may() -> None:
    here = world("direct")
    assert len(here.decide(MEMBER, PIN).drafts) == 1
    assert here.refused(OUTSIDER, UNPIN) == HIDDEN_MESSAGE


def test_an_archived_room_keeps_its_pins() -> None:
    assert world(archived_at=NOW).refused(OWNER, PIN)[0] is ErrorCode.ARCHIVED


def test_a_deleted_message_is_pinned_no_more_and_cannot_be() -> None:
    here = world()
    here.decide(OWNER, PIN)
    here.decide(OWNER, DeleteMessage(message=70))
    assert here.state.messages[70].pinned_at is None
    assert here.place.pin_count == 0
    assert here.refused(OWNER, PIN) == HIDDEN_MESSAGE


def test_a_room_has_so_many_pins_also_within_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PINS_PER_ROOM_MAX_COUNT", 2)
    here = world()
    for pk in (71, 72):
        here.message(pk, MEMBER)
        here.decide(OWNER, PinMessage(message=pk))
    assert here.refused(OWNER, PIN) == (ErrorCode.TOO_MANY, "the room has 2 pins, at most 2")
    here.decide(OWNER, UnpinMessage(message=71))
    assert len(here.decide(OWNER, PIN).drafts) == 1


def test_that_a_quote_is_gone_is_told_once() -> None:
    here = world()
    here.state.messages[70].quote_chars = 700
    assert len(here.decide(SYSTEM_ID, WithdrawQuote(message=70)).drafts) == 1
    assert here.decide(SYSTEM_ID, WithdrawQuote(message=70)).drafts == ()
