from __future__ import annotations

from typing import Any

import pytest

from chat.features.groups import service
from chat.features.groups.commands import MakeGroup, UpdateGroup
from chat.models import AuditEntry, User, UserGroup, UserGroupMember, Workspace
from chat.protocol import limits
from chat.protocol.commands import parse
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from tests.cast import Cast, make_user


def make(user: User, handle: str = "design", *members: User, name: str = "Design") -> Any:
    return service.make(user, MakeGroup(handle=handle, name=name, members=[one.pk for one in members]))


def refused(code: ErrorCode, user: User, *args: Any) -> None:
    with pytest.raises(Refused) as caught:
        make(user, *args)
    assert caught.value.code is code


def test_admins_make_groups_and_the_record_says_so(cast: Cast) -> None:
    made = make(cast.admin, "design", cast.bob, cast.mina)
    assert made["members"] == 2
    assert [person["handle"] for person in made["people"]] == ["bob", "mina"]
    entry = AuditEntry.objects.get(deed="group.made")
    assert entry.actor == cast.admin
    assert entry.facts == {"group": made["id"], "handle": "design", "members": 2}


def test_members_make_groups_where_the_workspace_says_so_and_guests_never(cast: Cast) -> None:
    refused(ErrorCode.FORBIDDEN, cast.bob)
    Workspace.objects.update(group_makers="members")
    make(cast.bob)
    refused(ErrorCode.FORBIDDEN, make_user("gast", role="guest"), "other")
    refused(ErrorCode.FORBIDDEN, cast.beep, "other")


def test_a_handle_is_that_of_one_person_or_group_alone(cast: Cast) -> None:
    make(cast.admin)
    for handle in ("design", "bob"):
        refused(ErrorCode.CONFLICT, cast.admin, handle)
    assert UserGroup.objects.count() == 1


@pytest.mark.parametrize(
    "handle", ["here", "Room", "all", "여기", "@모두", "", "a b", "-x", "x" * 33, "a\x00b"]
)
def test_what_cannot_be_a_handle_is_refused(handle: str) -> None:
    with pytest.raises(ProtocolError):
        parse(MakeGroup, {"handle": handle, "name": "x"})


def test_a_handle_has_one_spelling() -> None:
    assert MakeGroup(handle="@Design", name="x").handle == "design"
    assert MakeGroup(handle="디자인", name="x").handle == "디자인"


def test_people_who_are_not_there_are_in_no_group(cast: Cast) -> None:
    User.objects.filter(pk=cast.mina.pk).update(is_active=False)
    for pk in (cast.mina.pk, 10**9):
        with pytest.raises(Refused) as caught:
            service.make(cast.admin, MakeGroup(handle="design", name="x", members=[cast.bob.pk, pk]))
        assert caught.value.code is ErrorCode.NOT_FOUND
    assert not UserGroup.objects.exists()


def test_who_made_a_group_and_admins_change_it_and_nobody_else_does(cast: Cast) -> None:
    Workspace.objects.update(group_makers="members")
    made = make(cast.bob, "design", cast.mina)
    group = made["id"]
    service.update(cast.bob, group, UpdateGroup(name="Designers", members=[cast.mina.pk, cast.alice.pk]))
    service.update(cast.admin, group, UpdateGroup(handle="designers"))
    with pytest.raises(Refused) as caught:
        service.update(cast.mina, group, UpdateGroup(name="mine"))
    assert caught.value.code is ErrorCode.FORBIDDEN
    found = service.one(cast.mina, group)
    assert (found["handle"], found["name"], found["members"], found["mine"]) == (
        "designers",
        "Designers",
        2,
        True,
    )
    facts = [row.facts for row in AuditEntry.objects.filter(deed="group.changed").order_by("pk")]
    assert facts == [
        {"group": group, "handle": "design", "name": "Designers", "added": [cast.alice.pk], "removed": []},
        {"group": group, "handle": "designers", "was": "design"},
    ]


def test_who_stays_in_a_group_stays_since_then_and_a_repeat_is_no_deed(cast: Cast) -> None:
    group = make(cast.admin, "design", cast.bob)["id"]
    row = UserGroupMember.objects.get()
    service.update(cast.admin, group, UpdateGroup(members=[cast.bob.pk], name="Design", handle="design"))
    assert UserGroupMember.objects.get() == row
    assert not AuditEntry.objects.filter(deed="group.changed").exists()


def test_a_deleted_group_leaves_its_handle_to_others(cast: Cast) -> None:
    group = make(cast.admin, "design", cast.bob)["id"]
    service.delete(cast.admin, group)
    make(cast.admin)
    assert AuditEntry.objects.filter(deed="group.deleted").count() == 1
    with pytest.raises(Refused):
        service.one(cast.admin, group)


def test_a_guest_knows_no_group(cast: Cast) -> None:
    group = make(cast.admin, "design", cast.bob)["id"]
    guest = make_user("gast", role="guest")
    assert service.browse(guest) == []
    for ask in (
        service.one,
        lambda user, pk: service.update(user, pk, UpdateGroup(name="x")),
        service.delete,
    ):
        with pytest.raises(Refused) as caught:
            ask(guest, group)
        assert caught.value.code is ErrorCode.NOT_FOUND
        assert caught.value.detail == "no such group"


def test_the_list_counts_who_is_active_and_says_which_are_mine(cast: Cast) -> None:
    make(cast.admin, "design", cast.bob, cast.mina)
    make(cast.admin, "backend", cast.mina)
    User.objects.filter(pk=cast.mina.pk).update(is_active=False)
    rows = [
        (row["handle"], row["members"], row["mine"], row["may_change"]) for row in service.browse(cast.bob)
    ]
    assert rows == [("backend", 0, False, False), ("design", 1, True, False)]


def test_there_are_so_many_groups_at_most(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GROUPS_MAX_COUNT", 1)
    make(cast.admin)
    refused(ErrorCode.CONFLICT, cast.admin, "other")


def test_a_group_has_so_many_people_at_most() -> None:
    with pytest.raises(ProtocolError) as caught:
        parse(MakeGroup, {"handle": "x", "name": "x", "members": list(range(1, 202))})
    assert caught.value.code in (ErrorCode.BAD_FRAME, ErrorCode.TOO_MANY)
