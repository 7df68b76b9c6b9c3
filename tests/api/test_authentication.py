from __future__ import annotations

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import override_settings
from django.utils import timezone

from chat import database
from chat.models import Token, User, token_uses
from tests.api.conftest import CSRF, ORIGIN, Door, error_of
from tests.cast import Cast


async def test_without_sign_in_is_signed_out(door: Door) -> None:
    response = await door().get("me")
    assert error_of(response) == (401, "signed_out")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["Bearer maru_nobody", "Bearer", "Bearer ", "Basic YWxpY2U6eA==", "", "Bearer " + "x" * 5_000]
)
async def test_dead_or_foreign_authorization_is_signed_out(door: Door, header: str) -> None:
    assert error_of(await door(authorization=header).get("me")) == (401, "signed_out")


async def test_token_signs_in(door: Door, cast: Cast) -> None:
    response = await door(cast.bob).get("me")
    assert response.status_code == 200
    assert response.json()["handle"] == "bob"


async def test_revoked_token_is_signed_out(door: Door, cast: Cast) -> None:
    await database.run(lambda: Token.objects.filter(user=cast.bob).update(revoked_at=timezone.now()))
    assert error_of(await door(cast.bob).get("me")) == (401, "signed_out")


async def test_token_of_disabled_account_is_signed_out(door: Door, cast: Cast) -> None:
    await database.run(lambda: User.objects.filter(pk=cast.bob.pk).update(is_active=False))
    assert error_of(await door(cast.bob).get("me")) == (401, "signed_out")


async def test_use_of_a_token_is_noted_once_a_minute(door: Door, cast: Cast) -> None:
    def used_at() -> object:
        token_uses.write()
        return Token.objects.get(user=cast.bob).last_used_at

    await door(cast.bob).get("me")
    first = await database.run(used_at)
    assert first is not None
    await door(cast.bob).get("me")
    assert await database.run(used_at) == first
    earlier = timezone.now() - timedelta(seconds=61)
    await database.run(lambda: Token.objects.filter(user=cast.bob).update(last_used_at=earlier))
    await door(cast.bob).get("me")
    assert await database.run(used_at) > earlier  # type: ignore[operator]


async def test_session_signs_in(door: Door, session: str) -> None:
    response = await door(cookie=f"sessionid={session}").get("me")
    assert response.json()["handle"] == "alice"


async def test_session_is_ignored_beside_a_dead_token(door: Door, session: str) -> None:
    client = door(cookie=f"sessionid={session}", authorization="Bearer dead")
    assert error_of(await client.get("me")) == (401, "signed_out")


@pytest.mark.parametrize("key", ["", "x", "x" * 32, "x" * 5_000, "a b", "%00", "'; --", "0" * 32])
async def test_session_key_of_nobody_is_signed_out(door: Door, key: str) -> None:
    assert error_of(await door(cookie=f"sessionid={key}").get("me")) == (401, "signed_out")


async def test_expired_session_is_signed_out(door: Door, session: str) -> None:
    earlier = timezone.now() - timedelta(seconds=1)
    await database.run(lambda: Session.objects.filter(pk=session).update(expire_date=earlier))
    assert error_of(await door(cookie=f"sessionid={session}").get("me")) == (401, "signed_out")


async def test_session_of_disabled_account_is_signed_out(door: Door, session: str, cast: Cast) -> None:
    await database.run(lambda: User.objects.filter(pk=cast.alice.pk).update(is_active=False))
    assert error_of(await door(cookie=f"sessionid={session}").get("me")) == (401, "signed_out")


async def test_new_password_ends_the_session(door: Door, session: str, cast: Cast) -> None:
    def change() -> None:
        cast.alice.set_password("another-secret")
        cast.alice.save()

    await database.run(change)
    assert error_of(await door(cookie=f"sessionid={session}").get("me")) == (401, "signed_out")


async def test_session_outlives_a_change_of_the_secret_key(door: Door, session: str) -> None:
    old, new = settings.SECRET_KEY, "another-key-that-is-long-enough-for-signing"
    client = door(cookie=f"sessionid={session}")
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[old]):
        assert (await client.get("me")).status_code == 200
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
        assert error_of(await client.get("me")) == (401, "signed_out")


async def test_session_may_write_with_its_csrf_token(door: Door, session: str) -> None:
    client = door(cookie=f"sessionid={session}; csrftoken={CSRF}", x_csrftoken=CSRF, origin=ORIGIN)
    response = await client.patch("me", json={"name": "Alice B."})
    assert response.status_code == 200
    assert response.json()["name"] == "Alice B."


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_csrftoken": "d" * 32},
        {"x_csrftoken": CSRF, "origin": "http://evil.example"},
        {"x_csrftoken": CSRF, "origin": "null"},
        {"x_csrftoken": CSRF, "origin": "http://localhost:8000.evil.example"},
        {"x_csrftoken": CSRF, "origin": "https://localhost:8000"},
    ],
)
async def test_session_may_not_write_for_a_foreign_page(
    door: Door, session: str, cast: Cast, headers: dict[str, str]
) -> None:
    client = door(cookie=f"sessionid={session}; csrftoken={CSRF}", **headers)
    response = await client.patch("me", json={"name": "Mallory"})
    assert error_of(response) == (403, "forbidden")
    await sync_to_async(cast.alice.refresh_from_db)()
    assert cast.alice.name == "Alice"


async def test_session_may_not_read_for_a_foreign_page(door: Door, session: str) -> None:
    response = await door(cookie=f"sessionid={session}", origin="http://evil.example").get("me")
    assert error_of(response) == (403, "forbidden")


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"]
)
async def test_session_may_not_write_with_a_form(door: Door, session: str, kind: str) -> None:
    client = door(cookie=f"sessionid={session}; csrftoken={CSRF}", x_csrftoken=CSRF, content_type=kind)
    assert error_of(await client.post("tokens", content=b'{"label": "x"}')) == (403, "forbidden")


async def test_token_needs_neither_origin_nor_csrf(door: Door, cast: Cast) -> None:
    client = door(cast.alice, origin="http://evil.example", content_type="text/plain")
    assert (await client.patch("me", content=b'{"name": "A"}')).status_code == 200
