import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest
from django.db import OperationalError
from django.utils import timezone

from chat import database
from chat.gateway import ticket
from chat.models import Message, Token, User
from chat.pipeline.sign_ins import SignIns
from chat.queries import sign_in
from tests.cast import Cast, token_of
from tests.database_away import database_away
from tests.make import client_message_id

Connect = Any


async def test_a_newcomer_is_asked_to_come_later(cast: Cast, connect: Connect, runtime: Any) -> None:
    async with database_away():
        for path in ("/ws/v1/", "/ws/chat/"):
            socket = await connect(cast.token(cast.bob), path)
            assert socket.accepted
            said = await socket.next()
            in_ms = said["in_ms"] if path == "/ws/v1/" else said["error"]["after_ms"]
            assert 2_000 <= in_ms <= 10_000
            assert await socket.closed() == 4200
            await socket.close()
    assert (runtime.connections, runtime.addresses) == ({}, {})


async def ticket_of(connect: Connect, runtime: Any, token: str, *, age_s: float = 0) -> list[str]:
    """Return the subprotocols of a client that was here so long ago; the process has forgotten it."""
    found = await database.run(sign_in.prove, token, None)
    assert found is not None
    return ["maru.v1", "ticket." + ticket.issue(replace(found, proven_at=time.time() - age_s))]


async def test_who_has_a_ticket_is_let_in_and_resumes_when_the_database_is_back(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    token = cast.token(cast.bob)
    subprotocols = await ticket_of(connect, runtime, token, age_s=80_000)
    async with database_away() as away:
        bob = await connect(token, subprotocols=subprotocols)
        hello = await bob.next()
        assert (hello["type"], hello["degraded"], hello["user"]["handle"]) == ("hello", ["db"], "bob")
        # It is no younger by being shown.
        assert [f"ticket.{hello['ticket']}"] == subprotocols[1:]
        assert (await bob.ask("ping"))["type"] == "pong"
        for _ in range(3):
            error = (await bob.ask("resume", epoch=None, rooms={}))["error"]
            assert (error["code"], error["retry"]) == ("unavailable", True)
            assert 2_000 <= error["after_ms"] <= 10_000
        post = {"client_message_id": client_message_id(), "body": "hi"}
        assert await bob.refused("message.post", room=cast.room.pk, **post) == "unavailable"
        assert await bob.refused("history.get", room=cast.room.pk) == "unavailable"
        away.is_on = False
        await answering()
        result = await bob.resume()
    assert [state["id"] for state in result["rooms"]] == [cast.room.pk]
    await bob.post(cast.room.pk, "here")


async def answering() -> None:
    """Wait until the database is asked again."""
    async with asyncio.timeout(10):
        while database.is_away():
            with suppress(OperationalError):
                await database.run(lambda: None)
            await asyncio.sleep(0.05)


async def test_whom_the_process_remembers_needs_no_ticket(cast: Cast, connect: Connect, runtime: Any) -> None:
    token = cast.token(cast.bob)
    await (await connect(token)).next()
    runtime.hub.layer.is_degraded = True
    async with database_away():
        hello = await (await connect(token)).next()
    assert hello["degraded"] == ["db", "redis"]


@pytest.mark.parametrize("age_s", [86_500, -4_000])
async def test_a_ticket_of_another_day_does_not_let_in(
    cast: Cast, connect: Connect, runtime: Any, age_s: float
) -> None:
    token = cast.token(cast.bob)
    subprotocols = await ticket_of(connect, runtime, token, age_s=age_s)
    async with database_away():
        socket = await connect(token, subprotocols=subprotocols)
        assert (await socket.next())["type"] == "bye"
        assert await socket.closed() == 4200


@pytest.mark.parametrize("kind", ["resume", "message.post", "history.get", "changes.get", "read.mark"])
async def test_who_was_signed_out_before_the_outage_gets_nothing_after_it(
    cast: Cast, connect: Connect, runtime: Any, kind: str
) -> None:
    token = await database.run(token_of, cast.bob)
    subprotocols = await ticket_of(connect, runtime, token, age_s=3_600)
    digest = Token.digest_of(token)
    await database.run(lambda: Token.objects.filter(digest=digest).update(revoked_at=timezone.now()))
    async with database_away() as away:
        socket = await connect(token, subprotocols=subprotocols)
        assert (await socket.next())["type"] == "hello"
        away.is_on = False
        await answering()
        wanted: dict[str, dict[str, Any]] = {
            "resume": {"rooms": {}},
            "message.post": {"client_message_id": client_message_id(), "body": "hi"},
            "changes.get": {"after": 0},
            "read.mark": {"msg_no": 1},
        }
        await socket.send({"type": kind, "ref": 1, "room": cast.room.pk, **wanted.get(kind, {})})
        assert await socket.closed() == 4501
    assert {frame["type"] for frame in socket.seen} <= {"hello", "degraded"}
    assert not await database.run(lambda: Message.objects.filter(sender=cast.bob).exists())


async def test_whose_account_was_disabled_is_told_so_after_the_outage(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    token = cast.token(cast.bob)
    subprotocols = await ticket_of(connect, runtime, token, age_s=3_600)
    await database.run(lambda: User.objects.filter(pk=cast.bob.pk).update(is_active=False))
    runtime.sign_ins = SignIns()
    async with database_away() as away:
        socket = await connect(token, subprotocols=subprotocols)
        await socket.next()
        away.is_on = False
        await answering()
        await socket.send({"type": "resume", "ref": 1, "rooms": {}})
        assert await socket.closed() == 4502


async def test_the_role_counts_that_one_has_after_the_outage(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    token = cast.token(cast.carol)
    subprotocols = await ticket_of(connect, runtime, token, age_s=3_600)
    await database.run(lambda: User.objects.filter(pk=cast.carol.pk).update(role="guest"))
    async with database_away() as away:
        socket = await connect(token, subprotocols=subprotocols)
        await socket.next()
        away.is_on = False
        await answering()
        await socket.resume()
        # A member would see the open room.
        assert await socket.refused("history.get", room=cast.plaza.pk) == "not_found"


async def test_the_simple_protocol_has_no_waiting(cast: Cast, connect: Connect, runtime: Any) -> None:
    token = cast.token(cast.bob)
    await connect(token)
    runtime.hub.layer.is_degraded = True
    async with database_away():
        socket = await connect(token, "/ws/chat/")
        assert (await socket.next())["error"]["code"] == "unavailable"
        assert await socket.closed() == 4200


async def test_a_database_that_is_away_is_said_to_open_sockets(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    bob = await connect(cast.token(cast.bob))
    await bob.resume()
    async with database_away() as away:
        for _ in range(5):
            await bob.refused("history.get", room=cast.room.pk)
        assert runtime.degraded() == ["db"]
        assert (await bob.until("degraded"))["parts"] == ["db"]
        away.is_on = False
        await answering()
        assert (await bob.until("degraded"))["parts"] == []


async def test_a_process_without_its_neighbours_is_ready_and_lives(
    cast: Cast, connect: Connect, runtime: Any, application: Any
) -> None:
    runtime.hub.layer.is_degraded = True
    transport = httpx.ASGITransport(app=application)
    async with (
        database_away(),
        httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as web,
    ):
        for place in ("/readyz", "/livez"):
            assert (await web.get(place, headers={"cookie": "sessionid=" + "x" * 32})).status_code == 200


async def test_a_simple_socket_whose_room_cannot_be_read_is_asked_to_come_later(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    async with database_away('FROM "chat_room"'):
        socket = await connect(cast.token(cast.bob), "/ws/chat/")
        assert await socket.closed() == 4200
        await socket.close()
    assert (runtime.connections, runtime.addresses) == ({}, {})


async def test_open_sockets_stay_and_are_told_when_to_come_again(cast: Cast, connect: Connect) -> None:
    bob = await connect(cast.token(cast.bob))
    await bob.resume()
    key = client_message_id()
    asked: list[tuple[str, dict[str, Any]]] = [
        ("message.post", {"room": cast.room.pk, "client_message_id": key, "body": "hi"}),
        ("history.get", {"room": cast.room.pk}),
        ("changes.get", {"room": cast.room.pk, "after": 0}),
    ]
    async with database_away():
        for kind, fields in asked:
            error = (await bob.ask(kind, **fields))["error"]
            assert (error["code"], error["retry"]) == ("unavailable", True)
            # One write that failed may have met a connection that was lost.
            least_ms = 500 if kind == "message.post" else 2_000
            assert least_ms <= error["after_ms"] <= 10_000
        assert (await bob.ask("ping"))["type"] == "pong"
    for kind, fields in asked:
        assert (await bob.ask(kind, **fields))["ok"], kind
    await bob.ask("ping")
    assert bob.bodies(cast.room.pk) == ["hi"]


async def test_a_resume_that_could_not_be_answered_may_be_asked_again(cast: Cast, connect: Connect) -> None:
    bob = await connect(cast.token(cast.bob))
    async with database_away():
        assert await bob.refused("resume", epoch=None, rooms={}) == "unavailable"
    await bob.resume()
