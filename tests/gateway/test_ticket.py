import asyncio
import re
import time
from dataclasses import replace
from typing import Any

import pytest
from django.core.signing import Signer

from chat import database
from chat.gateway import ticket
from chat.live.envelope import SignedOut, UserChanged
from chat.models import Token, User
from chat.pipeline.sign_ins import SignIns
from chat.queries import sign_in
from chat.queries.sign_in import SignIn
from tests.cast import Cast, token_of
from tests.database_away import answers_held, statements
from tests.gateway.test_revocation import session_of

Connect = Any
PAGE = {"origin": "http://localhost:8000"}


def shown(text: str) -> list[str]:
    return ["maru.v1", f"ticket.{text}"]


async def proven(user: User, token: str) -> SignIn:
    found = await database.run(sign_in.prove, token, None)
    assert found is not None
    assert found.user == user
    return found


def forgetful(runtime: Any) -> None:
    """Make the process forget whom it knows, as another one would never have known."""
    runtime.sign_ins = SignIns()
    runtime.hub.on_account = runtime.sign_ins.hear


async def test_hello_brings_a_ticket_that_fits_into_a_handshake(cast: Cast, connect: Connect) -> None:
    await database.run(
        lambda: User.objects.filter(pk=cast.bob.pk).update(name="🦉" * 80, email="b" * 240 + "@x.org")
    )
    hello = await (await connect(cast.token(cast.bob))).next()
    assert re.fullmatch(r"[A-Za-z0-9._-]+", hello["ticket"])
    assert len(", ".join(shown(hello["ticket"]))) < 2_048
    assert hello["degraded"] == []


async def test_a_fresh_ticket_lets_in_without_a_visit_to_the_database(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    token = cast.token(cast.bob)
    first = await (await connect(token)).next()
    forgetful(runtime)
    async with statements() as asked:
        socket = await connect(token, subprotocols=shown(first["ticket"]))
        hello = await socket.next()
    assert asked == []
    assert socket.subprotocol == "maru.v1"
    assert {**hello, "connection": "", "server_time": ""} == {**first, "connection": "", "server_time": ""}
    await socket.resume()
    await socket.post(cast.room.pk, "here")


async def test_a_browser_shows_its_ticket_beside_its_cookie(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    cookie = f"sessionid={await database.run(session_of, cast.bob)}"
    first = await (await connect(cookie=cookie, **PAGE)).next()
    forgetful(runtime)
    async with statements() as asked:
        socket = await connect(cookie=cookie, subprotocols=shown(first["ticket"]), **PAGE)
        assert (await socket.next())["user"]["handle"] == "bob"
    assert asked == []


async def test_a_ticket_is_nothing_without_the_proof_that_it_was_issued_for(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    hello = await (await connect(cast.token(cast.bob))).next()
    forgetful(runtime)
    subprotocols = shown(hello["ticket"])
    for token in ("", "maru_" + "x" * 43):
        socket = await connect(token, subprotocols=subprotocols)
        assert socket.subprotocol == "maru.v1"
        assert await socket.closed() == 4501
    assert not (await connect(None, subprotocols=subprotocols)).accepted
    cookie = f"sessionid={await database.run(session_of, cast.alice)}"
    for other in (
        await connect(cast.token(cast.alice), subprotocols=subprotocols),
        await connect(cookie=cookie, subprotocols=subprotocols, **PAGE),
    ):
        assert (await other.next())["user"]["handle"] == "alice"


BAD_TICKETS = ["", "x", ".", "..", "a.b", "a" * 5_000, "=", "%00", "é", "eyJ2IjoxfQ.AAAA", ".eJw.x"]


async def test_a_ticket_that_is_none_is_ignored(cast: Cast, connect: Connect, runtime: Any) -> None:
    token = cast.token(cast.bob)
    good = (await (await connect(token)).next())["ticket"]
    foreign = [
        Signer(sep=".", salt="another").sign_object({"v": 1}),
        Signer(sep=".", salt="chat.gateway.ticket").sign_object({"v": 1, "p": 5}),
        Signer(sep=".", salt="chat.gateway.ticket").sign_object([1]),
        Signer(sep=".", salt="chat.gateway.ticket", key="x" * 50).sign_object({"v": 1}),
        good[:-1],
        good[:-2] + ("AA" if good[-2:] != "AA" else "BB"),
    ]
    for text in (*BAD_TICKETS, *foreign):
        forgetful(runtime)
        async with statements() as asked:
            socket = await connect(token, subprotocols=shown(text))
            assert (await socket.next())["user"]["handle"] == "bob", text
        assert len(asked) == 1, text
        await socket.close()


async def test_a_ticket_outlives_a_change_of_the_secret_key(
    cast: Cast, connect: Connect, runtime: Any, settings: Any
) -> None:
    cookie = f"sessionid={await database.run(session_of, cast.bob)}"
    first = await (await connect(cookie=cookie, **PAGE)).next()
    forgetful(runtime)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a-new-key-" + "x" * 40
    async with statements() as asked:
        socket = await connect(cookie=cookie, subprotocols=shown(first["ticket"]), **PAGE)
        await socket.next()
    assert asked == []
    # What it says of the password still counts as well.
    await socket.resume()
    await runtime.rounds.check()
    assert (await socket.ask("ping"))["type"] == "pong"
    settings.SECRET_KEY_FALLBACKS = []
    assert ticket.read(first["ticket"], sign_in.proof_of(cookie[10:]), cookie[10:]) is None


async def test_an_older_ticket_leads_to_the_database_and_costs_one_query(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    key = await database.run(session_of, cast.bob)
    found = await database.run(sign_in.prove, None, key)
    assert found is not None
    for age_s in (61, 3_600, 90_000, -3_600):
        forgetful(runtime)
        text = ticket.issue(replace(found, proven_at=time.time() - age_s))
        async with statements() as asked:
            socket = await connect(cookie=f"sessionid={key}", subprotocols=shown(text), **PAGE)
            hello = await socket.next()
        # It still says whose session it is, which saves the second query.
        assert len(asked) == 1, age_s
        assert hello["ticket"] != text
        await socket.close()


async def test_the_age_of_a_ticket_counts_from_the_database_however_often_it_is_shown(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    token = cast.token(cast.bob)
    text = ticket.issue(replace(await proven(cast.bob, token), proven_at=time.time() - 50))
    socket = await connect(token, subprotocols=shown(text))
    assert (await socket.next())["ticket"] == text


async def test_a_ticket_of_what_was_ended_is_not_believed(cast: Cast, connect: Connect, runtime: Any) -> None:
    token = cast.token(cast.bob)
    text = (await (await connect(token)).next())["ticket"]
    digest = Token.digest_of(token)
    for item in (SignedOut(cast.bob.pk, digest), SignedOut(cast.bob.pk), UserChanged(cast.bob.pk)):
        forgetful(runtime)
        runtime.hub.receive([item])
        async with statements() as asked:
            socket = await connect(token, subprotocols=shown(text))
            assert (await socket.next())["type"] == "hello"
        assert len(asked) == 1, item
        await socket.close()
    # Another proof of the same user is another matter.
    forgetful(runtime)
    runtime.hub.receive([SignedOut(cast.bob.pk, "0" * 64)])
    async with statements() as asked:
        await (await connect(token, subprotocols=shown(text))).next()
    assert asked == []


async def test_while_ends_cannot_be_heard_nothing_is_believed(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    token = cast.token(cast.bob)
    text = (await (await connect(token)).next())["ticket"]
    runtime.hub.layer.is_degraded = True
    async with statements() as asked:
        hello = await (await connect(token, subprotocols=shown(text))).next()
    assert len(asked) == 1
    assert hello["degraded"] == ["redis"]


async def test_whom_the_process_has_just_proved_comes_again_without_a_query(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    cookie = f"sessionid={await database.run(session_of, cast.bob)}"
    async with statements() as asked:
        await (await connect(cookie=cookie, **PAGE)).next()
        assert len(asked) == 2
        await (await connect(cookie=cookie, **PAGE)).next()
        await (await connect(cast.token(cast.alice))).next()
    assert len(asked) == 3, asked


async def test_an_end_drops_what_is_remembered_at_once(cast: Cast, connect: Connect, runtime: Any) -> None:
    token = await database.run(token_of, cast.bob)
    await (await connect(token)).next()
    await database.run(
        lambda: Token.objects.filter(digest=Token.digest_of(token)).update(revoked_at=cast.room.created_at)
    )
    runtime.hub.publish([SignedOut(cast.bob.pk, Token.digest_of(token))])
    assert await (await connect(token)).closed() == 4501
    assert len(runtime.sign_ins) == 0


async def test_an_end_in_the_middle_of_a_handshake_ends_the_socket(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    token = cast.token(cast.bob)
    async with answers_held('FROM "chat_token"') as (read,):
        opening = asyncio.ensure_future(connect(token))
        await read.reached()
        runtime.hub.receive([SignedOut(cast.bob.pk, Token.digest_of(token))])
        read.go_on()
        assert await (await opening).closed() == 4501
    assert len(runtime.sign_ins) == 0


async def test_a_name_that_was_changed_is_greeted_anew(cast: Cast, connect: Connect, runtime: Any) -> None:
    token = cast.token(cast.bob)
    text = (await (await connect(token)).next())["ticket"]
    await database.run(lambda: User.objects.filter(pk=cast.bob.pk).update(name="Robert"))
    await database.run(lambda: None)
    hello = await (await connect(token, subprotocols=shown(text))).next()
    assert hello["user"]["name"] == "Robert"


async def test_a_subprotocol_is_chosen_only_where_it_was_offered(cast: Cast, connect: Connect) -> None:
    for path in ("/ws/v1/", "/ws/chat/"):
        token = cast.token(cast.bob)
        assert (await connect(token, path)).subprotocol is None
        assert (await connect(token, path, subprotocols=["graphql-ws"])).subprotocol is None
        assert (await connect(token, path, subprotocols=["x", "maru.v1"])).subprotocol == "maru.v1"


@pytest.mark.parametrize("count", [5_000])
async def test_what_is_remembered_is_bounded(cast: Cast, runtime: Any, count: int) -> None:
    found = sign_in.of_user(cast.bob, "epoch")
    for number in range(count):
        runtime.sign_ins.keep(replace(found, held=found.held._replace(user=number, proof=f"p{number}")))
    assert len(runtime.sign_ins) == 4_096
    assert runtime.sign_ins.find("p0") is None
    assert runtime.sign_ins.find(f"p{count - 1}") is not None
    for number in range(12_000):
        runtime.sign_ins.hear(SignedOut(number, "x"))
    assert len(runtime.sign_ins._ended) == 10_000
