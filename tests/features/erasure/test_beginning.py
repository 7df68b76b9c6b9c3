from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from chat.features.erasure import beginning
from chat.models import (
    Erasure,
    Invite,
    NotificationSettings,
    OutboxEntry,
    Room,
    RoomRetention,
    Token,
    User,
    Workspace,
)
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import sign_in
from tests.cast import Cast, make_user
from tests.make import post
from tests.pipeline.threads import at_once


def erase(user: User, by: User | None = None, *, removes: bool = False) -> Erasure:
    return beginning.erase(user.pk, by, removes_messages=removes, now=timezone.now())


def refused(user: User, by: User | None = None, *, removes: bool = False) -> ErrorCode:
    before = [list(kind.objects.order_by("pk").values_list()) for kind in (User, Token, Erasure, OutboxEntry)]
    with pytest.raises(Refused) as caught:
        erase(user, by, removes=removes)
    after = [list(kind.objects.order_by("pk").values_list()) for kind in (User, Token, Erasure, OutboxEntry)]
    assert before == after
    return caught.value.code


def test_nothing_of_the_person_is_left_in_the_row_and_beside_it(cast: Cast) -> None:
    bob = cast.bob
    User.objects.filter(pk=bob.pk).update(
        name="Bob B",
        email="bob@example.org",
        language="ko",
        time_zone="Asia/Seoul",
        last_login=timezone.now(),
    )
    EmailAddress.objects.create(user=bob, email="bob@example.org", verified=True)
    NotificationSettings.objects.create(user=bob)
    Invite.objects.create(digest="x", created_by=bob, expires_at=timezone.now() + timedelta(days=1))
    erase(bob, bob)
    row = User.objects.get(pk=bob.pk)
    assert row.handle.startswith(f"deleted-{bob.pk}-")
    assert (row.name, row.email, row.language, row.time_zone) == ("Deleted user", "", "", "")
    assert (row.is_active, row.last_login, row.has_usable_password()) == (False, None, False)
    said = repr({name: value for name, value in vars(row).items() if name != "password"})
    assert "bob" not in said.casefold()
    assert not EmailAddress.objects.filter(user=bob).exists()
    assert not NotificationSettings.objects.filter(user=bob).exists()
    assert Invite.objects.get().revoked_at is not None


def test_nobody_comes_in_with_it_any_more(cast: Cast) -> None:
    browser = Client()
    browser.force_login(cast.bob)
    key = browser.session.session_key
    assert key is not None
    assert sign_in.by_session(key) is not None
    erase(cast.bob, cast.bob)
    assert sign_in.by_session(key) is None
    assert sign_in.by_token(cast.token(cast.bob)) is None
    assert not Client().login(username="bob", password="secret-bob")


def test_the_handle_is_free_again(cast: Cast) -> None:
    erase(cast.bob, cast.bob)
    assert make_user("bob").pk != cast.bob.pk


def test_a_repeat_is_the_first_one(cast: Cast) -> None:
    first = erase(cast.bob, cast.bob)
    again = erase(cast.bob, cast.admin, removes=True)
    assert (again.asked_at, again.removes_messages) == (first.asked_at, False)
    assert OutboxEntry.objects.filter(task="chat.erasure.erase").count() == 1


def test_the_rest_is_follow_up_work(cast: Cast) -> None:
    erase(cast.bob, cast.bob)
    entry = OutboxEntry.objects.get(task="chat.erasure.erase")
    assert (entry.queue, entry.payload) == ("cpu", {"user": cast.bob.pk, "step": 0})


def test_the_last_who_runs_the_workspace_cannot_go(cast: Cast) -> None:
    assert refused(cast.admin, cast.admin) is ErrorCode.CONFLICT
    owner = make_user("olga", role=User.Role.OWNER)
    # An admin is no owner.
    assert refused(owner, owner) is ErrorCode.CONFLICT
    # A program does not run a workspace.
    robot = make_user("robot", role=User.Role.OWNER, is_bot=True)
    assert refused(owner, owner) is ErrorCode.CONFLICT
    User.objects.filter(pk=robot.pk).update(is_bot=False, is_active=False)
    assert refused(owner, owner) is ErrorCode.CONFLICT
    User.objects.filter(pk=robot.pk).update(is_active=True)
    erase(owner, owner)
    erase(cast.admin, cast.admin)


def test_of_two_owners_who_go_at_once_one_stays(cast: Cast) -> None:
    owners = [make_user(name, role=User.Role.OWNER) for name in ("olga", "otto")]

    def go(user: User) -> Any:
        try:
            return erase(user, user)
        except Refused as caught:
            return caught.code

    found = at_once([lambda user=user: go(user) for user in owners])  # type: ignore[misc]
    assert sorted(isinstance(one, Erasure) for one in found) == [False, True]
    assert User.objects.filter(role=User.Role.OWNER, is_active=True).count() == 1


def test_who_asks_stands_above(cast: Cast) -> None:
    owner, second = make_user("olga", role=User.Role.OWNER), make_user("otto", role=User.Role.OWNER)
    other_admin = make_user("arno", role=User.Role.ADMIN)
    assert refused(owner, cast.admin) is ErrorCode.FORBIDDEN
    assert refused(other_admin, cast.admin) is ErrorCode.FORBIDDEN
    assert refused(second, owner) is ErrorCode.FORBIDDEN
    assert refused(cast.carol, cast.bob) is ErrorCode.FORBIDDEN
    erase(cast.bob, cast.admin)
    erase(other_admin, owner)
    # A script is nobody's rank.
    erase(second, None)


def test_who_has_just_lost_the_rank_erases_nobody(cast: Cast) -> None:
    make_user("olga", role=User.Role.OWNER)
    User.objects.filter(pk=cast.admin.pk).update(role=User.Role.MEMBER)
    assert refused(cast.bob, cast.admin) is ErrorCode.FORBIDDEN


def test_what_is_no_account_is_not_found(cast: Cast) -> None:
    with pytest.raises(Refused, match="not_found"):
        beginning.erase(987_654, None, removes_messages=False, now=timezone.now())


@pytest.mark.parametrize("of", ["workspace", "room"])
def test_a_legal_hold_keeps_the_messages(cast: Cast, of: str) -> None:
    post(cast.room, cast.bob, "said")
    if of == "workspace":
        Workspace.objects.update(held_at=timezone.now())
    else:
        RoomRetention.objects.create(room=cast.room, held_at=timezone.now())
    assert refused(cast.bob, cast.bob, removes=True) is ErrorCode.CONFLICT
    erase(cast.bob, cast.bob)


def test_a_hold_of_a_room_in_which_nothing_was_said_is_no_matter(cast: Cast) -> None:
    RoomRetention.objects.create(room=Room.objects.get(slug="lobby"), held_at=timezone.now())
    post(cast.room, cast.bob, "said")
    assert erase(cast.bob, cast.bob, removes=True).removes_messages
