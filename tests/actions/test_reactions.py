import pytest

from chat.actions.reactions import ReactionAdded, ReactionRemoved
from chat.protocol import limits
from chat.protocol.commands import AddReaction, RemoveReaction
from chat.protocol.errors import ErrorCode
from tests.actions.world import (
    BANNED,
    HIDDEN_MESSAGE,
    LEFT,
    MEMBER,
    MISSING,
    MUTED,
    NOW,
    OUTSIDER,
    OWNER,
    World,
)

ADD, REMOVE = AddReaction(message=70, emoji="👍"), RemoveReaction(message=70, emoji="👍")


def world_with_message() -> World:
    world = World()
    world.message(70, OWNER)
    return world


def test_a_reaction_is_added_once_and_removed_once() -> None:
    world = world_with_message()
    (added,) = world.decide(MEMBER, ADD).drafts
    assert isinstance(added, ReactionAdded)
    assert (added.seq, added.row().payload) == (41, {"emoji": "👍"})
    assert world.decide(MEMBER, ADD).drafts == ()
    (removed,) = world.decide(MEMBER, REMOVE).drafts
    assert isinstance(removed, ReactionRemoved)
    assert removed.reaction is added.reaction
    assert world.decide(MEMBER, REMOVE).drafts == ()
    assert world.room.last_seq == 42


def test_a_repeat_answers_with_the_present_seq() -> None:
    world = world_with_message()
    world.decide(MEMBER, ADD)
    assert world.decide(MEMBER, ADD).result() == {"room": 5, "seq": 41}


def test_the_same_emoji_of_two_users_are_two_reactions() -> None:
    world = world_with_message()
    world.decide(MEMBER, ADD)
    world.decide(OWNER, ADD)
    world.decide(MEMBER, REMOVE)
    assert [reaction.user_id for reaction in world.state.reactions[70]] == [OWNER]


def test_nobody_takes_back_what_another_chose() -> None:
    world = world_with_message()
    world.reaction(70, OWNER, "👍")
    assert world.decide(MEMBER, REMOVE).drafts == ()
    assert len(world.state.reactions[70]) == 1


def test_a_message_takes_so_many_reactions_and_no_more() -> None:
    world = world_with_message()
    for number in range(limits.REACTIONS_PER_MESSAGE_MAX_COUNT):
        world.reaction(70, OWNER, f"e{number}")
    assert world.refused(MEMBER, ADD) == (ErrorCode.TOO_MANY, "the message has 100 reactions, at most 100")
    assert world.decide(OWNER, AddReaction(message=70, emoji="e1")).drafts == ()


@pytest.mark.parametrize("command", [ADD, REMOVE])
@pytest.mark.parametrize("actor", [OUTSIDER, LEFT, BANNED])
def test_a_hidden_message_is_refused_like_a_missing_one(
    actor: int, command: AddReaction | RemoveReaction
) -> None:
    world = world_with_message()
    missed = type(command)(message=MISSING, emoji="👍")
    assert world.refused(actor, command) == world.refused(actor, missed) == HIDDEN_MESSAGE


@pytest.mark.parametrize("command", [ADD, REMOVE])
def test_reactions_are_refused_to_the_muted_in_archived_rooms_and_under_deleted_messages(
    command: AddReaction | RemoveReaction,
) -> None:
    world = world_with_message()
    assert world.refused(MUTED, command)[0] is ErrorCode.MUTED
    world.room.archived_at = NOW
    assert world.refused(MEMBER, command)[0] is ErrorCode.ARCHIVED
    world.state.messages[70].deleted_at = NOW
    assert world.refused(MEMBER, command) == HIDDEN_MESSAGE


def test_who_reads_an_open_room_without_being_in_it_may_not_react() -> None:
    world = World("open")
    world.message(70, OWNER)
    assert world.refused(OUTSIDER, ADD)[0] is ErrorCode.FORBIDDEN
