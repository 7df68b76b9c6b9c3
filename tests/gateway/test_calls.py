from __future__ import annotations

from typing import Any

from tests.cast import Cast

Connect = Any


async def test_who_is_connected_is_here_and_hears_it_with_the_message(cast: Cast, connect: Connect) -> None:
    alice, bob, carol = [await connect(cast.token(user)) for user in (cast.alice, cast.bob, cast.carol)]
    for socket in (alice, bob, carol):
        await socket.resume()
    await alice.post(cast.room.pk, "@here look, @여기")
    change = await bob.until("message.posted")
    # Nobody else of the room is connected, Carol is not in it, and Alice has called.
    assert change["message"]["calls"] == [{"kind": "here", "group": None, "users": [cast.bob.pk]}]
    assert change["message"]["mentions"] == []


async def test_a_message_that_calls_nobody_is_no_byte_larger(cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(cast.token(cast.alice)), await connect(cast.token(cast.bob))
    for socket in (alice, bob):
        await socket.resume()
    await bob.post(cast.room.pk, "hello @alice and `@room`")
    change = await alice.until("message.posted")
    assert "calls" not in change["message"]


async def test_the_rule_of_a_room_comes_live_and_with_the_room(cast: Cast, connect: Connect) -> None:
    alice, bob = await connect(cast.token(cast.alice)), await connect(cast.token(cast.bob))
    await alice.resume()
    result = await bob.resume()
    assert {room["calls"] for room in result["rooms"]} == {"auto"}
    reply = await alice.ask("room.update", room=cast.room.pk, calls="moderators")
    assert reply["ok"]
    assert (await bob.until("room.changed"))["fields"]["calls"] == "moderators"
    reply = await alice.ask("room.update", room=cast.room.pk, calls="guests")
    assert reply["error"]["code"] == "bad_frame"
