import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import pytest_asyncio
from channels.layers import get_channel_layer

from chat import conf, database, metrics
from chat.actions.state import Request
from chat.live import envelope
from chat.live.envelope import Head, Joined, RoomChanges, RoomEvent, SharedEvent, UserEvent
from chat.live.hub import Hub
from chat.live.layer import EVERYBODY, group_of
from chat.models import Room, User, Workspace
from chat.pipeline.execute import Executed, execute
from chat.protocol.commands import AddMember, Command, RemoveMember
from chat.queries import changes, workspace
from tests.cast import Cast
from tests.database_away import database_away
from tests.live.clock import Clock
from tests.live.reader import Reader
from tests.make import post_command


@pytest_asyncio.fixture
async def hub(cast: Cast, runtime: Any, clock: Clock) -> Hub:
    found: Hub = runtime.hub
    return found


async def written(user: User, *commands: Command) -> Executed:
    """Store in another process: nobody tells this one."""
    return await database.run(execute, [Request(user.pk, command) for command in commands])


async def posted(cast: Cast, count: int) -> Executed:
    return await written(cast.alice, *(post_command(cast.room, str(n)) for n in range(count)))


async def following(hub: Hub, room: Room, user: User) -> Reader:
    reader = Reader(user.pk)
    hub.connect(reader)
    await hub.watch([room.pk])
    assert hub.follow(reader, room.pk, (await head_of(room)))
    return reader


async def head_of(room: Room) -> int:
    return (await database.run(changes.heads, [room.pk]))[room.pk]


def value(counter: Any) -> float:
    found: float = counter.collect()[0].samples[0].value
    return found


def texts(reader: Reader) -> list[str]:
    return [frame["message"]["body"] for frame in reader.frames if frame["type"] == "message.posted"]


async def test_what_is_published_here_is_served_here(hub: Hub, cast: Cast) -> None:
    reader = await following(hub, cast.room, cast.bob)
    hub.publish((await posted(cast, 3)).items)
    assert texts(reader) == ["0", "1", "2"]


async def test_a_hole_is_filled_from_the_log(hub: Hub, cast: Cast) -> None:
    reader = await following(hub, cast.room, cast.bob)
    before = value(metrics.HUB_HOLES)
    await posted(cast, 2)
    hub.receive((await written(cast.alice, post_command(cast.room, "last"))).items)
    assert texts(reader) == []
    await reader.has(3)
    assert texts(reader) == ["0", "1", "last"]
    assert value(metrics.HUB_HOLES) == before + 1


async def test_envelopes_that_cross_need_no_log(hub: Hub, cast: Cast, clock: Clock) -> None:
    reader = await following(hub, cast.room, cast.bob)
    before = value(metrics.HUB_HOLES)
    first, second = await posted(cast, 1), await posted(cast, 1)
    hub.receive(second.items)
    hub.receive(first.items)
    assert len(reader.frames) == 2
    await clock.advance(1)
    assert value(metrics.HUB_HOLES) == before


async def test_an_envelope_of_what_is_not_stored_is_not_waited_for(
    hub: Hub, cast: Cast, clock: Clock
) -> None:
    reader = await following(hub, cast.room, cast.bob)
    before = value(metrics.HUB_HOLES)
    hub.receive([RoomChanges(cast.room.pk, 10**9, (b"{}",))])
    for _ in range(20):
        await clock.advance(1)
        await database.run(lambda: None)
    # Asked for once, and then no more.
    assert value(metrics.HUB_HOLES) == before + 1
    executed = await posted(cast, 1)
    hub.receive(executed.items)
    await reader.has(1)
    assert texts(reader) == ["0"]


async def test_what_was_lost_without_a_sign_is_found_within_a_while(
    hub: Hub, cast: Cast, clock: Clock
) -> None:
    reader = await following(hub, cast.room, cast.bob)
    before = value(metrics.HUB_REPAIRS)
    await posted(cast, 2)
    await clock.advance(12.5)
    await reader.has(2)
    assert texts(reader) == ["0", "1"]
    assert value(metrics.HUB_REPAIRS) == before + 1


async def test_a_link_that_came_or_went_is_a_reason_to_look_at_once(hub: Hub, cast: Cast) -> None:
    reader = await following(hub, cast.room, cast.bob)
    await posted(cast, 2)
    hub.layer.on_link_changed()
    await reader.has(2)
    assert texts(reader) == ["0", "1"]


async def test_without_the_layer_it_looks_every_second(hub: Hub, cast: Cast, clock: Clock) -> None:
    reader = await following(hub, cast.room, cast.bob)
    hub.layer.is_degraded = True
    # Ends the long wait that had begun.
    hub.layer.on_link_changed()
    await posted(cast, 1)
    await reader.has(1)
    await posted(cast, 1)
    await clock.advance(0.95)
    await reader.has(2)


async def test_a_room_far_behind_is_read_in_pages(hub: Hub, cast: Cast, clock: Clock) -> None:
    reader = await following(hub, cast.room, cast.bob)
    await posted(cast, 600)
    await clock.advance(12.5)
    await reader.has(600)
    assert texts(reader) == [str(n) for n in range(600)]


async def test_what_is_written_between_watching_and_following_is_served(hub: Hub, cast: Cast) -> None:
    reader = Reader(cast.bob.pk)
    await hub.watch([cast.room.pk])
    holds = await head_of(cast.room)
    hub.receive((await posted(cast, 2)).items)
    assert hub.follow(reader, cast.room.pk, holds)
    hub.receive((await posted(cast, 1)).items)
    assert texts(reader) == ["0", "1", "0"]


async def test_a_room_that_nobody_watches_cannot_be_followed(hub: Hub, cast: Cast) -> None:
    assert not hub.follow(Reader(cast.bob.pk), cast.room.pk, 0)
    assert hub.followers(cast.room.pk) == 0


async def test_a_follower_that_holds_more_than_was_told_gets_only_the_rest(hub: Hub, cast: Cast) -> None:
    early = await following(hub, cast.room, cast.alice)
    await posted(cast, 2)
    late = await following(hub, cast.room, cast.bob)
    hub.receive((await written(cast.alice, post_command(cast.room, "last"))).items)
    await early.has(3)
    assert texts(early) == ["0", "1", "last"]
    assert texts(late) == ["last"]


async def test_who_is_removed_while_taking_a_room_up_does_not_follow_it(hub: Hub, cast: Cast) -> None:
    await hub.watch([cast.room.pk])
    holds = await head_of(cast.room)
    stays = await following(hub, cast.room, cast.alice)
    removal = RemoveMember(room=cast.room.pk, user=cast.bob.pk)
    hub.receive((await written(cast.alice, removal, post_command(cast.room, "secret"))).items)
    reader = Reader(cast.bob.pk)
    assert hub.follow(reader, cast.room.pk, holds)
    assert [frame["type"] for frame in reader.frames] == ["member.left"]
    assert reader.left == [cast.room.pk]
    assert hub.followers(cast.room.pk) == 1
    assert len(stays.frames) == 2


async def test_who_is_added_is_told_on_each_connection(hub: Hub, cast: Cast) -> None:
    devices = [Reader(cast.carol.pk), Reader(cast.carol.pk)]
    for device in devices:
        hub.connect(device)
    hub.publish((await written(cast.alice, AddMember(room=cast.room.pk, user=cast.carol.pk))).items)
    assert [device.joined for device in devices] == [[cast.room.pk]] * 2


async def test_events_reach_whom_they_are_for(hub: Hub, cast: Cast) -> None:
    bob, alice = await following(hub, cast.room, cast.bob), await following(hub, cast.room, cast.alice)
    hub.publish([RoomEvent(cast.room.pk, b'{"type":"typing"}', but_user=cast.bob.pk)])
    hub.publish([RoomEvent(cast.plaza.pk, b'{"type":"typing"}')])
    hub.publish([SharedEvent(cast.room.pk, b'{"type":"seen"}', (cast.bob.pk, cast.carol.pk))])
    hub.publish([UserEvent(cast.bob.pk, b'{"type":"read"}')])
    hub.publish([UserEvent(cast.alice.pk, b'{"type":"read"}', but_connection=alice.id)])
    assert bob.droppable == [{"type": "seen"}, {"type": "read"}]
    assert alice.droppable == [{"type": "typing"}]


async def test_an_event_about_a_user_reaches_who_may_know_that_user(hub: Hub, cast: Cast) -> None:
    member, guest = Reader(cast.bob.pk), Reader(cast.carol.pk)
    guest.known_users = frozenset({cast.alice.pk})
    for reader in (member, guest):
        hub.connect(reader)
    hub.broadcast(b'{"about":"alice"}', cast.alice.pk)
    hub.broadcast(b'{"about":"mina"}', cast.mina.pk)
    assert [event["about"] for event in member.droppable] == ["alice", "mina"]
    assert [event["about"] for event in guest.droppable] == ["alice"]


async def test_who_has_gone_gets_nothing(hub: Hub, cast: Cast) -> None:
    reader = await following(hub, cast.room, cast.bob)
    hub.disconnect(reader, [cast.room.pk])
    hub.publish((await posted(cast, 1)).items)
    hub.publish([UserEvent(cast.bob.pk, b"{}")])
    hub.broadcast(b"{}", cast.alice.pk)
    assert (reader.frames, reader.droppable) == ([], [])
    assert hub.connections_of(cast.bob.pk) == set()
    hub.disconnect(reader, [cast.room.pk])


async def test_a_room_is_kept_a_while_for_who_comes_back_and_then_forgotten(
    hub: Hub, cast: Cast, clock: Clock
) -> None:
    reader = await following(hub, cast.room, cast.bob)
    holds = await head_of(cast.room)
    await clock.advance(16)
    hub.disconnect(reader, [cast.room.pk])
    hub.publish((await posted(cast, 1)).items)
    back = Reader(cast.bob.pk)
    assert hub.follow(back, cast.room.pk, holds)
    assert texts(back) == ["0"]
    hub.disconnect(back, [cast.room.pk])
    await clock.advance(31)
    assert not hub.follow(back, cast.room.pk, holds)


async def test_a_room_that_was_only_watched_is_forgotten_too(hub: Hub, cast: Cast, clock: Clock) -> None:
    await hub.watch([cast.room.pk])
    await clock.advance(31)
    assert not hub.follow(Reader(cast.bob.pk), cast.room.pk, 0)


async def test_who_watches_a_room_after_it_was_forgotten_is_served_by_the_layer(
    hub: Hub, cast: Cast, clock: Clock
) -> None:
    reader = await following(hub, cast.room, cast.bob)
    hub.disconnect(reader, [cast.room.pk])
    await clock.advance(31)
    back = await following(hub, cast.room, cast.bob)
    await over_the_layer(cast.room, (await posted(cast, 1)).items)
    await back.has(1)


async def over_the_layer(room: Room, items: Sequence[envelope.Item]) -> None:
    layer = get_channel_layer()
    assert layer is not None
    group = group_of(room.pk, conf.get().HUB_SHARD_COUNT)
    await layer.group_send(group, envelope.pack(items, "other"))


async def test_what_another_process_sends_is_served(hub: Hub, cast: Cast) -> None:
    reader = await following(hub, cast.room, cast.bob)
    carol = Reader(cast.carol.pk)
    hub.connect(carol)
    await over_the_layer(cast.room, (await posted(cast, 2)).items)
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(EVERYBODY, envelope.pack([Joined(cast.room.pk, (cast.carol.pk,))], "other"))
    await reader.has(2)
    assert texts(reader) == ["0", "1"]
    await carol._until(lambda: carol.joined == [cast.room.pk])


@pytest.mark.parametrize("way", ["hole", "repair"])
async def test_while_the_database_is_away_a_room_waits_and_then_goes_on(
    hub: Hub, cast: Cast, clock: Clock, way: str
) -> None:
    reader = await following(hub, cast.room, cast.bob)
    await posted(cast, 1)
    items = (await posted(cast, 1)).items
    async with database_away() as away:
        if way == "hole":
            hub.receive(items)
        else:
            await clock.advance(12.5)
        async with asyncio.timeout(10):
            await away.was_asked.wait()
    # A moved clock does not wait for the threads, so a round may come to nothing.
    for _ in range(100):
        if len(reader.frames) == 2:
            break
        await database.run(lambda: None)
        await clock.advance(12.5)
    assert texts(reader) == ["0", "0"]


async def test_when_the_log_is_another_one_everybody_comes_back_to_read_anew(
    hub: Hub, cast: Cast, clock: Clock
) -> None:
    reader = await following(hub, cast.room, cast.bob)
    hub.learn_epoch(await database.run(workspace.epoch))
    await posted(cast, 1)
    await clock.advance(12.5)
    await reader.has(1)
    assert not reader.is_moved
    await database.run(Workspace.objects.filter(pk=1).update, epoch="another")
    for _ in range(100):
        if reader.is_moved:
            break
        await database.run(lambda: None)
        await clock.advance(12.5)
    assert reader.is_moved
    # Nothing of the log before is left for who comes now.
    assert hub.recent(cast.room.pk, 0, 10) is None
    assert not hub.follow(Reader(cast.bob.pk), cast.room.pk, 0)


async def test_a_room_told_in_short_is_read_from_the_log_at_once(cast: Cast, hub: Hub, clock: Clock) -> None:
    reader = await following(hub, cast.room, cast.bob)
    await posted(cast, 3)
    head = await head_of(cast.room)
    hub.receive([Head(cast.room.pk, head)])
    await clock.advance(0.1)
    await reader.has(3)
    assert texts(reader) == ["0", "1", "2"]
    hub.receive([Head(cast.room.pk, head + 5), Head(999_999, 3)])
    await clock.advance(0.1)
    await posted(cast, 1)
    hub.receive([Head(cast.room.pk, head + 1)])
    await clock.advance(0.1)
    await reader.has(4)
