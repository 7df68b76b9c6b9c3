from __future__ import annotations

from typing import Any

from chat.actions.messages import MessageDeleted
from chat.actions.retention import MessagesExpired
from chat.actions.state import SYSTEM_ID, Decision
from chat.models import Message
from chat.protocol.errors import ErrorCode
from chat.protocol.system import ExpireMessages
from tests.actions.world import HIDDEN_ROOM, MEMBER, MISSING, NOW, World


def old(world: World, pk: int, **fields: Any) -> Message:
    """Put something into the room that is old enough to go."""
    message = world.message(pk, MEMBER, seq=pk, **fields)
    world.state.expiring[pk] = message
    return message


def expire(*messages: int, room: int = 5) -> ExpireMessages:
    return ExpireMessages(room=room, before=NOW, messages=list(messages))


def gone(decision: Decision) -> list[int]:
    return [pk for draft in decision.drafts if isinstance(draft, MessagesExpired) for pk in draft.messages]


def closed(decision: Decision) -> list[int]:
    return [draft.message.pk for draft in decision.drafts if isinstance(draft, MessageDeleted)]


def test_what_is_named_and_old_goes_by_one_change() -> None:
    world = World()
    old(world, 1), old(world, 2)
    decision = world.decide(SYSTEM_ID, expire(1, 2, MISSING))
    assert (gone(decision), len(decision.drafts)) == ([1, 2], 1)
    assert decision.result() == {"room": 5, "seq": 41}
    assert decision.drafts[0].row().payload == {"messages": [1, 2]}
    # For what stands behind it in the batch they are not there any more.
    assert not {1, 2} & world.state.messages.keys()
    again = world.decide(SYSTEM_ID, expire(1, 2))
    assert (again.drafts, again.result()) == ((), {"room": 5, "seq": 41})


def test_a_thread_that_lives_stays_with_all_its_replies() -> None:
    world = World()
    old(world, 1), old(world, 2, parent_id=1, msg_no=None), old(world, 3)
    world.state.reply_counts[1] = 2
    world.state.living.add(1)
    assert gone(world.decide(SYSTEM_ID, expire(1, 2, 3))) == [3]


def test_a_thread_that_is_named_whole_goes_whole() -> None:
    world = World()
    old(world, 1), old(world, 2, parent_id=1, msg_no=None)
    world.state.reply_counts[1] = 1
    decision = world.decide(SYSTEM_ID, expire(1, 2))
    assert (gone(decision), closed(decision)) == ([1, 2], [])


def test_a_thread_that_is_named_in_part_is_emptied_and_closed_once() -> None:
    world = World()
    old(world, 1), old(world, 2, parent_id=1, msg_no=None)
    world.state.reply_counts[1] = 9
    decision = world.decide(SYSTEM_ID, expire(1, 2))
    assert (gone(decision), closed(decision)) == ([2], [1])
    assert world.state.expiring[1].body == ""
    old(world, 3, parent_id=1, msg_no=None)
    decision = world.decide(SYSTEM_ID, expire(1, 3))
    assert (gone(decision), closed(decision)) == ([3], [])


def test_a_reply_does_not_go_without_its_thread() -> None:
    world = World()
    old(world, 2, parent_id=1, msg_no=None)
    assert world.decide(SYSTEM_ID, expire(2)).drafts == ()


def test_it_is_no_life_of_the_room() -> None:
    assert not MessagesExpired.is_life
    assert MessageDeleted.is_life


def test_nothing_goes_under_a_hold_or_without_a_room() -> None:
    world = World()
    old(world, 1)
    assert world.refused(SYSTEM_ID, expire(1, room=MISSING)) == HIDDEN_ROOM
    world.state.held_rooms.add(5)
    assert world.refused(SYSTEM_ID, expire(1)) == (ErrorCode.CONFLICT, "a legal hold stands")
