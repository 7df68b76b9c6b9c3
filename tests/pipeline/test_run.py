import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from channels.layers import channel_layers

from chat import database
from chat.models import Message
from chat.pipeline.run import run
from chat.pipeline.runtime import Runtime
from chat.protocol.commands import AddMember, DeleteRoom
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import changes
from chatproject import parts
from scripts.services import Redis
from tests.cast import Cast
from tests.live.reader import Reader
from tests.make import post_command


def test_a_result_is_returned_and_a_refusal_raised(cast: Cast) -> None:
    result = run(cast.bob.pk, post_command(cast.room, "hi"))
    assert Message.objects.get(pk=result["id"]).seq == result["seq"]
    with pytest.raises(Refused) as caught:
        run(cast.carol.pk, post_command(cast.room, "hi"))
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_it_must_not_run_on_an_event_loop(cast: Cast) -> None:
    async def on_the_loop() -> None:
        run(cast.bob.pk, post_command(cast.room, "hi"))

    with pytest.raises(BaseException, match=r"async context|sync_to_async|fault of the server"):
        asyncio.run(on_the_loop())


def test_without_the_layer_it_is_stored_all_the_same(cast: Cast, settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": parts.channel_layer("redis://127.0.0.1:1/0")}
    channel_layers.backends.clear()
    result = run(cast.bob.pk, post_command(cast.room, "hi"))
    assert Message.objects.filter(pk=result["id"]).exists()


@pytest_asyncio.fixture
async def over_redis(tmp_path: Path, settings: Any) -> AsyncIterator[Runtime]:
    with Redis(tmp_path) as redis:
        settings.CHANNEL_LAYERS = {"default": parts.channel_layer(redis.url)}
        channel_layers.backends.clear()
        runtime = Runtime()
        await runtime.start()
        yield runtime
        await runtime.stop()
        channel_layers.backends.clear()


@pytest.mark.slow
async def test_what_a_script_does_reaches_the_hub_of_a_web_process(cast: Cast, over_redis: Runtime) -> None:
    hub, room = over_redis.hub, cast.room.pk
    bob, carol = Reader(cast.bob.pk), Reader(cast.carol.pk)
    for reader in (bob, carol):
        hub.connect(reader)
    await hub.watch([room])
    head = (await database.run(changes.heads, [room]))[room]
    assert hub.follow(bob, room, head)
    await database.run(run, cast.alice.pk, post_command(cast.room, "hi"))
    await bob.has(1)
    assert bob.frames[0]["message"]["body"] == "hi"
    await database.run(run, cast.alice.pk, AddMember(room=room, user=cast.carol.pk))
    await database.run(run, cast.alice.pk, DeleteRoom(room=room))
    await bob.has(3)
    assert [frame["type"] for frame in bob.frames] == ["message.posted", "member.joined", "room.changed"]
    assert (carol.joined, bob.left) == ([room], [room])
