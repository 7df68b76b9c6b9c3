from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat.models import Change, Membership, Room, User
from tests.cast import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def create(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("create_room", *arguments, stdout=out)
    lines = out.getvalue().splitlines()
    assert len(lines) == 1
    result: dict[str, Any] = json.loads(lines[0])
    return result


def people(room: int) -> dict[str, str]:
    rows = Membership.objects.filter(room=room, left_seq=None).order_by("pk")
    return dict(rows.values_list("user__handle", "role"))


def test_exactly_the_members_are_in_it_and_the_first_owns_it() -> None:
    make_user("olga", role=User.Role.OWNER)
    make_user("carol")
    make_user("bob")
    make_user("alice")
    printed = create("Attic", "--kind", "closed", "--member", "alice", "--member", "Bob", "--member", "alice")
    room = Room.objects.get(pk=printed["id"])
    assert printed == {"id": room.pk, "slug": "attic"}
    assert (room.name, room.kind) == ("Attic", "closed")
    assert people(room.pk) == {"alice": "owner", "bob": "member"}
    assert list(Change.objects.filter(room=room).values_list("seq", flat=True)) == [1, 2]


def test_without_members_the_owner_of_the_workspace_has_it() -> None:
    make_user("bob")
    make_user("olga", role=User.Role.OWNER)
    assert people(create("Attic")["id"]) == {"olga": "owner"}


def test_without_an_owner_who_came_first_has_it() -> None:
    make_user("beep", is_bot=True)
    make_user("gast", role=User.Role.GUEST)
    make_user("bob")
    make_user("carol")
    assert people(create("Attic")["id"]) == {"bob": "owner"}


def test_room_of_guests_belongs_to_the_owner_of_the_workspace() -> None:
    make_user("gast", role=User.Role.GUEST)
    make_user("olga", role=User.Role.OWNER)
    assert people(create("Attic", "--member", "gast")["id"]) == {"olga": "owner", "gast": "guest"}


def test_without_any_account_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="create a user first"):
        create("Attic")


def test_slug_may_be_chosen_and_is_taken_once() -> None:
    make_user("bob")
    assert create("General talk", "--slug", "general")["slug"] == "general"
    with pytest.raises(CommandError, match="a room with the slug general exists"):
        create("General talk", "--slug", "general")
    assert Room.objects.filter(name="General talk").count() == 1


def test_same_name_gets_another_slug() -> None:
    make_user("bob")
    assert [create("책방")["slug"] for _ in range(2)] == ["책방", "책방-2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([""], "name holds nothing that can be seen"),
        (["x" * 81], "name is 81 characters, at most 80"),
        (["a\0b"], "name holds a NUL"),
        (["Attic", "--slug", "No Spaces"], "slug needs lower-case letters"),
        (["Attic", "--slug", "x" * 65], "slug is 65 characters, at most 64"),
        (["Attic", "--kind", "direct"], "kind 'direct' is none of open, closed"),
        (["Attic", "--member", "nobody"], "no active account has the handle 'nobody'; create the user first"),
        (["Attic", "--member", "a\0b"], "no active account has the handle 'a\\x00b'"),
    ],
)
def test_bad_value_is_one_line_and_leaves_nothing(arguments: list[str], message: str) -> None:
    make_user("bob")
    before = Room.objects.count()
    with pytest.raises(CommandError) as caught:
        create(*arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert Room.objects.count() == before
