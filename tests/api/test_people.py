from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from chat import database
from chat.features.erasure import beginning
from chat.models import AuditEntry, Token, User
from chat.protocol.errors import CloseCode
from tests.api.conftest import Door, error_of
from tests.cast import Cast, make_user, token_of


@pytest.fixture
def owner(cast: Cast) -> tuple[User, str]:
    user = make_user("olga", role=User.Role.OWNER)
    return user, token_of(user)


def _as(door: Door, who: tuple[User, str]) -> Any:
    return door(authorization=f"Bearer {who[1]}")


async def _handles(door: Door, cast: Cast, **query: str) -> list[str]:
    found = (await door(cast.admin).get("admin/people", params=query)).json()
    assert found["total"] == len(found["items"])
    return [one["handle"] for one in found["items"]]


async def test_people_are_found_by_name_handle_address_role_and_state(door: Door, cast: Cast) -> None:
    await database.run(User.objects.filter(pk=cast.bob.pk).update, email="bob@example.org", is_active=False)
    assert await _handles(door, cast) == ["ada", "alice", "carol", "mina", "지우"]
    assert await _handles(door, cast, q="AL") == ["alice"]
    assert await _handles(door, cast, q="지우") == ["지우"]
    assert await _handles(door, cast, role="admin") == ["ada"]
    assert await _handles(door, cast, state="off", q="example.org") == ["bob"]
    assert await _handles(door, cast, state="bots") == ["beep"]
    assert len(await _handles(door, cast, state="all")) == 7


async def test_thousands_come_in_pages_by_name(door: Door, cast: Cast) -> None:
    ada, seen, cursor = door(cast.admin), [], ""
    while cursor is not None:
        found = (await ada.get(f"admin/people?limit=2{cursor and f'&cursor={cursor}'}")).json()
        seen += [one["name"] for one in found["items"]]
        assert found["total"] == 6
        cursor = found["next"]
    assert seen == ["Ada", "Alice", "Bob", "Carol", "Mina", "지우"]


async def test_a_role_is_changed_and_stands_in_the_record(door: Door, cast: Cast) -> None:
    path = f"admin/people/{cast.bob.pk}"
    found = (await door(cast.admin).patch(path, json={"role": "guest", "reason": "a contractor"})).json()
    assert found["role"] == "guest"
    (entry,) = (await door(cast.admin).get("admin/audit?deed=person.role")).json()["items"]
    assert (entry["facts"], entry["reason"]) == ({"was": "member", "role": "guest"}, "a contractor")
    await door(cast.admin).patch(path, json={"role": "guest"})
    assert len((await door(cast.admin).get("admin/audit?deed=person.role")).json()["items"]) == 1


async def test_who_is_switched_off_is_out_at_once_and_comes_back_when_switched_on(
    door: Door, cast: Cast, connect: Any
) -> None:
    socket = await connect(cast.token(cast.bob))
    await socket.resume()
    path = f"admin/people/{cast.bob.pk}"
    assert (await door(cast.admin).patch(path, json={"is_active": False})).json()["is_active"] is False
    assert await socket.closed() == CloseCode.DISABLED
    assert (await door(cast.bob).get("me")).status_code == 401
    assert (await door(cast.admin).patch(path, json={"is_active": True})).json()["is_active"] is True
    assert (await door(cast.bob).get("me")).status_code == 200


async def test_signing_out_ends_sessions_sockets_and_tokens(
    door: Door, cast: Cast, session: str, connect: Any
) -> None:
    socket = await connect(cast.token(cast.alice))
    await socket.resume()
    browser = {"cookie": f"sessionid={session}"}
    assert (await door(**browser).get("me")).status_code == 200
    found = (await door(cast.admin).post(f"admin/people/{cast.alice.pk}/sign-out", json={})).json()
    assert found["tokens"] == []
    await socket.closed()
    assert (await door(**browser).get("me")).status_code == 401
    assert (await door(cast.alice).get("me")).status_code == 401
    (entry,) = (await door(cast.admin).get("admin/audit?deed=person.signed_out")).json()["items"]
    assert entry["facts"] == {"tokens": 1}


async def test_sessions_alone_can_be_ended(door: Door, cast: Cast, session: str) -> None:
    await door(cast.admin).post(f"admin/people/{cast.alice.pk}/sign-out", json={"tokens": False})
    assert (await door(cookie=f"sessionid={session}").get("me")).status_code == 401
    assert (await door(cast.alice).get("me")).status_code == 200


async def test_one_token_is_listed_and_revoked(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    found = (await ada.get(f"admin/people/{cast.bob.pk}")).json()
    assert [token["label"] for token in found["tokens"]] == ["test"]
    assert found["rooms"] == 1
    path = f"admin/people/{cast.bob.pk}/tokens/{found['tokens'][0]['id']}"
    assert (await ada.delete(path)).status_code == 204
    assert error_of(await ada.delete(path)) == (404, "not_found")
    foreign = await database.run(Token.objects.get, user=cast.carol)
    assert (await ada.delete(f"admin/people/{cast.bob.pk}/tokens/{foreign.pk}")).status_code == 404
    assert (await door(cast.bob).get("me")).status_code == 401


async def test_a_new_password_goes_by_mail_or_as_a_link_to_hand_over(
    door: Door, cast: Cast, settings: Any
) -> None:
    settings.HAS_WORKERS = False
    found = (await door(cast.admin).post(f"admin/people/{cast.bob.pk}/password")).json()
    assert found["email"] is None
    assert "/accounts/password/reset/key/" in found["url"]
    await database.run(User.objects.filter(pk=cast.jiwoo.pk).update, email="jiwoo@example.org")
    found = (await door(cast.admin).post(f"admin/people/{cast.jiwoo.pk}/password")).json()
    assert found == {"email": "jiwoo@example.org", "url": None}
    assert [letter.to for letter in mail.outbox] == [["jiwoo@example.org"]]
    # In the language of who gets it.
    assert "비밀번호" in mail.outbox[0].subject
    entries = (await door(cast.admin).get("admin/audit?deed=person.password")).json()["items"]
    assert [entry["facts"] for entry in entries] == [{"is_mailed": True}, {"is_mailed": False}]
    assert error_of(await door(cast.admin).post(f"admin/people/{cast.beep.pk}/password")) == (409, "conflict")


async def test_nobody_changes_oneself_and_no_admin_an_owner(
    door: Door, cast: Cast, owner: tuple[User, str]
) -> None:
    ada = door(cast.admin)
    for body in ({"role": "member"}, {"is_active": False}):
        assert error_of(await ada.patch(f"admin/people/{cast.admin.pk}", json=body)) == (403, "forbidden")
        assert error_of(await ada.patch(f"admin/people/{owner[0].pk}", json=body)) == (403, "forbidden")
    assert error_of(await ada.patch(f"admin/people/{cast.bob.pk}", json={"role": "owner"})) == (
        403,
        "forbidden",
    )
    assert (await ada.post(f"admin/people/{owner[0].pk}/sign-out", json={})).status_code == 403
    assert (await ada.post(f"admin/people/{owner[0].pk}/password")).status_code == 403
    # The last owner can be changed by nobody, not even by that owner.
    olga = _as(door, owner)
    assert error_of(await olga.patch(f"admin/people/{owner[0].pk}", json={"role": "member"})) == (
        403,
        "forbidden",
    )
    assert (await olga.patch(f"admin/people/{cast.bob.pk}", json={"role": "owner"})).status_code == 200
    assert await database.run(AuditEntry.objects.filter(deed="person.role").count) == 1


async def test_two_owners_who_take_the_others_role_at_once_leave_one(
    door: Door, cast: Cast, owner: tuple[User, str]
) -> None:
    await database.run(User.objects.filter(pk=cast.bob.pk).update, role=User.Role.OWNER)
    first, second = await asyncio.gather(
        _as(door, owner).patch(f"admin/people/{cast.bob.pk}", json={"role": "member"}),
        door(cast.bob).patch(f"admin/people/{owner[0].pk}", json={"role": "member"}),
    )
    assert sorted([first.status_code, second.status_code]) == [200, 403]
    assert await database.run(User.objects.filter(role=User.Role.OWNER).count) == 1


async def test_an_erased_account_stays_as_it_is(door: Door, cast: Cast) -> None:
    await database.run(
        lambda: beginning.erase(cast.bob.pk, cast.admin, removes_messages=False, now=timezone.now())
    )
    ada, path = door(cast.admin), f"admin/people/{cast.bob.pk}"
    assert error_of(await ada.patch(path, json={"is_active": True})) == (409, "conflict")
    assert (await ada.get(path)).json()["is_erased"] is True
    assert "deleted" not in str(await _handles(door, cast, state="all"))
    entries = (await ada.get(f"admin/audit?person={cast.bob.pk}")).json()["items"]
    assert {one["deed"] for one in entries} >= {"person.erased"}


async def test_from_where_an_erased_account_acted_is_gone(door: Door, cast: Cast) -> None:
    await door(cast.mina).put(f"rooms/{cast.room.pk}/members/{cast.bob.pk}/mute")
    (entry,) = (await door(cast.admin).get("admin/audit?deed=member.muted")).json()["items"]
    assert entry["origin"] == "127.0.0.1"
    await database.run(
        lambda: beginning.erase(cast.mina.pk, None, removes_messages=False, now=timezone.now())
    )
    (entry,) = (await door(cast.admin).get("admin/audit?deed=member.muted")).json()["items"]
    assert (entry["origin"], entry["actor"]["name"]) == ("", "Deleted user")


async def test_what_is_missing_or_wrong_is_refused(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    assert error_of(await ada.get("admin/people/987654321")) == (404, "not_found")
    assert error_of(await ada.patch("admin/people/987654321", json={"role": "guest"})) == (404, "not_found")
    for body in ({"role": "boss"}, {"is_active": "no"}, {"name": ""}, {"reason": "x" * 201}):
        assert (await ada.patch(f"admin/people/{cast.bob.pk}", json=body)).status_code in (400, 413)
    for path in ("admin/people", f"admin/people/{cast.bob.pk}", "admin/people/987654321"):
        assert error_of(await door(cast.alice).get(path)) == (403, "forbidden")
