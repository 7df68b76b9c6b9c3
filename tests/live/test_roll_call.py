from typing import Any

import pytest
import pytest_asyncio

from chat import database
from chat.actions.state import Request
from chat.live.hub import Hub
from chat.live.roll_call import RollCall
from chat.models import User
from chat.pipeline.execute import execute
from chat.protocol.commands import AddMember, Command, MarkRead, MarkUnread, RemoveMember
from chat.queries import standing
from tests.cast import Cast
from tests.database_away import database_away
from tests.live.clock import Clock
from tests.live.reader import Reader
from tests.make import post_command


@pytest_asyncio.fixture
async def hub(cast: Cast, runtime: Any, clock: Clock) -> Hub:
    found: Hub = runtime.hub
    return found


async def unheard(user: User, *commands: Command) -> None:
    """Store in another process, of which this one hears nothing."""
    await database.run(execute, [Request(user.pk, command) for command in commands])


async def connected(hub: Hub, user: User) -> Reader:
    reader = Reader(user.pk)
    reader.told = (await database.run(standing.rooms_of, [user.pk]))[user.pk]
    hub.connect(reader)
    return reader


async def test_who_was_told_everything_is_told_nothing(cast: Cast, hub: Hub) -> None:
    readers = [await connected(hub, user) for user in (cast.alice, cast.bob, cast.carol)]
    await RollCall(hub).ask()
    for reader in readers:
        assert (reader.missing, reader.droppable) == ([], [])


async def test_room_of_which_nobody_told_is_found_on_each_connection(cast: Cast, hub: Hub) -> None:
    one, other = await connected(hub, cast.carol), await connected(hub, cast.carol)
    bystander = await connected(hub, cast.bob)
    await unheard(cast.alice, AddMember(room=cast.room.pk, user=cast.carol.pk))
    assert one.told is not None
    one.told[cast.room.pk] = (0, 0)
    await RollCall(hub).ask()
    assert (one.missing, other.missing, bystander.missing) == ([], [cast.room.pk], [])


async def test_read_marker_of_another_device_is_told_once(cast: Cast, hub: Hub) -> None:
    reader = await connected(hub, cast.bob)
    await unheard(cast.alice, *(post_command(cast.room, str(number)) for number in range(3)))
    await unheard(cast.bob, MarkRead(room=cast.room.pk, msg_no=2))
    for _ in range(2):
        await RollCall(hub).ask()
    assert reader.droppable == [{"type": "read", "room": cast.room.pk, "msg_no": 2, "backs": 0}]


async def test_marker_that_went_back_on_another_device_is_told_once(cast: Cast, hub: Hub) -> None:
    await unheard(cast.alice, *(post_command(cast.room, str(number)) for number in range(3)))
    await unheard(cast.bob, MarkRead(room=cast.room.pk, msg_no=3))
    reader = await connected(hub, cast.bob)
    await unheard(cast.bob, MarkUnread(room=cast.room.pk, msg_no=1, backs=0))
    for _ in range(2):
        await RollCall(hub).ask()
    assert reader.droppable == [{"type": "read", "room": cast.room.pk, "msg_no": 1, "backs": 1}]


async def test_leaving_is_left_to_the_log_and_the_time_before_the_resume_to_the_resume(
    cast: Cast, hub: Hub
) -> None:
    gone, early = await connected(hub, cast.bob), await connected(hub, cast.carol)
    early.told = None
    await unheard(cast.alice, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    await unheard(cast.alice, AddMember(room=cast.room.pk, user=cast.carol.pk))
    await RollCall(hub).ask()
    assert gone.missing == early.missing == []


async def test_as_many_queries_for_many_as_for_one(
    cast: Cast, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    run = database.run

    async def counted(function: Any, *args: Any) -> Any:
        asked.append(len(args[0]))
        return await run(function, *args)

    monkeypatch.setattr(database, "run", counted)
    for user in (cast.alice, cast.bob, cast.mina, cast.beep, cast.jiwoo):
        (await connected(hub, user)).told = {}
    asked.clear()
    await RollCall(hub).ask()
    assert asked == [5, 5]


async def test_asked_often_while_the_layer_is_degraded_and_through_a_database_that_is_away(
    cast: Cast, hub: Hub, clock: Clock
) -> None:
    reader = await connected(hub, cast.carol)
    rolling = RollCall(hub)
    hub.layer.is_degraded = True
    rolling.start()
    try:
        async with database_away():
            await clock.advance(8)
        assert reader.missing == []
        # It is asked again at once, not only after the breaker's second.
        database.ways.succeeded(database.ways.reading)
        await unheard(cast.alice, AddMember(room=cast.room.pk, user=cast.carol.pk))
        await clock.advance(8)
        assert reader.missing[0] == cast.room.pk
    finally:
        hub.layer.is_degraded = False
        await rolling.stop()
