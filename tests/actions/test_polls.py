from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chat.models import Poll
from chat.protocol.commands import DeleteMessage, EditMessage, PostMessage
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.polls import CastVote, ClosePoll
from chat.protocol.system import EndPoll
from tests.actions.world import (
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

POLL = 7
SYSTEM = 0


def world_with(**fields: Any) -> World:
    world = World()
    message = world.message(POLL, MEMBER, has_poll=True)
    world.state.polls[POLL] = Poll(message=message, options=["one", "two", "three"], **fields)
    return world


def vote(world: World, actor: int, *choices: int) -> dict[str, Any]:
    return world.decide(actor, CastVote(message=POLL, choices=list(choices))).result()


def chosen(world: World) -> dict[int, list[int]]:
    return {user: row.places for (_, user), row in world.state.votes.items()}


def test_one_chooses_and_chooses_otherwise_and_takes_it_back() -> None:
    world = world_with()
    assert vote(world, OWNER, 1) == {"room": 5, "seq": 41, "choices": [1]}
    assert vote(world, OWNER, 2) == {"room": 5, "seq": 42, "choices": [2]}
    vote(world, MODERATOR, 2)
    assert chosen(world) == {OWNER: [2], MODERATOR: [2]}
    vote(world, OWNER)
    assert chosen(world) == {OWNER: [], MODERATOR: [2]}


def test_the_same_again_changes_nothing() -> None:
    world = world_with(is_multiple=True)
    vote(world, OWNER, 2, 0)
    again = world.decide(OWNER, CastVote(message=POLL, choices=[0, 2]))
    assert (again.drafts, again.result()["choices"]) == ((), [0, 2])
    assert world.room.last_seq == 41


def test_of_several_one_can_be_chosen_unless_it_is_said_otherwise() -> None:
    code, detail = world_with().refused(OWNER, CastVote(message=POLL, choices=[0, 1]))
    assert (code, detail) == (ErrorCode.BAD_FRAME, "choices: one option can be chosen here")


def test_what_is_not_there_cannot_be_chosen() -> None:
    code, detail = world_with(is_multiple=True).refused(OWNER, CastVote(message=POLL, choices=[0, 3]))
    assert (code, detail) == (ErrorCode.BAD_FRAME, "choices: the poll has 3 options, counted from 0")


@pytest.mark.parametrize("choices", [[-1], [10], [0, 0], ["0"], [True], list(range(11))])
def test_choices_that_are_none_are_no_command(choices: list[Any]) -> None:
    from chat.protocol.commands import parse

    with pytest.raises(ProtocolError):
        parse(CastVote, {"message": POLL, "choices": choices})


@pytest.mark.parametrize(
    "fields", [{"closed_at": NOW}, {"closes_at": NOW}, {"closes_at": NOW - timedelta(days=1)}]
)
def test_a_poll_that_is_over_takes_no_vote(fields: dict[str, Any]) -> None:
    assert world_with(**fields).refused(OWNER, CastVote(message=POLL, choices=[0])) == (
        ErrorCode.CONFLICT,
        "the poll is closed",
    )


def test_who_may_not_write_may_not_vote() -> None:
    world = world_with()
    assert world.refused(MUTED, CastVote(message=POLL, choices=[0]))[0] == ErrorCode.MUTED
    for actor in (OUTSIDER, LEFT):
        assert world.refused(actor, CastVote(message=POLL, choices=[0])) == HIDDEN_MESSAGE


def test_a_message_without_a_poll_has_none() -> None:
    world = World()
    world.message(POLL, MEMBER)
    for command in (CastVote(message=POLL, choices=[0]), ClosePoll(message=POLL)):
        assert world.refused(MEMBER, command) == (ErrorCode.NOT_FOUND, "no such poll")


def test_it_is_closed_by_its_author_or_a_moderator_and_once() -> None:
    world = world_with()
    assert world.refused(10, ClosePoll(message=POLL)) == HIDDEN_MESSAGE
    assert world.refused(MUTED, ClosePoll(message=POLL))[0] == ErrorCode.FORBIDDEN
    (draft,) = world.decide(MODERATOR, ClosePoll(message=POLL)).drafts
    assert (draft.row().kind, draft.row().actor_id) == ("poll.closed", MODERATOR)
    assert world.decide(MEMBER, ClosePoll(message=POLL)).drafts == ()
    assert world.refused(OWNER, CastVote(message=POLL, choices=[0]))[0] == ErrorCode.CONFLICT


def test_the_server_ends_it_at_its_time_and_not_before() -> None:
    early = world_with(closes_at=NOW + timedelta(seconds=1))
    assert early.decide(SYSTEM, EndPoll(message=POLL)).drafts == ()
    due = world_with(closes_at=NOW)
    (draft,) = due.decide(SYSTEM, EndPoll(message=POLL)).drafts
    assert draft.row().actor_id is None
    assert due.decide(SYSTEM, EndPoll(message=POLL)).drafts == ()


def test_the_log_names_who_has_voted_but_of_an_anonymous_poll_nobody() -> None:
    for is_anonymous, actor in ((False, OWNER), (True, None)):
        world = world_with(is_anonymous=is_anonymous)
        (draft,) = world.decide(OWNER, CastVote(message=POLL, choices=[1])).drafts
        row = draft.row()
        assert (row.actor_id, row.payload) == (actor, {})
        # One's own devices know all the same.
        assert list(draft.own_events()) == [
            (OWNER, {"type": "vote", "room": 5, "poll": POLL, "choices": [1]})
        ]


def test_what_people_vote_on_is_not_written_anew() -> None:
    world = world_with()
    assert world.refused(MEMBER, EditMessage(message=POLL, body="other"))[0] == ErrorCode.FORBIDDEN


def test_a_deleted_question_takes_its_poll_along() -> None:
    world = world_with()
    world.decide(MEMBER, DeleteMessage(message=POLL))
    assert not world.state.messages[POLL].has_poll
    assert world.refused(OWNER, CastVote(message=POLL, choices=[0])) == HIDDEN_MESSAGE


def posted(**poll: Any) -> PostMessage:
    asked = {"options": ["one", "two"], **poll}
    return PostMessage.model_validate(
        {"room": 5, "client_message_id": "a-question", "body": "which?", "poll": asked}
    )


def test_it_is_posted_with_its_message_and_a_repeat_is_the_same_one() -> None:
    world = World()
    (draft,) = world.decide(MEMBER, posted(multiple=True)).drafts
    poll = draft.poll  # type: ignore[attr-defined]
    assert (poll.message_id, poll.options, poll.is_multiple, poll.closes_at) == (
        1_001,
        ["one", "two"],
        True,
        None,
    )
    assert world.decide(MEMBER, posted(multiple=True)).drafts == ()
    assert world.refused(MEMBER, posted(multiple=False))[0] == ErrorCode.CONFLICT


def test_an_end_that_is_past_is_refused() -> None:
    past = (NOW - timedelta(seconds=1)).isoformat()
    assert World().refused(MEMBER, posted(closes_at=past)) == (ErrorCode.BAD_FRAME, "poll.closes_at is past")


@pytest.mark.parametrize(
    ("poll", "code"),
    [
        ({"options": ["one"]}, "bad_frame"),
        ({"options": [f"{n}" for n in range(11)]}, "too_many"),
        ({"options": ["one", " one "]}, "bad_frame"),
        ({"options": ["one", "  "]}, "empty"),
        ({"options": ["one", "x" * 121]}, "too_long"),
        ({"options": "one"}, "bad_frame"),
        ({"options": ["one", "two"], "closes_at": "tomorrow"}, "bad_frame"),
        ({"options": ["one", "two"], "multiple": 1}, "bad_frame"),
    ],
)
def test_a_poll_that_is_none_is_no_command(poll: dict[str, Any], code: str) -> None:
    from chat.protocol.commands import parse

    with pytest.raises(ProtocolError) as caught:
        parse(PostMessage, {"room": 5, "client_message_id": "a-question", "body": "which?", "poll": poll})
    assert caught.value.code.value == code


def test_a_poll_asks_something() -> None:
    with pytest.raises(ProtocolError) as caught:
        PostMessage.model_validate(
            {
                "room": 5,
                "client_message_id": "x" * 8,
                "body": "",
                "attachments": [3],
                "poll": {"options": ["a", "b"]},
            }
        )
    assert caught.value.code == ErrorCode.EMPTY
