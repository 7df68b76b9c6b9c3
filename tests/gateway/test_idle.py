"""What a connection costs: tasks, memory, parses. Counts only, so that no machine is too slow for it."""

import asyncio
import gc
import sys
import tracemalloc
from collections import Counter
from types import FrameType
from typing import Any

from chat import database
from chat.gateway.consumer import ChatConsumer
from chat.models import Message
from tests.cast import Cast
from tests.database_away import statements
from tests.gateway.line import Line
from tests.make import client_message_id

# In the application, without the protocol object of the server and the sign-in, which many share; measured: 2.4 KB.
_IDLE_BYTES = 3 * 1024
_COUNT = 20


async def test_an_idle_connection_has_no_task(cast: Cast, application: Any) -> None:
    token = cast.token(cast.bob)
    before = asyncio.all_tasks()
    line = Line(application, token)
    await line.resume()
    if working := asyncio.all_tasks() - before:
        # The resume's own.
        assert not (await asyncio.wait(working, timeout=10))[1]
    assert line.hearing.is_adopted
    assert line.began == []
    line.hang_up()


async def test_a_command_is_answered_without_a_task_and_read_once(cast: Cast, application: Any) -> None:
    line = Line(application, cast.token(cast.bob))
    await line.resume()
    made: list[Any] = []
    loop = asyncio.get_running_loop()

    def make(at: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        made.append(work)
        return asyncio.Task(work, loop=at, **options)

    calls: Counter[str] = Counter()

    def count(_frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call":
            calls[argument.__name__] += 1

    loop.set_task_factory(make)
    sys.setprofile(count)
    try:
        line.say("ping", 7)
        line.say("message.post", 8, room=cast.room.pk, client_message_id=client_message_id(), body="hi")
    finally:
        sys.setprofile(None)
        loop.set_task_factory(None)
    assert made == line.began == []
    assert (calls["loads"], calls["validate_python"], calls["validate_json"]) == (2, 2, 0)
    assert (await line.until("pong"))[0]["ref"] == 7
    assert [reply["ref"] for reply in await line.until("reply", 2)] == [1, 8]
    line.hang_up()


async def test_commands_are_stored_and_answered_in_order_though_some_have_to_wait(
    cast: Cast, application: Any
) -> None:
    line = Line(application, cast.token(cast.bob))
    await line.resume()
    refs = range(10, 30)
    line.hearing.begin_read()
    for ref in refs:
        if ref % 5 == 0:
            # Read in the database: what comes after it waits for it.
            line.say("history.get", ref, room=cast.room.pk)
        else:
            line.say(
                "message.post", ref, room=cast.room.pk, client_message_id=client_message_id(), body=str(ref)
            )
    replies = await line.until("reply", 1 + len(refs))
    assert all(reply["ok"] for reply in replies)
    posts = [reply["ref"] for reply in replies if reply["ref"] % 5]
    assert posts == [1, *(ref for ref in refs if ref % 5)]
    reads = [reply["ref"] for reply in replies if reply["ref"] % 5 == 0]
    assert reads == [ref for ref in refs if ref % 5 == 0]

    def bodies() -> list[str]:
        return list(Message.objects.filter(sender=cast.bob).order_by("seq").values_list("body", flat=True))

    assert (await database.run(bodies))[-16:] == [str(ref) for ref in refs if ref % 5]
    # One worked through all that waited, and is gone.
    await asyncio.gather(*line.began)
    line.hang_up()


async def test_a_read_is_carried_out_before_the_client_is_let_go(
    cast: Cast, application: Any, runtime: Any
) -> None:
    line = Line(application, cast.token(cast.bob))
    await line.resume()
    line.say("history.get", 5, room=cast.room.pk)
    line.say("message.post", 6, room=cast.room.pk, client_message_id=client_message_id(), body="the last")
    line.hang_up()
    await asyncio.gather(*line.began)
    assert runtime.hub.connections() == []
    await runtime.committer.drain()
    assert await database.run(Message.objects.filter(body="the last").exists)


async def test_a_client_that_is_gone_gives_everything_back_at_once(
    cast: Cast, application: Any, runtime: Any
) -> None:
    line = Line(application, cast.token(cast.bob))
    await line.resume()
    assert len(runtime.hub.connections()) == 1
    line.hang_up()
    assert runtime.hub.connections() == []
    assert not runtime.connections


async def test_a_fault_in_a_listener_ends_the_connection_and_gives_everything_back(
    cast: Cast, application: Any, runtime: Any, monkeypatch: Any
) -> None:
    line = Line(application, cast.token(cast.bob))
    await line.resume()

    def fail(_self: Any, _text: str) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(ChatConsumer, "hear", fail)
    line.say("ping")
    assert line.failures == 1
    assert runtime.hub.connections() == []


async def test_who_was_let_in_a_moment_ago_costs_no_query_and_who_was_not_costs_one(
    cast: Cast, application: Any
) -> None:
    token = cast.token(cast.bob)
    async with statements() as asked:
        line = Line(application, token)
        await line.until("hello")
    assert len([sql for sql in asked if sql.startswith("SELECT")]) == 1
    line.hang_up()
    async with statements() as asked:
        line = Line(application, token)
        await line.until("hello")
    assert asked == []
    line.hang_up()


async def test_an_idle_connection_is_small(cast: Cast, application: Any, runtime: Any) -> None:
    token = cast.token(cast.bob)
    held = []
    # What all share, as the table of known times, may grow in one of the rounds.
    for _ in range(2):
        lines = [Line(application, token)]
        await lines[0].resume()
        gc.collect()
        tracemalloc.start()
        try:
            for _ in range(_COUNT - 1):
                line = Line(application, token)
                await line.resume()
                line.frames.clear()
                lines.append(line)
            gc.collect()
            taken = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, "*/chat/*")])
        finally:
            tracemalloc.stop()
        held.append(sum(trace.size for trace in taken.traces) / (_COUNT - 1))
        for line in lines:
            line.hang_up()
    assert min(held) < _IDLE_BYTES, held


async def test_what_is_set_when_somebody_was_let_in_has_its_place_from_the_beginning(
    cast: Cast, application: Any
) -> None:
    line = Line(application, cast.token(cast.bob))
    await line.resume()
    consumer = line.hearing._listener
    # These are set within the turn of the loop in which it is made.
    assert vars(consumer).keys() - vars(ChatConsumer()).keys() == {
        "base_send",
        "began_at",
        "runtime",
        "scope",
    }
    line.hang_up()
