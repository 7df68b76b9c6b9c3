from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat import conf, database
from chat.api import invites
from chat.models import Invite, InviteUse, Token, User
from tests.api.conftest import ORIGIN, Door, error_of
from tests.cast import Cast, make_user, token_of


@pytest.fixture
def signup(settings: Any) -> Iterator[Any]:
    """Set who may sign up, for this test."""

    def allow(value: str) -> None:
        settings.SIGNUP = value
        conf.get.cache_clear()

    yield allow
    conf.get.cache_clear()


async def test_link_leads_to_this_server_and_only_its_digest_is_stored(door: Door, cast: Cast) -> None:
    response = await door(cast.bob).post("invites", json={"room": cast.room.pk})
    assert response.status_code == 201
    link = response.json()
    prefix = f"{ORIGIN}/invite/"
    assert link["url"].startswith(prefix)
    assert link["url"].endswith("/")
    secret = link["url"].removeprefix(prefix).rstrip("/")
    assert len(secret) >= 32
    row = await database.run(Invite.objects.get, pk=link["id"])
    assert row.digest == Token.digest_of(secret)
    assert (row.room_id, row.role, row.created_by_id) == (cast.room.pk, "member", cast.bob.pk)
    assert timezone.now() + timedelta(days=6) < row.expires_at < timezone.now() + timedelta(days=8)


@pytest.mark.parametrize(("value", "status"), [("open", 201), ("invite", 201), ("closed", 403)])
async def test_members_invite_unless_sign_up_is_closed(
    signup: Any, door: Door, cast: Cast, value: str, status: int
) -> None:
    signup(value)
    assert (await door(cast.bob).post("invites", json={})).status_code == status
    assert (await door(cast.admin).post("invites", json={})).status_code == 201


async def test_guests_and_bots_do_not_invite(door: Door, cast: Cast) -> None:
    def guest() -> User:
        user = make_user("gast", role=User.Role.GUEST)
        cast.tokens[user.pk] = token_of(user)
        return user

    for user in (cast.beep, await database.run(guest)):
        assert error_of(await door(user).post("invites", json={})) == (403, "forbidden")


async def test_only_admins_invite_admins_and_nobody_an_owner(door: Door, cast: Cast) -> None:
    assert error_of(await door(cast.bob).post("invites", json={"role": "admin"})) == (403, "forbidden")
    assert (await door(cast.admin).post("invites", json={"role": "admin"})).status_code == 201
    assert error_of(await door(cast.admin).post("invites", json={"role": "owner"})) == (400, "bad_frame")


async def test_guest_is_invited_to_a_room(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    assert error_of(await bob.post("invites", json={"role": "guest"})) == (400, "bad_frame")
    assert (await bob.post("invites", json={"role": "guest", "room": cast.room.pk})).status_code == 201


async def test_room_that_one_may_not_invite_to_is_forbidden(door: Door, cast: Cast) -> None:
    response = await door(cast.carol).post("invites", json={"room": cast.plaza.pk})
    assert error_of(response) == (403, "forbidden")


async def test_admins_list_and_revoke(door: Door, cast: Cast) -> None:
    admin = door(cast.admin)
    link = (await door(cast.bob).post("invites", json={})).json()
    items = (await admin.get("invites")).json()["items"]
    assert [(item["id"], item["created_by"], item["uses"]) for item in items] == [
        (link["id"], cast.bob.pk, 0)
    ]
    assert "url" not in items[0]
    assert (await admin.delete(f"invites/{link['id']}")).status_code == 204
    assert (await admin.get("invites")).json()["items"] == []
    assert error_of(await admin.delete(f"invites/{link['id']}")) == (404, "not_found")


async def test_members_see_and_end_their_own_links_alone(door: Door, cast: Cast) -> None:
    bob, alice = door(cast.bob), door(cast.alice)
    made = (await bob.post("invites", json={"room": cast.room.pk, "days": 1, "max_uses": 3})).json()
    others = (await alice.post("invites", json={})).json()
    assert error_of(await bob.get("invites")) == (403, "forbidden")
    (mine,) = (await bob.get("invites?scope=mine")).json()["items"]
    assert (mine["id"], mine["room"], mine["max_uses"], mine["uses"]) == (made["id"], cast.room.pk, 3, 0)
    assert timezone.now() < datetime.fromisoformat(mine["expires_at"]) < timezone.now() + timedelta(days=1)
    for pk in (others["id"], 987_654_321):
        assert error_of(await bob.delete(f"invites/{pk}")) == (404, "not_found")
        assert error_of(await bob.get(f"invites/{pk}/uses")) == (404, "not_found")
    assert (await bob.delete(f"invites/{made['id']}")).status_code == 204
    assert (await bob.get("invites?scope=mine")).json()["items"] == []
    assert error_of(await bob.delete(f"invites/{made['id']}")) == (404, "not_found")


async def test_who_came_by_a_link_is_for_its_maker_and_for_admins(door: Door, cast: Cast) -> None:
    made = (await door(cast.bob).post("invites", json={})).json()

    def come() -> None:
        InviteUse.objects.create(invite_id=made["id"], user=cast.carol)

    await database.run(come)
    for user in (cast.bob, cast.admin):
        (use,) = (await door(user).get(f"invites/{made['id']}/uses")).json()["items"]
        assert use["user"]["handle"] == cast.carol.handle
    assert error_of(await door(cast.alice).get(f"invites/{made['id']}/uses")) == (404, "not_found")


@pytest.mark.parametrize(
    "fields", [{"days": 0}, {"days": 366}, {"max_uses": 0}, {"max_uses": 1_001}, {"days": "7"}]
)
async def test_a_link_has_an_end(door: Door, cast: Cast, fields: dict[str, Any]) -> None:
    assert error_of(await door(cast.bob).post("invites", json=fields)) == (400, "bad_frame")


async def test_number_of_invites_is_bounded(door: Door, cast: Cast) -> None:
    most = invites.INVITES_PER_USER_MAX_COUNT
    later = timezone.now() + timedelta(days=1)

    def fill() -> None:
        Invite.objects.bulk_create(
            Invite(created_by=cast.bob, digest=f"{number:064}", expires_at=later) for number in range(most)
        )

    await database.run(fill)
    assert error_of(await door(cast.bob).post("invites", json={})) == (400, "too_many")
    await database.run(lambda: Invite.objects.update(expires_at=timezone.now()))
    assert (await door(cast.bob).post("invites", json={})).status_code == 201
