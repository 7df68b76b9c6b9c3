from __future__ import annotations

import pytest

from chat.models import ThreadFollow
from chat.protocol.commands import PostMessage
from chat.protocol.errors import ErrorCode
from chat.protocol.threads import FollowThread, ReadThread, UnfollowThread
from tests.actions.world import (
    BANNED,
    GUEST,
    HIDDEN_MESSAGE,
    LEFT,
    MEMBER,
    MISSING,
    MUTED,
    OUTSIDER,
    OWNER,
    World,
)

ROOT = 7


@pytest.fixture
def world() -> World:
    world = World()
    world.message(ROOT, OWNER)
    return world


def reply(world: World, actor: int, *mentioned: int, parent: int = ROOT, **fields: object) -> None:
    command = PostMessage.model_validate(
        {
            "room": 5,
            "client_message_id": f"reply-{world.room.last_seq}",
            "body": "yes",
            "parent": parent,
            **fields,
        }
    )
    world.decide(actor, command, mentioned=mentioned)


def follows(world: World) -> dict[int, tuple[bool, int]]:
    """Return who has what with the thread: whether it is followed, and up to where it is read."""
    return {
        user: (row.is_on, row.read_seq) for (root, user), row in world.state.follows.items() if root == ROOT
    }


def test_who_answers_who_is_answered_and_who_is_named_follow(world: World) -> None:
    reply(world, MEMBER, MUTED)
    # The first reply is unread to all but its author.
    assert follows(world) == {MEMBER: (True, 41), OWNER: (True, 40), MUTED: (True, 40)}


def test_who_answers_oneself_follows_once(world: World) -> None:
    reply(world, OWNER)
    assert follows(world) == {OWNER: (True, 41)}


def test_who_is_named_and_not_in_the_room_does_not_follow(world: World) -> None:
    reply(world, OWNER, LEFT, OUTSIDER)
    assert set(follows(world)) == {OWNER}


def test_a_bot_that_is_answered_does_not_follow(world: World) -> None:
    world.state.users[OWNER].is_bot = True
    reply(world, MEMBER)
    assert set(follows(world)) == {MEMBER}


def test_to_answer_is_to_have_read(world: World) -> None:
    reply(world, MEMBER)
    reply(world, OWNER)
    reply(world, MEMBER)
    assert follows(world) == {MEMBER: (True, 43), OWNER: (True, 42)}


def test_who_has_left_a_thread_is_not_brought_back_but_by_writing(world: World) -> None:
    reply(world, MEMBER)
    world.decide(OWNER, UnfollowThread(message=ROOT))
    reply(world, MEMBER, OWNER)
    assert follows(world)[OWNER] == (False, 40)
    reply(world, OWNER)
    assert follows(world)[OWNER] == (True, 43)


def test_who_leaves_before_ever_following_is_not_made_to(world: World) -> None:
    world.decide(OWNER, UnfollowThread(message=ROOT))
    reply(world, MEMBER)
    assert follows(world)[OWNER] == (False, 0)


def test_who_begins_to_follow_has_read_what_is_there(world: World) -> None:
    reply(world, MEMBER)
    result = world.decide(GUEST, FollowThread(message=ROOT)).result()
    assert result == {"room": 5, "message": ROOT, "is_followed": True, "read_seq": 41}
    assert world.decide(GUEST, FollowThread(message=ROOT)).drafts == ()


def test_a_reply_names_its_thread(world: World) -> None:
    world.message(8, MEMBER, parent_id=ROOT, msg_no=None, seq=31)
    assert world.decide(GUEST, FollowThread(message=8)).result()["message"] == ROOT


def test_the_marker_goes_forward_only_and_not_past_the_end(world: World) -> None:
    world.decide(GUEST, FollowThread(message=ROOT))
    world.state.follows[ROOT, GUEST].read_seq = 10
    assert world.decide(GUEST, ReadThread(message=ROOT, seq=20)).result()["read_seq"] == 20
    again = world.decide(GUEST, ReadThread(message=ROOT, seq=15))
    assert (again.drafts, again.result()["read_seq"]) == ([], 20)
    assert world.decide(GUEST, ReadThread(message=ROOT, seq=9_999)).result()["read_seq"] == 40


def test_of_who_does_not_follow_no_marker_is_kept(world: World) -> None:
    decision = world.decide(MEMBER, ReadThread(message=ROOT, seq=20))
    assert decision.drafts == ()
    assert decision.result() == {"room": 5, "message": ROOT, "is_followed": False, "read_seq": 0}
    assert world.state.follows == {}


@pytest.mark.parametrize("actor", [OUTSIDER, LEFT, BANNED])
@pytest.mark.parametrize(
    "command",
    [FollowThread(message=ROOT), UnfollowThread(message=ROOT), ReadThread(message=ROOT, seq=1)],
)
def test_outside_a_thread_is_hidden(
    world: World, actor: int, command: FollowThread | UnfollowThread | ReadThread
) -> None:
    assert world.refused(actor, command) == HIDDEN_MESSAGE
    missing = command.model_copy(update={"message": MISSING})
    assert world.refused(MEMBER, missing) == HIDDEN_MESSAGE


def test_who_may_only_read_may_follow(world: World) -> None:
    assert world.decide(MUTED, FollowThread(message=ROOT)).result()["is_followed"]


def test_a_reply_that_is_said_to_the_room_too_takes_the_next_number(world: World) -> None:
    reply(world, MEMBER)
    assert world.room.last_msg_no == 30
    reply(world, MEMBER, also_in_room=True)
    assert world.room.last_msg_no == 31
    assert world.place.members[MEMBER].read_msg_no == 31


def test_only_a_reply_can_be_said_to_the_room_too() -> None:
    from chat.protocol.errors import ProtocolError

    with pytest.raises(ProtocolError) as caught:
        PostMessage(room=5, client_message_id="x" * 8, body="hi", also_in_room=True)
    assert caught.value.code == ErrorCode.BAD_FRAME


def test_the_same_id_for_a_reply_elsewhere_is_a_conflict(world: World) -> None:
    fields = {"room": 5, "client_message_id": "the-same", "body": "yes", "parent": ROOT}
    world.decide(MEMBER, PostMessage.model_validate(fields))
    code, _ = world.refused(MEMBER, PostMessage.model_validate({**fields, "also_in_room": True}))
    assert code == ErrorCode.CONFLICT


def test_rows_know_whose_they_are() -> None:
    assert str(ThreadFollow(message_id=3, user_id=4)) == "4 in 3"


def test_where_others_only_answer_nobody_says_a_reply_to_the_room_too(world: World) -> None:
    world.room.posting = "threads"
    reply(world, MEMBER)
    command = PostMessage(room=5, client_message_id="to-the-room", body="yes", parent=ROOT, also_in_room=True)
    assert world.refused(MEMBER, command)[0] == ErrorCode.FORBIDDEN
