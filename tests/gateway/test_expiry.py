from __future__ import annotations

from typing import Any

from chat import database
from chat.features.retention import removal
from chat.models import Message, Room
from chat.pipeline import trim
from chat.protocol.commands import AddReaction
from tests.aging import age, keep
from tests.cast import Cast
from tests.gateway.acting import do
from tests.make import post

Connect = Any


def old_and_young(cast: Cast) -> tuple[Message, Message]:
    keep(10)
    old = post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    return old, post(cast.room, cast.alice, "young")


async def history(socket: Any, room: Room) -> list[str]:
    return [item["body"] for item in (await socket.ok("history.get", room=room.pk))["items"]]


async def test_who_is_connected_hears_what_goes_and_who_comes_later_never_saw_it(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    old, young = await database.run(old_and_young, cast)
    there = await connect(cast.token(cast.bob))
    await there.resume()
    assert await history(there, cast.room) == ["old", "young"]
    removed = await database.run(removal.sweep)
    assert removed.messages == 1
    # The sweep is a process of its own: the hub hears of it over the layer.
    told = await there.until("message.expired")
    assert told["messages"] == [old.pk]
    late = await connect(cast.token(cast.mina))
    state = next(room for room in (await late.resume())["rooms"] if room["id"] == cast.room.pk)
    assert state["last_seq"] == told["seq"]
    assert await history(late, cast.room) == await history(there, cast.room) == ["young"]
    live = await late.post(cast.room.pk, "anew")
    frame = await there.until("message.posted")
    assert frame["seq"] == live["seq"] == told["seq"] + 1
    assert young.msg_no is not None
    assert live["msg_no"] == young.msg_no + 1


async def test_who_was_away_too_long_is_reset_and_who_was_not_is_told(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    old, young = await database.run(old_and_young, cast)
    # A change of the old one that is young: it keeps its place when the message has gone.
    reaction = await do(runtime, cast.bob, AddReaction(message=old.pk, emoji="👍"))
    await database.run(removal.sweep)
    begins = (await database.run(Room.objects.get, pk=cast.room.pk)).expired_seq
    assert begins == young.seq - 1
    away = await connect(cast.token(cast.bob))
    assert (await away.resume({cast.room.pk: begins - 1}))["reset"] == [cast.room.pk]
    short = await connect(cast.token(cast.bob))
    assert (await short.resume({cast.room.pk: begins}))["reset"] == []
    told = [frame for frame in short.seen if frame.get("room") == cast.room.pk and "seq" in frame]
    assert [(frame["seq"], frame["type"]) for frame in told] == [
        (young.seq, "message.posted"), (reaction["seq"], "message.expired"),
        (reaction["seq"] + 1, "message.expired"),
    ]  # fmt: skip
    assert [frame["messages"] for frame in told[1:]] == [[old.pk], [old.pk]]


async def test_a_hub_that_missed_what_has_expired_lets_its_readers_come_back(
    cast: Cast, connect: Connect, runtime: Any
) -> None:
    old, _ = await database.run(old_and_young, cast)
    there = await connect(cast.token(cast.bob))
    await there.resume()
    track = runtime.hub._tracks[cast.room.pk]
    track.delivered = old.seq - 1
    await database.run(trim.begin_after, cast.room.pk, old.seq)
    await runtime.hub._repair(track, old.seq + 1)
    assert await there.closed() == 4100
    again = await connect(cast.token(cast.bob))
    assert (await again.resume({cast.room.pk: old.seq - 1}))["reset"] == [cast.room.pk]
