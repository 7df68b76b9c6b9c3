from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.utils import timezone
from pydantic import TypeAdapter

from chat import database
from chat.api.shapes import BrowserSession as SessionShape
from chat.api.shapes import SecondFactors
from chat.features.sign_ins import sessions
from chat.models import BrowserSession, User, session_uses
from tests.api.conftest import CSRF, ORIGIN, Door, error_of
from tests.cast import Cast

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def browser_of(user: User, agent: str = FIREFOX) -> str:
    client = Client(headers={"user-agent": agent})
    client.post("/accounts/login/", {"login": user.handle, "password": f"secret-{user.handle}"})
    return client.cookies[settings.SESSION_COOKIE_NAME].value


async def entered(user: User, agent: str = FIREFOX) -> str:
    # A password takes its time on a busy machine, which is no question to the database.
    work = partial(browser_of, user, agent)
    return await database.run_in(database.writer_pool(), work, running_s=60.0, waiting_s=60.0)


def web(application: Any, key: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(application, raise_app_exceptions=False),
        base_url=f"{ORIGIN}/api/v1/",
        cookies={settings.SESSION_COOKIE_NAME: key, settings.CSRF_COOKIE_NAME: CSRF},
        headers={"x-csrftoken": CSRF, "origin": ORIGIN},
    )


async def test_sessions_are_listed_and_the_one_that_asks_is_marked(cast: Cast, application: Any) -> None:
    mine = await entered(cast.alice)
    other = await entered(cast.alice, "curl\x00/8 " + "x" * 400)
    await entered(cast.bob)
    async with web(application, mine) as client:
        items = TypeAdapter(list[SessionShape]).validate_python(
            (await client.get("me/sessions")).json()["items"]
        )
    assert [(row["current"], row["agent"][:8]) for row in items] == [(False, "curl/8 x"), (True, "Mozilla/")]
    assert all(row["address"] == "127.0.0.1" for row in items)
    # What lets in is told to nobody.
    assert mine not in str(items)
    assert other not in str(items)


async def test_one_session_is_ended_and_what_it_opened_is_shut(
    cast: Cast, application: Any, connect: Any
) -> None:
    mine, doomed = [await entered(cast.alice) for _ in range(2)]
    socket = await connect(cookie=f"sessionid={doomed}", origin=ORIGIN)
    spared = await connect(cookie=f"sessionid={mine}", origin=ORIGIN)
    for one in (socket, spared):
        await one.resume()
    async with web(application, mine) as client, web(application, doomed) as other:
        items = (await client.get("me/sessions")).json()["items"]
        (row,) = [row for row in items if not row["current"]]
        assert (await client.delete(f"me/sessions/{row['id']}")).status_code == 204
        assert await socket.closed() == 4501
        assert (await other.get("me")).status_code == 401
        assert error_of(await client.delete(f"me/sessions/{row['id']}")) == (404, "not_found")
    assert (await spared.ask("ping"))["type"] == "pong"


async def test_all_other_sessions_are_ended_at_once(cast: Cast, application: Any, connect: Any) -> None:
    mine, *doomed = [await entered(cast.alice) for _ in range(3)]
    bobs = await entered(cast.bob)
    sockets = [await connect(cookie=f"sessionid={key}", origin=ORIGIN) for key in doomed]
    for socket in sockets:
        await socket.resume()
    async with web(application, mine) as client:
        assert (await client.delete("me/sessions")).status_code == 204
        for socket in sockets:
            assert await socket.closed() == 4501
        assert [row["current"] for row in (await client.get("me/sessions")).json()["items"]] == [True]
    assert await database.run(lambda: set(Session.objects.values_list("session_key", flat=True))) == {
        mine,
        bobs,
    }


async def test_nobody_ends_the_session_of_another(cast: Cast, door: Door) -> None:
    await entered(cast.alice)
    row = await database.run(BrowserSession.objects.get)
    missing = await door(cast.bob).delete(f"me/sessions/{row.pk + 1}")
    hidden = await door(cast.bob).delete(f"me/sessions/{row.pk}")
    assert hidden.content == missing.content
    assert error_of(hidden) == (404, "not_found")


def test_sessions_that_are_over_are_in_no_list_and_forgotten_at_the_next_sign_in(cast: Cast) -> None:
    first = browser_of(cast.alice)
    Session.objects.filter(session_key=first).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert list(sessions.living(cast.alice.pk)) == []
    second = browser_of(cast.alice)
    assert [row.session_key for row in BrowserSession.objects.all()] == [second]


def test_a_sign_in_too_many_ends_the_one_used_longest_ago(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SESSIONS_MAX_COUNT", 2)
    keys = [browser_of(cast.alice) for _ in range(3)]
    assert {row.session_key for row in sessions.living(cast.alice.pk)} == set(keys[1:])
    assert not Session.objects.filter(session_key=keys[0]).exists()


def test_a_session_of_before_comes_into_the_list_with_its_next_page(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice)
    BrowserSession.objects.all().delete()
    assert client.get("/").status_code == 200
    assert BrowserSession.objects.get().user == cast.alice


def test_another_password_leaves_one_row_for_the_session_that_stays(cast: Cast) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": "secret-alice"})
    browser_of(cast.alice)
    answer = client.post(
        "/accounts/password/change/", {"oldpassword": "secret-alice", "password1": "seven quiet rivers"}
    )
    assert answer.status_code == 302
    # The other one still has a row of Django's, which opens nothing any more.
    assert client.cookies["sessionid"].value in [row.session_key for row in sessions.living(cast.alice.pk)]
    assert client.get("/").status_code == 200


def test_signing_out_takes_the_session_out_of_the_list(cast: Cast) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": "secret-alice"})
    assert BrowserSession.objects.count() == 1
    client.post("/accounts/logout/")
    assert BrowserSession.objects.count() == 0


def test_uses_are_written_together_and_seldom(cast: Cast, django_assert_num_queries: Any) -> None:
    keys = [browser_of(cast.alice) for _ in range(2)]
    session_uses.write()
    old = timezone.now() - timedelta(hours=1)
    BrowserSession.objects.update(last_seen_at=old)
    now = timezone.now()
    for key in keys:
        session_uses.note(key, now)
    with django_assert_num_queries(3):
        session_uses.write()
    assert set(BrowserSession.objects.values_list("last_seen_at", flat=True)) == {now}
    assert not session_uses.are_waiting()


async def test_factors_are_told_without_their_secrets(cast: Cast, door: Door) -> None:
    await database.run(TOTP.activate, cast.bob, "JBSWY3DPEHPK3PXP")
    found = TypeAdapter(SecondFactors).validate_json((await door(cast.bob).get("me/factors")).content)
    assert (found["app"], found["recovery_codes"], found["passkeys"], found["has_password"]) == (
        True, 0, [], True,
    )  # fmt: skip
    assert (found["required"], found["provider"]) == (False, None)


async def test_admins_reset_the_factors_of_whom_they_stand_above(cast: Cast, door: Door) -> None:
    await database.run(TOTP.activate, cast.bob, "JBSWY3DPEHPK3PXP")
    assert error_of(await door(cast.alice).delete(f"users/{cast.bob.pk}/factors")) == (403, "forbidden")
    await database.run(User.objects.filter(pk=cast.alice.pk).update, role="admin")
    assert (await door(cast.alice).delete(f"users/{cast.bob.pk}/factors")).status_code == 204
    assert await database.run(Authenticator.objects.count) == 0
    assert error_of(await door(cast.alice).delete("users/987654321/factors")) == (404, "not_found")
    await database.run(User.objects.filter(pk=cast.carol.pk).update, role="owner")
    assert error_of(await door(cast.alice).delete(f"users/{cast.carol.pk}/factors")) == (403, "forbidden")
    assert error_of(await door(cast.alice).delete(f"users/{cast.alice.pk}/factors")) == (403, "forbidden")


async def test_who_would_be_locked_out_keeps_the_account_of_the_provider(cast: Cast, door: Door) -> None:
    await database.run(lambda: SocialAccount.objects.create(user=cast.bob, provider="oidc", uid="bob"))

    def without_password() -> None:
        cast.bob.set_unusable_password()
        cast.bob.save()

    await database.run(without_password)
    assert error_of(await door(cast.bob).delete("me/provider")) == (409, "conflict")

    def with_password() -> None:
        cast.bob.set_password("seven quiet rivers")
        cast.bob.save()

    await database.run(with_password)
    for _ in range(2):
        assert (await door(cast.bob).delete("me/provider")).status_code == 204
    assert await database.run(SocialAccount.objects.count) == 0


def test_a_request_without_a_session_is_noted_nowhere(cast: Cast) -> None:
    sessions._signed_in(RequestFactory().get("/"), cast.alice)
    assert BrowserSession.objects.count() == 0
