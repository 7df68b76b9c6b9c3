from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from chat.protocol.commands import PostMessage, UpdateRoom
from chat.protocol.errors import ErrorCode, Refused
from tests.actions.world import ADMIN, GUEST, MEMBER, MODERATOR, MUTED, NOW, OUTSIDER, OWNER, World

_numbers = count()


def post(parent: int | None = None) -> PostMessage:
    return PostMessage(room=5, client_message_id=f"message-{next(_numbers)}", body="hi", parent=parent)


def world_of(**rules: object) -> World:
    world = World(**rules)  # type: ignore[arg-type]
    world.message(70, OWNER)
    world.member(ADMIN)
    return world


@pytest.mark.parametrize(
    ("posting", "may_begin", "may_answer"),
    [("everyone", True, True), ("threads", False, True), ("moderators", False, False)],
)
@pytest.mark.parametrize("actor", [MEMBER, GUEST])
def test_who_may_write_is_said_by_the_room(
    posting: str, may_begin: bool, may_answer: bool, actor: int
) -> None:
    for parent, may in ((None, may_begin), (70, may_answer)):
        world = world_of(posting=posting)
        if may:
            assert len(world.decide(actor, post(parent)).drafts) == 1
        else:
            code, detail = world.refused(actor, post(parent))
            assert code is ErrorCode.FORBIDDEN
            assert detail.startswith("only moderators write")


@pytest.mark.parametrize("actor", [OWNER, MODERATOR, ADMIN])
def test_moderators_write_where_nobody_else_does_and_as_fast_as_they_can(actor: int) -> None:
    world = world_of(posting="moderators", slow_s=60)
    for parent in (None, 70, None):
        assert len(world.decide(actor, post(parent)).drafts) == 1


def test_muted_and_strangers_are_told_the_same_as_ever() -> None:
    world = world_of(posting="moderators", slow_s=60)
    assert world.refused(MUTED, post())[0] is ErrorCode.MUTED
    assert world.refused(OUTSIDER, post())[0] is ErrorCode.NOT_FOUND


def test_the_second_message_in_a_slow_room_waits_for_exactly_what_is_left() -> None:
    world = world_of(slow_s=30)
    world.decide(MEMBER, post())
    world.state.now = NOW + timedelta(seconds=10, milliseconds=250)
    with pytest.raises(Refused) as caught:
        world.decide(MEMBER, post())
    assert (caught.value.code, caught.value.after_ms) == (ErrorCode.RATE_LIMITED, 19_751)
    # Each waits for oneself.
    world.decide(GUEST, post())
    world.state.now = NOW + timedelta(seconds=30)
    world.decide(MEMBER, post())


def test_an_answer_in_a_thread_counts_and_waits_too() -> None:
    world = world_of(slow_s=30)
    world.decide(MEMBER, post(70))
    assert world.refused(MEMBER, post())[0] is ErrorCode.RATE_LIMITED
    assert world.refused(MEMBER, post(70))[0] is ErrorCode.RATE_LIMITED


def test_a_repeat_is_answered_without_waiting() -> None:
    world = world_of(slow_s=30)
    command = post()
    first = world.decide(MEMBER, command).result()
    again = world.decide(MEMBER, command)
    assert not again.drafts
    assert again.result() == first


def test_a_shorter_wait_holds_at_once_and_none_ends_it() -> None:
    world = world_of(slow_s=600)
    world.decide(MEMBER, post())
    world.state.now = NOW + timedelta(seconds=20)
    world.decide(OWNER, UpdateRoom(room=5, slow_s=21))
    with pytest.raises(Refused) as caught:
        world.decide(MEMBER, post())
    assert caught.value.after_ms == 1_001
    world.decide(OWNER, UpdateRoom(room=5, slow_s=0))
    world.decide(MEMBER, post())


def test_what_was_written_before_a_room_was_slowed_down_makes_nobody_wait() -> None:
    world = world_of()
    world.decide(MEMBER, post())
    world.decide(OWNER, UpdateRoom(room=5, slow_s=600))
    world.decide(MEMBER, post())


def test_the_rules_of_a_room_are_its_owners_alone() -> None:
    for fields in ({"posting": "moderators"}, {"slow_s": 5}, {"calls": "nobody"}):
        world = World()
        command = UpdateRoom.model_validate({"room": 5, **fields})
        assert world.refused(MODERATOR, command)[0] is ErrorCode.FORBIDDEN
        world.decide(OWNER, command)
        ((name, value),) = fields.items()
        assert getattr(world.room, name) == value
