from datetime import datetime, timedelta

import pytest

from chat.actions.messages import MessageDeleted, MessageEdited, MessagePosted
from chat.models import Room
from chat.protocol.commands import DeleteMessage, EditMessage, PostMessage
from chat.protocol.errors import ErrorCode
from tests.actions.world import (
    ADMIN,
    BANNED,
    HIDDEN_MESSAGE,
    HIDDEN_ROOM,
    LEFT,
    MEMBER,
    MISSING,
    MODERATOR,
    MUTED,
    NOW,
    OUTSIDER,
    OWNER,
    World,
)


def post(key: str = "key-0001", body: str = "hi", room: int = 5, parent: int | None = None) -> PostMessage:
    return PostMessage(room=room, client_message_id=key, body=body, parent=parent)


def posted(world: World, actor: int, command: PostMessage, **request: object) -> MessagePosted:
    (draft,) = world.decide(actor, command, **request).drafts
    assert isinstance(draft, MessagePosted)
    return draft


def test_a_post_takes_the_next_seq_and_the_next_number() -> None:
    world = World()
    decision = world.decide(MEMBER, post(), html="<p>hi</p>")
    assert decision.result() == {"room": 5, "seq": 41, "id": 1_001, "msg_no": 31, "at": NOW}
    (draft,) = decision.drafts
    assert isinstance(draft, MessagePosted)
    assert (draft.message.body, draft.message.html, draft.message.sender_id) == ("hi", "<p>hi</p>", MEMBER)


def test_a_post_is_read_by_its_author_and_by_nobody_else() -> None:
    world = World()
    posted(world, MEMBER, post())
    assert world.place.members[MEMBER].read_msg_no == 31
    assert world.place.members[OWNER].read_msg_no == 0


def test_a_reply_goes_to_its_thread_and_takes_no_number() -> None:
    world = World()
    world.message(70, OWNER)
    world.message(71, MEMBER, parent_id=70, msg_no=None)
    assert posted(world, MEMBER, post("key-0001", parent=70)).message.parent_id == 70
    nested = posted(world, MEMBER, post("key-0002", parent=71)).message
    assert (nested.parent_id, nested.msg_no) == (70, None)
    assert world.room.last_msg_no == 30
    assert world.place.members[MEMBER].read_msg_no == 0


def test_a_reply_to_what_is_missing_deleted_or_elsewhere_is_refused_alike() -> None:
    world = World()
    world.message(70, OWNER, deleted_at=NOW)
    world.message(71, OWNER, room_id=6)
    for parent in (70, 71, MISSING):
        assert world.refused(MEMBER, post(parent=parent)) == HIDDEN_MESSAGE


def test_only_members_are_mentioned() -> None:
    world = World()
    draft = posted(world, MEMBER, post(), mentioned=(OWNER, OUTSIDER, LEFT, MISSING, BANNED))
    assert list(draft.mentioned) == [OWNER]


@pytest.mark.parametrize("actor", [OUTSIDER, LEFT, BANNED, ADMIN])
def test_a_post_by_an_outsider_is_refused_like_one_to_a_missing_room(actor: int) -> None:
    world = World()
    assert world.refused(actor, post()) == world.refused(actor, post(room=MISSING)) == HIDDEN_ROOM


def test_a_post_is_refused_to_the_muted_and_in_an_archived_room() -> None:
    assert World().refused(MUTED, post()) == (ErrorCode.MUTED, "you are muted in this room")
    assert World(archived_at=NOW).refused(MEMBER, post()) == (ErrorCode.ARCHIVED, "the room is archived")
    assert World("open").refused(OUTSIDER, post())[0] is ErrorCode.FORBIDDEN


def test_an_attachment_that_is_not_there_is_not_found() -> None:
    command = PostMessage(room=5, client_message_id="key-0001", body="hi", attachments=[3])
    assert World().refused(MEMBER, command) == (ErrorCode.NOT_FOUND, "no such attachment")


def test_the_same_again_gets_the_first_answer() -> None:
    world = World()
    first = world.decide(MEMBER, post())
    again = world.decide(MEMBER, post())
    assert not again.drafts
    assert again.result() == first.result()
    assert world.room.last_seq == 41


@pytest.mark.parametrize(
    "command", [post(body="other"), post(parent=70), post(room=6)], ids=["body", "thread", "room"]
)
def test_the_same_id_for_something_else_is_a_conflict(command: PostMessage) -> None:
    world = World()
    world.message(70, OWNER)
    posted(world, MEMBER, post())
    expected = (ErrorCode.CONFLICT, "client_message_id was used for another message")
    assert world.refused(MEMBER, command) == expected


def test_the_same_id_of_another_sender_is_another_message() -> None:
    world = World()
    posted(world, MEMBER, post())
    assert posted(world, OWNER, post()).seq == 42


def test_who_has_left_still_learns_what_was_stored() -> None:
    world = World()
    first = world.decide(MEMBER, post())
    world.place.members[MEMBER].left_seq = 41
    assert world.decide(MEMBER, post()).result() == first.result()
    assert world.refused(MEMBER, post("key-0002")) == HIDDEN_ROOM


def test_the_time_never_goes_back_in_a_room() -> None:
    world = World(last_at=NOW + timedelta(minutes=5))
    assert posted(world, MEMBER, post()).message.at == NOW + timedelta(minutes=5)


def test_an_edit_keeps_the_earlier_text() -> None:
    world = World()
    message = world.message(70, MEMBER, body="before")
    (draft,) = world.decide(MEMBER, EditMessage(message=70, body="after"), html="<p>after</p>").drafts
    assert isinstance(draft, MessageEdited)
    assert draft.earlier is not None
    assert draft.earlier.body == "before"
    assert (message.body, message.html, message.edited_at) == ("after", "<p>after</p>", NOW)


def test_an_edit_to_the_same_text_changes_nothing() -> None:
    world = World()
    world.message(70, MEMBER, body="same")
    decision = world.decide(MEMBER, EditMessage(message=70, body="same"))
    assert not decision.drafts
    assert decision.result() == {"room": 5, "seq": 40, "edited_at": None}


@pytest.mark.parametrize(
    ("held", "stored"),
    [
        (None, NOW),
        (NOW.isoformat(), None),
        ((NOW - timedelta(milliseconds=1)).isoformat(), NOW),
    ],
)
def test_an_edit_of_another_text_than_this_is_a_conflict(held: str | None, stored: datetime | None) -> None:
    world = World()
    world.message(70, MEMBER, edited_at=stored)
    command = EditMessage(message=70, body="late", edited_at=held)
    assert world.refused(MEMBER, command)[0] is ErrorCode.CONFLICT


@pytest.mark.parametrize("stored", [None, NOW.replace(microsecond=123_999)])
def test_an_edit_of_the_text_that_there_is_is_made(stored: datetime | None) -> None:
    world = World()
    world.message(70, MEMBER, edited_at=stored)
    held = stored.replace(microsecond=123_000).isoformat() if stored else None
    assert world.decide(MEMBER, EditMessage(message=70, body="new", edited_at=held)).drafts


@pytest.mark.parametrize("actor", [OWNER, MODERATOR])
def test_nobody_edits_what_others_wrote(actor: int) -> None:
    world = World()
    world.message(70, MEMBER)
    assert world.refused(actor, EditMessage(message=70, body="x"))[0] is ErrorCode.FORBIDDEN


def test_an_edit_is_refused_to_the_muted_and_in_an_archived_room() -> None:
    world = World()
    world.message(70, MUTED)
    assert world.refused(MUTED, EditMessage(message=70, body="x"))[0] is ErrorCode.MUTED
    world.room.archived_at = NOW
    world.message(71, MEMBER)
    assert world.refused(MEMBER, EditMessage(message=71, body="x"))[0] is ErrorCode.ARCHIVED


COMMANDS = [EditMessage(message=70, body="x"), DeleteMessage(message=70)]
MISSED = [EditMessage(message=MISSING, body="x"), DeleteMessage(message=MISSING)]


@pytest.mark.parametrize(("command", "missed"), list(zip(COMMANDS, MISSED, strict=True)))
@pytest.mark.parametrize("actor", [OUTSIDER, LEFT, BANNED])
def test_a_hidden_message_is_refused_like_a_missing_one(
    actor: int, command: EditMessage | DeleteMessage, missed: EditMessage | DeleteMessage
) -> None:
    world = World()
    world.message(70, MEMBER)
    assert world.refused(actor, command) == world.refused(actor, missed) == HIDDEN_MESSAGE


@pytest.mark.parametrize("command", COMMANDS)
def test_a_deleted_message_is_refused_like_a_missing_one(command: EditMessage | DeleteMessage) -> None:
    world = World()
    world.message(70, MEMBER, deleted_at=NOW)
    assert world.refused(MEMBER, command) == HIDDEN_MESSAGE


@pytest.mark.parametrize("command", COMMANDS)
def test_a_message_of_a_deleted_room_is_missing(command: EditMessage | DeleteMessage) -> None:
    world = World()
    world.message(70, MEMBER)
    del world.state.rooms[5]
    assert world.refused(MEMBER, command) == HIDDEN_MESSAGE


@pytest.mark.parametrize("actor", [MEMBER, MODERATOR, OWNER, ADMIN])
def test_a_message_is_deleted_by_its_author_and_by_who_keeps_order(actor: int) -> None:
    world = World()
    message = world.message(70, MEMBER)
    world.reaction(70, OWNER, "👍")
    (draft,) = world.decide(actor, DeleteMessage(message=70)).drafts
    assert isinstance(draft, MessageDeleted)
    assert (message.body, message.html, message.deleted_at) == ("", None, NOW)
    assert 70 not in world.state.reactions


def test_a_muted_member_may_delete_the_own_message_and_no_other() -> None:
    world = World()
    world.message(70, MUTED)
    world.message(71, MEMBER)
    assert world.decide(MUTED, DeleteMessage(message=70)).drafts
    assert world.refused(MUTED, DeleteMessage(message=71))[0] is ErrorCode.FORBIDDEN


def test_in_an_archived_room_a_message_can_still_be_deleted() -> None:
    world = World(archived_at=NOW)
    world.message(70, MEMBER)
    assert world.decide(MEMBER, DeleteMessage(message=70)).drafts


def test_nobody_deletes_what_the_other_wrote_in_a_direct_conversation() -> None:
    world = World(Room.Kind.DIRECT)
    world.message(70, MEMBER)
    assert world.refused(OWNER, DeleteMessage(message=70))[0] is ErrorCode.FORBIDDEN
    assert world.refused(ADMIN, DeleteMessage(message=70)) == HIDDEN_MESSAGE
