from datetime import timedelta

import pytest

from chat.actions import permissions
from chat.actions.permissions import Answer, Deed, Standing
from chat.models import Membership, Room, User
from chat.protocol.errors import ErrorCode, Refused
from tests.actions.world import (
    ADMIN,
    BANNED,
    GUEST,
    LEFT,
    MEMBER,
    MODERATOR,
    MUTED,
    NOW,
    OUTSIDER,
    OWNER,
    World,
)

COLUMNS = (OUTSIDER, LEFT, BANNED, MUTED, GUEST, MEMBER, MODERATOR, OWNER, ADMIN)
LETTERS = {"y": Answer.YES, "n": Answer.HIDDEN, "f": Answer.FORBIDDEN, "m": Answer.MUTED}

# Written down a second time on purpose: a slip in the table is a door left open.
CLOSED = """
                outsider left banned muted guest member moderator owner admin
SEE             n        n    n      y     y     y      y         y     y
READ            n        n    n      y     y     y      y         y     n
JOIN            n        n    f      y     y     y      y         y     y
LEAVE           n        n    n      y     y     y      y         y     n
POST            n        n    n      m     y     y      y         y     n
EDIT_OWN        n        n    n      m     y     y      y         y     n
EDIT_OTHERS     n        n    n      f     f     f      f         f     n
DELETE_OWN      n        n    n      y     y     y      y         y     n
DELETE_OTHERS   n        n    n      f     f     f      y         y     y
REACT           n        n    n      m     y     y      y         y     n
VOTE            n        n    n      m     y     y      y         y     n
PIN             n        n    n      f     f     f      y         y     y
MARK_READ       n        n    n      y     y     y      y         y     n
SET_LEVEL       n        n    n      y     y     y      y         y     n
TYPE            n        n    n      m     y     y      y         y     n
INVITE          n        n    n      m     f     y      y         y     y
REMOVE          n        n    n      f     f     f      y         y     y
MUTE            n        n    n      f     f     f      y         y     y
BAN             n        n    n      f     f     f      y         y     y
SET_ROLE        n        n    n      f     f     f      f         y     y
UPDATE          n        n    n      f     f     f      f         y     y
NAME            n        n    n      f     f     f      f         y     y
SET_PREVIEWS    n        n    n      f     f     f      y         y     y
SET_SEEN        n        n    n      f     f     f      y         y     y
SEE_READERS     n        n    n      y     y     y      y         y     n
DELETE          n        n    n      f     f     f      f         y     y
"""
OPEN = """
                outsider left banned muted guest member moderator owner admin
SEE             y        y    n      y     y     y      y         y     y
READ            y        y    n      y     y     y      y         y     y
JOIN            y        y    f      y     y     y      y         y     y
LEAVE           f        f    n      y     y     y      y         y     f
POST            f        f    n      m     y     y      y         y     f
EDIT_OWN        f        f    n      m     y     y      y         y     f
EDIT_OTHERS     f        f    n      f     f     f      f         f     f
DELETE_OWN      f        f    n      y     y     y      y         y     f
DELETE_OTHERS   f        f    n      f     f     f      y         y     y
REACT           f        f    n      m     y     y      y         y     f
VOTE            f        f    n      m     y     y      y         y     f
PIN             f        f    n      f     f     f      y         y     y
MARK_READ       f        f    n      y     y     y      y         y     f
SET_LEVEL       f        f    n      y     y     y      y         y     f
TYPE            f        f    n      m     y     y      y         y     f
INVITE          f        f    n      m     f     y      y         y     y
REMOVE          f        f    n      f     f     f      y         y     y
MUTE            f        f    n      f     f     f      y         y     y
BAN             f        f    n      f     f     f      y         y     y
SET_ROLE        f        f    n      f     f     f      f         y     y
UPDATE          f        f    n      f     f     f      f         y     y
NAME            f        f    n      f     f     f      f         y     y
SET_PREVIEWS    f        f    n      f     f     f      y         y     y
SET_SEEN        f        f    n      f     f     f      y         y     y
SEE_READERS     f        f    n      y     y     y      y         y     f
DELETE          f        f    n      f     f     f      f         y     y
"""
# Nobody runs a direct conversation, and an admin is an outsider like any other.
DIRECT = """
                outsider left banned muted guest member moderator owner admin
SEE             n        n    n      y     y     y      y         y     n
READ            n        n    n      y     y     y      y         y     n
JOIN            n        n    f      y     y     y      y         y     n
LEAVE           n        n    n      f     f     f      f         f     n
POST            n        n    n      m     y     y      y         y     n
EDIT_OWN        n        n    n      m     y     y      y         y     n
EDIT_OTHERS     n        n    n      f     f     f      f         f     n
DELETE_OWN      n        n    n      y     y     y      y         y     n
DELETE_OTHERS   n        n    n      f     f     f      f         f     n
REACT           n        n    n      m     y     y      y         y     n
VOTE            n        n    n      m     y     y      y         y     n
PIN             n        n    n      f     y     y      y         y     n
MARK_READ       n        n    n      y     y     y      y         y     n
SET_LEVEL       n        n    n      y     y     y      y         y     n
TYPE            n        n    n      m     y     y      y         y     n
INVITE          n        n    n      m     f     f      f         f     n
REMOVE          n        n    n      f     f     f      f         f     n
MUTE            n        n    n      f     f     f      f         f     n
BAN             n        n    n      f     f     f      f         f     n
SET_ROLE        n        n    n      f     f     f      f         f     n
UPDATE          n        n    n      f     f     f      f         f     n
NAME            n        n    n      f     y     y      y         y     n
SET_PREVIEWS    n        n    n      f     f     f      f         f     n
SET_SEEN        n        n    n      f     f     f      f         f     n
SEE_READERS     n        n    n      y     y     y      y         y     n
DELETE          n        n    n      f     f     f      f         f     n
"""


def cells(kind: str, table: str) -> list[tuple[str, Deed, int, Answer]]:
    rows = [line.split() for line in table.strip().splitlines()[1:]]
    assert [Deed[row[0]] for row in rows] == list(Deed)
    return [
        (kind, Deed[row[0]], user, LETTERS[letter])
        for row in rows
        for user, letter in zip(COLUMNS, row[1:], strict=True)
    ]


@pytest.mark.parametrize(
    ("kind", "deed", "user", "expected"),
    cells("closed", CLOSED) + cells("open", OPEN) + cells("direct", DIRECT),
)
def test_each_cell_of_the_table(kind: str, deed: Deed, user: int, expected: Answer) -> None:
    world = World(kind)
    membership = world.place.members.get(user)
    assert permissions.answer(deed, world.state.users[user], world.room, membership, NOW) is expected


@pytest.mark.parametrize("deed", Deed)
def test_a_guest_outside_does_not_know_of_an_open_room(deed: Deed) -> None:
    world = World("open")
    guest = User(pk=50, role=User.Role.GUEST)
    assert permissions.answer(deed, guest, world.room, None, NOW) is Answer.HIDDEN
    world.room.guests = True
    assert permissions.answer(Deed.JOIN, guest, world.room, None, NOW) is Answer.YES


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("user", [OWNER, ADMIN, MEMBER])
def test_a_deleted_room_and_a_disabled_account_are_answered_like_a_missing_room(
    deed: Deed, user: int
) -> None:
    deleted = World(deleted_at=NOW)
    membership = deleted.place.members.get(user)
    assert permissions.answer(deed, deleted.state.users[user], deleted.room, membership, NOW) is Answer.HIDDEN
    world = World()
    world.state.users[user].is_active = False
    membership = world.place.members.get(user)
    assert permissions.answer(deed, world.state.users[user], world.room, membership, NOW) is Answer.HIDDEN


STILL = {
    Deed.SEE, Deed.READ, Deed.LEAVE, Deed.MARK_READ, Deed.SET_LEVEL, Deed.NAME, Deed.UPDATE, Deed.DELETE,
    Deed.DELETE_OWN, Deed.DELETE_OTHERS, Deed.REMOVE, Deed.MUTE, Deed.BAN, Deed.SET_ROLE, Deed.SET_PREVIEWS,
    Deed.SET_SEEN, Deed.SEE_READERS,
}  # fmt: skip


@pytest.mark.parametrize("deed", [deed for deed in Deed if deed is not Deed.EDIT_OTHERS])
def test_in_an_archived_room_nothing_can_be_added(deed: Deed) -> None:
    world = World(archived_at=NOW)
    asked = (deed, world.state.users[OWNER], world.room, world.place.members[OWNER], NOW)
    if deed in STILL:
        permissions.require(*asked)
        assert permissions.may(*asked)
    else:
        with pytest.raises(Refused) as caught:
            permissions.require(*asked)
        assert caught.value.code is ErrorCode.ARCHIVED
        assert not permissions.may(*asked)


def test_who_is_hidden_from_does_not_learn_that_the_room_is_archived() -> None:
    world = World(archived_at=NOW)
    with pytest.raises(Refused) as caught:
        permissions.require(Deed.POST, world.state.users[OUTSIDER], world.room, None, NOW)
    assert caught.value.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize(
    ("user", "standing"),
    [
        (OWNER, Standing.OWNER),
        (MODERATOR, Standing.MODERATOR),
        (MEMBER, Standing.MEMBER),
        (GUEST, Standing.MEMBER),
        (MUTED, Standing.MUTED),
        (LEFT, Standing.OUTSIDER),
        (BANNED, Standing.BANNED),
        (OUTSIDER, Standing.OUTSIDER),
        (ADMIN, Standing.ADMIN),
    ],
)
def test_standing_is_what_somebody_is_at_this_moment(user: int, standing: Standing) -> None:
    world = World()
    found = permissions.standing_of(world.state.users[user], world.room, world.place.members.get(user), NOW)
    assert found is standing


def test_a_mute_ends_by_itself() -> None:
    world = World()
    membership = world.place.members[MUTED]
    later = NOW + timedelta(hours=1)
    assert permissions.standing_of(world.state.users[MUTED], world.room, membership, later) is Standing.MEMBER


@pytest.mark.parametrize(("kind", "standing"), [("closed", Standing.OWNER), ("direct", Standing.MEMBER)])
def test_an_admin_has_no_less_to_say_inside_a_room_than_outside(kind: str, standing: Standing) -> None:
    world = World(kind)
    world.member(ADMIN)
    admin = world.state.users[ADMIN]
    assert permissions.standing_of(admin, world.room, world.place.members[ADMIN], NOW) is standing


def test_a_muted_moderator_has_no_more_to_say_than_a_muted_member() -> None:
    world = World()
    muted = world.member(MODERATOR, role=Membership.Role.MODERATOR, muted_until=NOW + timedelta(hours=1))
    found = permissions.standing_of(world.state.users[MODERATOR], world.room, muted, NOW)
    assert found is Standing.MUTED


@pytest.mark.parametrize("role", [Membership.Role.OWNER, Membership.Role.MODERATOR])
def test_who_has_become_a_guest_of_the_workspace_runs_no_room(role: str) -> None:
    world = World()
    world.state.users[OWNER].role = User.Role.GUEST
    own = world.member(OWNER, role=role)
    assert permissions.standing_of(world.state.users[OWNER], world.room, own, NOW) is Standing.MEMBER


def test_an_unsaved_room_and_membership_are_enough_to_ask() -> None:
    room = Room(kind=Room.Kind.CLOSED)
    own = Membership(role=Membership.Role.OWNER)
    assert permissions.may(Deed.DELETE, User(), room, own, NOW)
