import asyncio
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone

from chat import database
from chat.gateway import admission
from chat.models import Token, User, token_uses
from tests.cast import Cast, token_of
from tests.socket_client import Socket

Connect = Any
ORIGIN = "http://localhost:8000"


def signed_in(user: User) -> str:
    """Sign in as a browser does and return the session's key."""
    browser = Browser()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    key = browser.session.session_key
    assert key
    return key


async def session_of(user: User) -> str:
    return await database.run(signed_in, user)


def cookie(key: str) -> str:
    return f"csrftoken=abc; sessionid={key}; theme=dark"


async def assert_signed_out(socket: Socket) -> None:
    # Accepted first: a browser could not tell a refused handshake from a network fault.
    assert socket.accepted
    assert await socket.closed() == 4501


async def test_a_token_that_is_none_is_signed_out(cast: Cast, connect: Connect) -> None:
    for token in ("", "x", "maru_" + "x" * 43, "maru_" + "x" * 500, "ключ", "\x00"):
        await assert_signed_out(await connect(None, authorization=f"Bearer {token}"))


async def test_another_kind_of_authorization_is_signed_out_even_beside_a_good_cookie(
    cast: Cast, connect: Connect
) -> None:
    key = await session_of(cast.bob)
    for header in ("Basic YWxpY2U6c2VjcmV0", "Token abc", "Bearer", ""):
        await assert_signed_out(await connect(None, authorization=header, cookie=cookie(key), origin=ORIGIN))


async def test_a_revoked_token_is_signed_out(cast: Cast, connect: Connect) -> None:
    await database.run(lambda: Token.objects.filter(user=cast.bob).update(revoked_at=timezone.now()))
    await assert_signed_out(await connect(cast.token(cast.bob)))


async def test_a_disabled_account_is_signed_out(cast: Cast, connect: Connect) -> None:
    key = await session_of(cast.bob)
    await database.run(lambda: User.objects.filter(pk=cast.bob.pk).update(is_active=False))
    await assert_signed_out(await connect(cast.token(cast.bob)))
    await assert_signed_out(await connect(None, cookie=cookie(key), origin=ORIGIN))


async def test_a_program_with_a_token_needs_no_origin_and_may_have_any(cast: Cast, connect: Connect) -> None:
    for headers in ({}, {"origin": "https://elsewhere.example"}):
        socket = await connect(cast.token(cast.bob), **headers)
        assert (await socket.next())["user"]["handle"] == "bob"


async def test_a_token_counts_and_cookies_are_ignored_beside_it(cast: Cast, connect: Connect) -> None:
    key = await session_of(cast.alice)
    socket = await connect(cast.token(cast.bob), cookie=cookie(key), origin=ORIGIN)
    assert (await socket.next())["user"]["handle"] == "bob"


async def test_the_word_bearer_is_written_in_any_case(cast: Cast, connect: Connect) -> None:
    for word in ("bearer", "BEARER"):
        socket = await connect(None, authorization=f"{word} {cast.token(cast.bob)}")
        assert (await socket.next())["type"] == "hello"


async def test_a_browser_comes_with_its_session(cast: Cast, connect: Connect) -> None:
    key = await session_of(cast.bob)
    socket = await connect(None, cookie=cookie(key), origin=ORIGIN)
    hello = await socket.next()
    assert (hello["user"]["handle"], hello["user"]["status"]) == ("bob", "online")
    await socket.resume()


ORIGINS = [
    "null", "http://localhost", "https://localhost:8000", "http://localhost:8001", "http://app.localhost:8000",
    "http://localhost:8000.evil.example", "http://localhost.evil.example:8000", "http://evil.example",
    "http://localhost:8000/",
    "http://localhost.:8000", "http://user@localhost:8000", "http://localhost:8000@evil.example",
    "http://[", "http://localhost:99999", "http://[::1]:8001", "ws://localhost:8000", "file://", "localhost:8000",
    "http://localhost:8000 http://evil.example", "http://localhost:8000,http://evil.example",
    " http://localhost:8000 x",
    "http://l\u00f6calhost:8000", "",
]  # fmt: skip


async def test_a_page_of_another_origin_is_refused_at_the_handshake(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    key = await session_of(cast.bob)
    for origin in ORIGINS:
        socket = await connect(None, cookie=cookie(key), origin=origin)
        assert not socket.accepted, origin
    assert runtime.connections == {}


async def test_without_an_origin_a_cookie_is_refused(cast: Cast, connect: Connect) -> None:
    assert not (await connect(None, cookie=cookie(await session_of(cast.bob)))).accepted
    assert not (await connect(None)).accepted


async def test_an_allowed_origin_is_compared_without_case(cast: Cast, connect: Connect) -> None:
    key = await session_of(cast.bob)
    for origin in (ORIGIN, "HTTP://LocalHost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"):
        socket = await connect(None, cookie=cookie(key), origin=origin)
        assert (await socket.next())["type"] == "hello"


def test_two_origins_are_none() -> None:
    scope = {"headers": [(b"origin", ORIGIN.encode()), (b"origin", ORIGIN.encode())]}
    assert not admission.is_origin_allowed(scope, admission.Credentials(None, "x"))


BAD_COOKIES = [
    "",
    "sessionid=",
    "sessionid=short",
    "sessionid=" + "x" * 32,
    "sessionid=" + "x" * 5_000,
    "sessionid=../../../etc/passwd",
    "sessionid=%00",
    "session\x00id=abc",
    "sessionid",
    "=;=;;=",
    "sessionid=\u00e9\u00e9",
    '"; sessionid="abc',
    "x=" + "y" * 20_000,
]


async def test_a_cookie_that_is_no_session_is_signed_out(cast: Cast, connect: Connect) -> None:
    for text in BAD_COOKIES:
        await assert_signed_out(await connect(None, cookie=text, origin=ORIGIN))


async def test_two_session_cookies_are_none(cast: Cast, connect: Connect) -> None:
    bob, alice = await session_of(cast.bob), await session_of(cast.alice)
    text = f"sessionid={bob}; sessionid={alice}"
    await assert_signed_out(await connect(None, cookie=text, origin=ORIGIN))


async def test_an_expired_and_an_ended_session_are_signed_out(cast: Cast, connect: Connect) -> None:
    expired, ended = await session_of(cast.bob), await session_of(cast.bob)

    def end() -> None:
        past = timezone.now() - timedelta(seconds=1)
        Session.objects.filter(session_key=expired).update(expire_date=past)
        Session.objects.filter(session_key=ended).delete()

    await database.run(end)
    for key in (expired, ended):
        await assert_signed_out(await connect(None, cookie=cookie(key), origin=ORIGIN))


async def test_a_new_password_ends_the_sessions(cast: Cast, connect: Connect) -> None:
    key = await session_of(cast.bob)

    def change() -> None:
        cast.bob.set_password("another-one")
        cast.bob.save()

    await database.run(change)
    await assert_signed_out(await connect(None, cookie=cookie(key), origin=ORIGIN))


async def test_a_session_under_the_key_before_still_holds(
    cast: Cast, connect: Connect, settings: Any
) -> None:
    key = await session_of(cast.bob)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-key-" + "x" * 40
    socket = await connect(None, cookie=cookie(key), origin=ORIGIN)
    assert (await socket.next())["type"] == "hello"


async def test_one_user_has_so_many_connections_and_no_more(
    cast: Cast, connect: Connect, runtime: Any, configure: Any
) -> None:
    configure(CONNECTIONS_PER_USER=3)
    sockets = [await connect(cast.token(cast.bob)) for _ in range(3)]
    fourth = await connect(cast.token(cast.bob))
    assert await fourth.closed() == 4202
    assert (await (await connect(cast.token(cast.alice))).next())["type"] == "hello"
    await sockets[0].close()
    await fourth.close()
    assert (await (await connect(cast.token(cast.bob))).next())["type"] == "hello"
    assert runtime.connections == {cast.bob.pk: 3, cast.alice.pk: 1}


async def test_one_address_has_so_many_connections_and_no_more(
    cast: Cast, connect: Connect, runtime: Any, configure: Any
) -> None:
    configure(CONNECTIONS_PER_IP=2)
    first = await connect(cast.token(cast.bob))
    await connect(cast.token(cast.alice))
    # Before anybody asks who it is: a flood must not reach the database.
    third = await connect("nonsense")
    assert await third.closed() == 4202
    await third.close()
    await first.close()
    assert runtime.addresses == {"local": 1}
    assert (await (await connect(cast.token(cast.mina))).next())["type"] == "hello"


async def test_who_is_turned_away_gives_the_place_back(cast: Cast, connect: Connect, runtime: Any) -> None:
    sockets = [await connect("nonsense") for _ in range(3)]
    await asyncio.gather(*(socket.closed() for socket in sockets))
    await asyncio.gather(*(socket.close() for socket in sockets))
    assert (runtime.addresses, runtime.connections) == ({}, {})


async def test_a_token_is_noted_as_used_once_a_minute(cast: Cast, connect: Connect) -> None:
    secret = await database.run(token_of, cast.bob)

    def used_at() -> Any:
        token_uses.write()
        return Token.objects.get(digest=Token.digest_of(secret)).last_used_at

    await connect(secret)
    first = await database.run(used_at)
    await connect(secret)
    assert first is not None
    assert await database.run(used_at) == first
