import pytest

from chat.actions.members import MemberChanged, MemberJoined, MemberLeft
from chat.models import User
from chat.protocol.commands import (
    AddMember,
    BanMember,
    Command,
    JoinRoom,
    LeaveRoom,
    MuteMember,
    RemoveMember,
    UpdateMember,
)
from chat.protocol.errors import ErrorCode
from chat.protocol.shapes import RoomRole
from tests.actions.world import (
    ADMIN,
    BANNED,
    GUEST,
    HIDDEN_MEMBER,
    HIDDEN_ROOM,
    HIDDEN_USER,
    LEFT,
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

JOIN, LEAVE = JoinRoom(room=5), LeaveRoom(room=5)


def add(user: int) -> AddMember:
    return AddMember(room=5, user=user)


def remove(user: int) -> RemoveMember:
    return RemoveMember(room=5, user=user)


def test_joining_counts_what_was_written_before_as_read() -> None:
    world = World("open")
    (draft,) = world.decide(OUTSIDER, JOIN).drafts
    assert isinstance(draft, MemberJoined)
    own = world.place.members[OUTSIDER]
    assert (own.is_in, own.role, own.joined_seq, own.read_msg_no) == (True, "member", 41, 30)
    assert draft.row().payload == {"role": "member"}


def test_joining_again_takes_the_old_membership_up() -> None:
    world = World("open")
    old = world.place.members[LEFT]
    world.decide(LEFT, JOIN)
    assert world.place.members[LEFT] is old
    assert (old.is_in, old.left_seq, old.joined_seq) == (True, None, 41)


@pytest.mark.parametrize("actor", [OWNER, MEMBER, MUTED, GUEST])
def test_joining_where_one_is_changes_nothing(actor: int) -> None:
    decision = World().decide(actor, JOIN)
    assert decision.drafts == ()
    assert decision.result() == {"room": 5, "seq": 40}


def test_a_closed_room_is_joined_by_admins_only() -> None:
    assert World().refused(OUTSIDER, JOIN) == World().refused(OUTSIDER, JoinRoom(room=MISSING)) == HIDDEN_ROOM
    assert World().refused(LEFT, JOIN) == HIDDEN_ROOM
    assert World().decide(ADMIN, JOIN).drafts


@pytest.mark.parametrize("kind", ["open", "closed"])
def test_the_banned_are_kept_out(kind: str) -> None:
    assert World(kind).refused(BANNED, JOIN)[0] is ErrorCode.FORBIDDEN


def test_an_archived_room_is_not_joined() -> None:
    assert World("open", archived_at=NOW).refused(OUTSIDER, JOIN)[0] is ErrorCode.ARCHIVED


def test_a_guest_of_the_workspace_is_a_guest_of_the_room() -> None:
    world = World("open", guests=True)
    del world.place.members[GUEST]
    world.decide(GUEST, JOIN)
    assert world.place.members[GUEST].role == "guest"


def test_leaving_ends_the_membership_at_its_seq() -> None:
    world = World()
    (draft,) = world.decide(MEMBER, LEAVE).drafts
    assert isinstance(draft, MemberLeft)
    assert world.place.members[MEMBER].left_seq == 41
    assert world.place.member(MEMBER) is None


def test_leaving_an_open_room_that_one_is_not_in_changes_nothing() -> None:
    assert World("open").decide(OUTSIDER, LEAVE).drafts == ()


@pytest.mark.parametrize("actor", [OUTSIDER, LEFT, BANNED])
def test_leaving_a_closed_room_that_one_is_not_in_is_refused_like_a_missing_one(actor: int) -> None:
    assert World().refused(actor, LEAVE) == World().refused(actor, LeaveRoom(room=MISSING)) == HIDDEN_ROOM


def test_nobody_comes_into_or_goes_from_a_direct_conversation() -> None:
    world = World("direct")
    for command in (LEAVE, add(STRANGER), remove(OWNER), UpdateMember(room=5, user=OWNER, role="member")):
        assert world.refused(MEMBER, command)[0] is ErrorCode.FORBIDDEN
        assert world.refused(OUTSIDER, command) == HIDDEN_ROOM
        assert world.refused(ADMIN, command) == HIDDEN_ROOM


@pytest.mark.parametrize("actor", [OWNER, MODERATOR, MEMBER, ADMIN])
def test_a_member_brings_somebody_in(actor: int) -> None:
    world = World()
    (draft,) = world.decide(actor, add(STRANGER)).drafts
    assert isinstance(draft, MemberJoined)
    assert (draft.actor.pk, draft.subject.pk) == (actor, STRANGER)
    assert world.place.member(STRANGER)


def test_bringing_in_who_is_in_changes_nothing() -> None:
    assert World().decide(MEMBER, add(OWNER)).drafts == ()


def test_bringing_in_a_user_who_is_missing_or_disabled_is_refused_alike() -> None:
    world = World()
    world.state.users[STRANGER].is_active = False
    assert world.refused(MEMBER, add(STRANGER)) == world.refused(MEMBER, add(MISSING)) == HIDDEN_USER


def test_only_who_may_remove_lets_a_banned_user_in_again() -> None:
    world = World()
    assert world.refused(MEMBER, add(BANNED))[0] is ErrorCode.FORBIDDEN
    world.decide(MODERATOR, add(BANNED))
    assert world.place.members[BANNED].banned_at is None


def test_the_muted_and_guests_bring_nobody_in() -> None:
    assert World().refused(MUTED, add(STRANGER))[0] is ErrorCode.MUTED
    assert World().refused(GUEST, add(STRANGER))[0] is ErrorCode.FORBIDDEN
    assert World().refused(GUEST, add(MISSING))[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize(
    ("actor", "subject"),
    [
        (OWNER, MODERATOR),
        (OWNER, MEMBER),
        (MODERATOR, MEMBER),
        (MODERATOR, GUEST),
        (ADMIN, MODERATOR),
        (ADMIN, MEMBER),
    ],
)
def test_who_stands_above_removes(actor: int, subject: int) -> None:
    world = World()
    (draft,) = world.decide(actor, remove(subject)).drafts
    assert isinstance(draft, MemberLeft)
    assert world.place.member(subject) is None


@pytest.mark.parametrize(
    ("actor", "subject"),
    [
        (MODERATOR, OWNER),
        (MEMBER, GUEST),
        (MUTED, MEMBER),
        (GUEST, MEMBER),
    ],
)
def test_who_does_not_stand_above_does_not_remove(actor: int, subject: int) -> None:
    assert World().refused(actor, remove(subject))[0] is ErrorCode.FORBIDDEN


def test_a_moderator_does_not_remove_another_moderator() -> None:
    world = World()
    world.member(STRANGER, role="moderator")
    assert world.refused(MODERATOR, remove(STRANGER))[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("actor", [MODERATOR, MEMBER, MUTED, GUEST])
def test_removing_oneself_is_leaving(actor: int) -> None:
    world = World()
    (draft,) = world.decide(actor, remove(actor)).drafts
    assert isinstance(draft, MemberLeft)
    assert (draft.actor.pk, draft.subject.pk) == (actor, actor)
    assert world.refused(actor, remove(actor)) == HIDDEN_ROOM


def test_who_runs_the_workspace_stands_above_an_owner() -> None:
    world = World()
    world.member(ADMIN)
    for command in (remove(ADMIN), BanMember(room=5, user=ADMIN), MuteMember(room=5, user=ADMIN)):
        assert world.refused(OWNER, command)[0] is ErrorCode.FORBIDDEN
    world.state.users[STRANGER].role = User.Role.ADMIN
    assert world.refused(STRANGER, remove(ADMIN))[0] is ErrorCode.FORBIDDEN
    world.state.users[STRANGER].role = User.Role.OWNER
    assert world.decide(STRANGER, remove(ADMIN)).drafts


LAST = [
    (OWNER, LEAVE),
    (OWNER, remove(OWNER)),
    (OWNER, UpdateMember(room=5, user=OWNER, role="member")),
    (ADMIN, remove(OWNER)),
    (ADMIN, UpdateMember(room=5, user=OWNER, role="moderator")),
    (ADMIN, BanMember(room=5, user=OWNER)),
]


@pytest.mark.parametrize(("actor", "command"), LAST)
def test_the_last_owner_stays_while_others_are_in(actor: int, command: Command) -> None:
    code, detail = World().refused(actor, command)
    assert (code, "another owner" in detail or "else an owner" in detail) == (ErrorCode.CONFLICT, True)


@pytest.mark.parametrize(("actor", "command"), LAST)
def test_an_owner_goes_when_there_is_another(actor: int, command: Command) -> None:
    world = World()
    world.member(STRANGER, role="owner")
    assert world.decide(actor, command).drafts
    assert world.place.owners == {STRANGER}
    assert world.refused(STRANGER, LEAVE)[0] is ErrorCode.CONFLICT


def test_an_owner_who_is_alone_may_go() -> None:
    world = World()
    for user in (MODERATOR, MEMBER, MUTED, GUEST):
        world.decide(user, LEAVE)
    assert world.decide(OWNER, LEAVE).drafts
    assert (world.place.member_count, world.place.owners) == (0, set())


@pytest.mark.parametrize("role", ["owner", "moderator"])
def test_a_guest_of_the_workspace_is_given_no_room_to_run(role: RoomRole) -> None:
    command = UpdateMember(room=5, user=GUEST, role=role)
    assert World().refused(OWNER, command)[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("subject", [LEFT, BANNED, STRANGER, MISSING])
def test_removing_who_is_not_in_is_no_such_member(subject: int) -> None:
    assert World().refused(OWNER, remove(subject)) == HIDDEN_MEMBER


@pytest.mark.parametrize("actor", [OWNER, ADMIN])
def test_an_owner_gives_roles(actor: int) -> None:
    world = World()
    (draft,) = world.decide(actor, UpdateMember(room=5, user=MEMBER, role="moderator")).drafts
    assert isinstance(draft, MemberChanged)
    assert world.place.members[MEMBER].role == "moderator"
    assert draft.row().payload == {"role": "moderator"}
    assert world.decide(actor, UpdateMember(room=5, user=MEMBER, role="moderator")).drafts == ()


@pytest.mark.parametrize("actor", [MODERATOR, MEMBER, MUTED, GUEST])
def test_nobody_below_an_owner_gives_roles_and_not_to_oneself_either(actor: int) -> None:
    assert World().refused(actor, UpdateMember(room=5, user=actor, role="owner"))[0] is ErrorCode.FORBIDDEN


@pytest.mark.parametrize("subject", [LEFT, STRANGER, MISSING])
def test_a_role_for_who_is_not_in_is_no_such_member(subject: int) -> None:
    assert World().refused(OWNER, UpdateMember(room=5, user=subject, role="owner")) == HIDDEN_MEMBER


@pytest.mark.parametrize(
    "command", [JOIN, LEAVE, add(STRANGER), remove(MEMBER), UpdateMember(room=5, user=MEMBER, role="owner")]
)
def test_a_hidden_room_is_refused_like_a_missing_one(command: Command) -> None:
    missed = command.model_copy(update={"room": MISSING})
    assert World().refused(OUTSIDER, command) == World().refused(OUTSIDER, missed) == HIDDEN_ROOM
