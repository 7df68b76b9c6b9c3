from __future__ import annotations

import pytest

from chat.features.groups import reach
from chat.models import User, UserGroup, UserGroupMember
from chat.pipeline.run import run
from chat.protocol.commands import MuteMember, UpdateRoom
from chat.protocol.errors import ErrorCode, Refused
from tests.cast import Cast


def look(cast: Cast, user: User, *names: str, here: set[int] | None = None) -> dict[str, tuple[bool, int]]:
    found = reach.look(user, cast.room.pk, names, here or set())
    return {row["name"]: (row["is_allowed"], row["people"]) for row in found}


def test_it_says_how_many_would_be_told(cast: Cast) -> None:
    here = {cast.bob.pk, cast.alice.pk, cast.carol.pk}
    assert look(cast, cast.alice, "@Here", "room", "모두", "bob", "nobody", here=here) == {
        "here": (True, 1), "room": (True, 4), "모두": (True, 4),
    }  # fmt: skip


def test_it_says_who_of_a_group_is_not_in_the_room(cast: Cast) -> None:
    group = UserGroup.objects.create(handle="design", name="Design")
    UserGroupMember.objects.bulk_create(
        UserGroupMember(group=group, user=user) for user in (cast.alice, cast.bob, cast.carol)
    )
    [row] = reach.look(cast.alice, cast.room.pk, ["design"], set())
    assert (row["people"], row["outside_count"], row["group"]) == (1, 1, group.pk)
    assert [person["handle"] for person in row["outside"]] == ["carol"]
    User.objects.filter(pk=cast.bob.pk).update(role="guest")
    cast.bob.refresh_from_db()
    assert look(cast, cast.bob, "design") == {}


def test_it_says_what_stays_a_word(cast: Cast) -> None:
    run(cast.alice.pk, UpdateRoom(room=cast.room.pk, calls="moderators"))
    assert look(cast, cast.bob, "room", "here") == {"room": (False, 0), "here": (False, 0)}
    assert look(cast, cast.mina, "room") == {"room": (True, 4)}


def test_only_who_may_write_asks(cast: Cast) -> None:
    run(cast.alice.pk, MuteMember(room=cast.room.pk, user=cast.bob.pk, minutes=5))
    for user, code in ((cast.carol, ErrorCode.NOT_FOUND), (cast.bob, ErrorCode.MUTED)):
        with pytest.raises(Refused) as caught:
            look(cast, user, "room")
        assert caught.value.code is code
    with pytest.raises(Refused) as caught:
        reach.look(cast.bob, 10**9, ["room"], set())
    assert caught.value.code is ErrorCode.NOT_FOUND
