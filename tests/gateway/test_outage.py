from typing import Any

from tests.cast import Cast
from tests.database_away import database_away
from tests.make import client_message_id

Connect = Any


async def test_a_newcomer_is_asked_to_come_later(cast: Cast, connect: Connect, runtime: Any) -> None:
    async with database_away():
        for path in ("/ws/v1/", "/ws/chat/"):
            socket = await connect(cast.token(cast.bob), path)
            assert socket.accepted
            assert await socket.closed() == 4200
            await socket.close()
    assert (runtime.connections, runtime.addresses) == ({}, {})


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
            assert 2_000 <= error["after_ms"] <= 10_000
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
