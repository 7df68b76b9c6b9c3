import pytest

from chat.actions.members import MemberJoined
from chat.actions.rooms import RoomChanged, slug_of
from chat.protocol.commands import Command, CreateRoom, DeleteRoom, OpenDirect, UpdateRoom
from chat.protocol.errors import ErrorCode
from tests.actions.world import (
    ADMIN,
    GUEST,
    HIDDEN_ROOM,
    MEMBER,
    MISSING,
    MODERATOR,
    MUTED,
    NOW,
    OUTSIDER,
    OWNER,
    STRANGER,
    World,
)


def empty_world(kind: str = "closed") -> World:
    world = World(kind)
    world.place.members.clear()
    return world


def update(**fields: object) -> UpdateRoom:
    return UpdateRoom.model_validate({"room": 5, **fields})


def test_the_founder_is_the_owner_and_brings_people_along() -> None:
    world = empty_world()
    world.state.users[STRANGER].is_active = False
    command = CreateRoom(name="x", members=[MEMBER, GUEST, MEMBER, OWNER, STRANGER, MISSING])
    drafts = world.decide(OWNER, command, room_id=5).drafts
    assert all(isinstance(draft, MemberJoined) for draft in drafts)
    assert {pk: row.role for pk, row in world.place.members.items()} == {
        OWNER: "owner",
        MEMBER: "member",
        GUEST: "guest",
    }


def test_the_answer_to_a_new_room_is_its_id_and_seq() -> None:
    assert empty_world().decide(OWNER, CreateRoom(name="x"), room_id=5).result() == {"room": 5, "seq": 41}


def test_a_direct_conversation_lets_everybody_in_once() -> None:
    world = empty_world("direct")
    first = world.decide(OWNER, OpenDirect(users=[MEMBER, OWNER, MEMBER]), room_id=5)
    assert set(world.place.members) == {OWNER, MEMBER}
    assert len(first.drafts) == 2
    again = world.decide(MEMBER, OpenDirect(users=[OWNER]), room_id=5)
    assert not again.drafts
    assert again.result() == {"room": 5, "seq": 42}


@pytest.mark.parametrize("actor", [OWNER, ADMIN])
def test_what_is_given_changes_and_the_rest_stays(actor: int) -> None:
    world = World(topic="before")
    (draft,) = world.decide(actor, update(name="New", kind="open")).drafts
    assert isinstance(draft, RoomChanged)
    assert (world.room.name, world.room.topic, world.room.kind, world.room.slug) == (
        "New",
        "before",
        "open",
        "room",
    )


def test_a_topic_can_be_emptied() -> None:
    world = World(topic="before")
    world.decide(OWNER, update(topic=""))
    assert world.room.topic == ""


def test_a_room_is_archived_and_taken_up_again() -> None:
    world = World()
    world.decide(OWNER, update(archived=True))
    assert world.room.archived_at == NOW
    assert world.decide(OWNER, update(archived=True)).drafts == ()
    world.decide(OWNER, update(archived=False))
    assert world.room.archived_at is None


def test_an_update_to_what_is_so_changes_nothing() -> None:
    decision = World().decide(OWNER, update(name="Room", kind="closed", archived=False))
    assert decision.drafts == ()
    assert decision.result() == {"room": 5, "seq": 40}


@pytest.mark.parametrize("actor", [OWNER, ADMIN])
def test_a_deleted_room_gives_its_slug_back(actor: int) -> None:
    world = World()
    world.decide(actor, DeleteRoom(room=5))
    assert (world.room.deleted_at, world.room.slug) == (NOW, None)


@pytest.mark.parametrize("command", [update(name="x"), DeleteRoom(room=5)])
@pytest.mark.parametrize("actor", [MODERATOR, MEMBER, MUTED, GUEST])
def test_only_an_owner_runs_a_room(actor: int, command: Command) -> None:
    assert World().refused(actor, command)[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("command", [update(name="x"), DeleteRoom(room=5)])
def test_a_hidden_room_is_refused_like_a_missing_one(command: Command) -> None:
    missed = command.model_copy(update={"room": MISSING})
    assert World().refused(OUTSIDER, command) == World().refused(OUTSIDER, missed) == HIDDEN_ROOM


@pytest.mark.parametrize("command", [update(name="x"), DeleteRoom(room=5)])
def test_nobody_runs_a_direct_conversation(command: Command) -> None:
    assert World("direct").refused(OWNER, command)[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("General", "general"),
        ("Maru Team!", "maru-team"),
        ("마루 팀", "마루-팀"),
        ("ＡＢＣ", "abc"),
        ("--a--", "a"),
        ("🎉", "room"),
        ("ä", "room"),
        ("x" * 80, "x" * 56),
        ("x" * 55 + " yy", "x" * 55),
    ],
)
def test_a_slug_is_made_of_the_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_the_name_of_a_group_can_be_taken_away_and_that_of_a_room_can_not() -> None:
    group = World("direct", direct_key="1,2,3")
    group.room.name = "Lunch"
    group.decide(MEMBER, update(name=""))
    assert group.room.name == ""
    assert World().refused(OWNER, update(name=" "))[0] is ErrorCode.EMPTY


def test_a_conversation_of_a_group_is_named_by_its_people_and_one_of_two_is_not() -> None:
    world = World("direct", direct_key="1,2,3")
    world.decide(MEMBER, update(name="Lunch"))
    assert world.room.name == "Lunch"
    for fields in (
        {"topic": "x"},
        {"name": "x", "topic": "y"},
        {"posting": "moderators"},
        {"archived": True},
    ):
        assert world.refused(MEMBER, update(**fields))[0] is ErrorCode.FORBIDDEN
    assert world.refused(OUTSIDER, update(name="Mine")) == HIDDEN_ROOM
    assert World("direct", direct_key="1,3").refused(MEMBER, update(name="Us"))[0] is ErrorCode.FORBIDDEN
    assert World().refused(MODERATOR, update(name="Mine"))[0] is ErrorCode.FORBIDDEN
