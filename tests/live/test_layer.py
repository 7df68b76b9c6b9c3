import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from channels.layers import channel_layers, get_channel_layer

from chat import metrics
from chat.live import envelope
from chat.live.envelope import Head, Item, Joined, Lease, RoomChanges, RoomEvent, SharedEvent, SignedOut
from chat.live.layer import EVERYBODY, Layer, by_group, group_of
from tests.live.carrier import Carrier
from tests.live.clock import Clock

CHANGES = RoomChanges(5, 1, (b"{}",))


@pytest.fixture
def carrier(settings: Any) -> Carrier:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "tests.live.carrier.Carrier"}}
    channel_layers.backends.clear()
    made = get_channel_layer()
    assert isinstance(made, Carrier)
    return made


@pytest_asyncio.fixture
async def layer(carrier: Carrier, clock: Clock) -> AsyncIterator[Layer]:
    made = Layer(shard_count=4)
    await made.start()
    yield made
    carrier.held.set()
    await made.stop()
    channel_layers.backends.clear()


def value(counter: Any) -> float:
    found: float = counter.collect()[0].samples[0].value
    return found


async def turns() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def seconds(clock: Clock, count: int) -> None:
    for _ in range(count):
        await clock.advance(1.01)


def is_degraded(layer: Layer) -> bool:
    return layer.is_degraded


def received(layer: Layer) -> list[Item]:
    found: list[Item] = []
    layer.on_items = found.extend
    return found


def test_items_of_rooms_go_to_the_groups_of_their_shards() -> None:
    items: list[Item] = [
        CHANGES,
        RoomEvent(9, b"{}"),
        Joined(5, (1,)),
        RoomChanges(6, 1, (b"{}",)),
        SharedEvent(9, b"{}", (1,)),
    ]
    assert by_group(items, 4) == {
        group_of(5, 4): [CHANGES, items[1], items[4]],
        EVERYBODY: [items[2]],
        group_of(6, 4): [items[3]],
    }


def test_items_of_many_rooms_leave_together_in_their_order() -> None:
    items: list[Item] = [Joined(5, (1,)), *(RoomChanges(room, 1, (b"{}",)) for room in range(4, 40))]
    assert by_group(items, 64) == {EVERYBODY: items}


async def test_what_others_send_to_a_joined_room_arrives(carrier: Carrier, layer: Layer) -> None:
    found = received(layer)
    await carrier.group_send(group_of(5, 4), envelope.pack([CHANGES], "other"))
    await turns()
    assert found == []
    await layer.join([5])
    await carrier.group_send(group_of(5, 4), envelope.pack([CHANGES], "other"))
    await carrier.group_send(EVERYBODY, envelope.pack([Joined(5, (1,))], "other"))
    await turns()
    assert found == [CHANGES, Joined(5, (1,))]


async def test_ones_own_envelopes_are_not_taken_twice(carrier: Carrier, layer: Layer) -> None:
    found = received(layer)
    await layer.join([5])
    layer.publish([CHANGES])
    await turns()
    assert [group for group, _ in carrier.sent] == [group_of(5, 4)]
    assert found == []


async def test_a_room_is_left_when_no_other_shares_its_group(carrier: Carrier, layer: Layer) -> None:
    await layer.join([5, 9])
    await layer.leave(5)
    assert len(carrier.groups[group_of(5, 4)]) == 1
    await layer.leave(9)
    assert len(carrier.groups[group_of(5, 4)]) == 0
    await layer.leave(13)
    await layer.join([5])
    assert len(carrier.groups[group_of(5, 4)]) == 1


@pytest.mark.parametrize(
    "message", [{"type": "maru.envelope", "from": "x", "items": [["changes", 1]]}, {"type": "x"}, {}]
)
async def test_what_is_not_ours_is_counted_and_the_next_is_read(
    carrier: Carrier, layer: Layer, message: dict[str, Any]
) -> None:
    found, before = received(layer), value(metrics.BAD_ENVELOPES)
    await carrier.group_send(EVERYBODY, message)
    await carrier.group_send(EVERYBODY, envelope.pack([CHANGES], "other"))
    await turns()
    assert value(metrics.BAD_ENVELOPES) == before + 1
    assert found == [CHANGES]


async def test_an_envelope_that_cannot_be_served_does_not_end_the_reading(
    carrier: Carrier, layer: Layer
) -> None:
    found: list[Item] = []

    def take(items: Any) -> None:
        found.extend(items)
        if len(found) == 1:
            raise RuntimeError("broken")

    layer.on_items = take
    for _ in range(2):
        await carrier.group_send(EVERYBODY, envelope.pack([CHANGES], "other"))
    await turns()
    assert found == [CHANGES, CHANGES]


async def test_what_waits_together_leaves_together(carrier: Carrier, layer: Layer) -> None:
    carrier.held.clear()
    layer.publish([CHANGES])
    await turns()
    for seq in range(2, 12):
        layer.publish([RoomChanges(5, seq, (b"{}",))])
    carrier.held.set()
    await turns()
    counts = [len(envelope.unpack(message)[1]) for _, message in carrier.sent]
    assert counts == [1, 10]


async def test_a_full_queue_drops_and_counts(carrier: Carrier, layer: Layer) -> None:
    carrier.held.clear()
    layer.publish([CHANGES])
    await turns()
    before = value(metrics.PUBLISH_DROPPED)
    for _ in range(1_005):
        layer.publish([CHANGES])
    assert value(metrics.PUBLISH_DROPPED) == before + 5


async def test_after_three_failures_it_is_not_tried_for_a_second(
    carrier: Carrier, layer: Layer, clock: Clock
) -> None:
    carrier.is_cut = True
    for _ in range(6):
        layer.publish([CHANGES])
        await turns()
    assert carrier.tries == 3
    assert is_degraded(layer)
    carrier.is_cut = False
    await clock.advance(1.01)
    layer.publish([CHANGES])
    await turns()
    assert carrier.tries == 4
    assert len(carrier.sent) == 1


async def test_a_send_that_hangs_holds_up_the_next_for_two_seconds_at_most(
    carrier: Carrier, layer: Layer, clock: Clock
) -> None:
    carrier.held.clear()
    layer.publish([CHANGES])
    await turns()
    layer.publish([CHANGES])
    await clock.advance(2.1)
    assert carrier.tries == 2
    assert is_degraded(layer)


async def hear(carrier: Carrier, **more: bool) -> None:
    await carrier.group_send(EVERYBODY, {**envelope.pack([], "other"), **more})
    await turns()


async def test_another_process_that_falls_silent_is_missed_and_in_the_end_forgotten(
    carrier: Carrier, layer: Layer, clock: Clock
) -> None:
    changed: list[bool] = []
    layer.on_link_changed = lambda: changed.append(layer.misses_somebody)
    for _ in range(5):
        await hear(carrier)
        await seconds(clock, 1)
    assert not layer.misses_somebody
    await seconds(clock, 3)
    assert (layer.misses_somebody, changed) == (True, [True])
    assert not is_degraded(layer)
    await hear(carrier)
    await seconds(clock, 1)
    assert not layer.misses_somebody
    await seconds(clock, 62)
    assert (layer.misses_somebody, changed) == (False, [True, True])


async def test_who_leaves_in_order_is_not_missed(carrier: Carrier, layer: Layer, clock: Clock) -> None:
    await hear(carrier)
    await hear(carrier, leaves=True)
    await seconds(clock, 5)
    assert not layer.misses_somebody


async def test_two_processes_hear_that_the_other_lives_and_that_it_ends(
    carrier: Carrier, layer: Layer, clock: Clock
) -> None:
    other = Layer(shard_count=4)
    await other.start()
    await seconds(clock, 10)
    assert (layer.misses_somebody, other.misses_somebody) == (False, False)
    await other.stop()
    await turns()
    await seconds(clock, 5)
    assert not layer.misses_somebody


async def test_a_link_that_swallows_the_probe_is_degraded_and_comes_back(
    carrier: Carrier, layer: Layer, clock: Clock
) -> None:
    changed: list[bool] = []
    layer.on_link_changed = lambda: changed.append(layer.is_degraded)
    await seconds(clock, 5)
    assert not is_degraded(layer)
    carrier.is_mute = True
    await seconds(clock, 2)
    assert not is_degraded(layer)
    await seconds(clock, 2)
    assert is_degraded(layer)
    carrier.is_mute = False
    await seconds(clock, 3)
    assert not is_degraded(layer)
    assert changed == [True, False]


async def test_groups_that_could_not_be_joined_are_joined_when_it_is_back(
    carrier: Carrier, layer: Layer, clock: Clock
) -> None:
    carrier.is_cut = True
    await layer.join([5])
    assert is_degraded(layer)
    carrier.is_cut = False
    # Not whole without the room's group, whatever the probe says.
    assert carrier.groups[group_of(5, 4)] == set()
    await seconds(clock, 3)
    assert len(carrier.groups[group_of(5, 4)]) == 1
    assert not is_degraded(layer)


async def test_while_degraded_nobody_waits_to_join(carrier: Carrier, layer: Layer) -> None:
    carrier.is_cut = True
    await layer.join([5])
    carrier.is_cut = False
    await layer.join([6])
    assert carrier.groups[group_of(6, 4)] == set()


async def test_a_layer_that_is_not_there_at_the_start_is_taken_up_later(
    carrier: Carrier, clock: Clock
) -> None:
    carrier.is_cut = True
    layer = Layer(shard_count=4)
    await layer.start()
    found = received(layer)
    await layer.join([5])
    assert is_degraded(layer)
    carrier.is_cut = False
    await seconds(clock, 3)
    assert not is_degraded(layer)
    await carrier.group_send(group_of(5, 4), envelope.pack([CHANGES], "other"))
    await turns()
    assert found == [CHANGES]
    await layer.stop()


async def test_stopping_leaves_the_groups(carrier: Carrier, layer: Layer) -> None:
    await layer.join([5])
    await layer.stop()
    assert all(not channels for channels in carrier.groups.values())


async def test_alone_nothing_is_sent_anywhere(clock: Clock) -> None:
    channel_layers.backends.clear()
    layer = Layer(shard_count=4)
    await layer.start()
    layer.publish([CHANGES])
    await seconds(clock, 5)
    assert not is_degraded(layer)
    await layer.stop()


async def test_what_could_not_be_told_is_told_in_short_when_it_can_be(
    carrier: Carrier, layer: Layer, clock: Clock
) -> None:
    carrier.is_cut = True
    layer.publish([CHANGES, RoomEvent(5, b"{}"), SignedOut(3, "proof"), Lease("x", 1, ())])
    await turns()
    layer.publish([RoomChanges(5, 2, (b"{}", b"{}")), RoomChanges(6, 9, (b"{}",)), Joined(6, (1,))])
    await seconds(clock, 4)
    assert is_degraded(layer)
    carrier.is_cut = False
    await seconds(clock, 4)
    assert not is_degraded(layer)
    told = [item for _, message in carrier.sent for item in envelope.unpack(message)[1]]
    assert sorted(told, key=repr) == sorted(
        [SignedOut(3, "proof"), Joined(6, (1,)), Head(5, 3), Head(6, 9)], key=repr
    )
    await seconds(clock, 3)
    assert len([item for _, message in carrier.sent for item in envelope.unpack(message)[1]]) == len(told)


async def test_what_found_the_queue_full_is_told_in_short_too(
    carrier: Carrier, layer: Layer, clock: Clock
) -> None:
    carrier.held.clear()
    for seq in range(1, 2_000):
        layer.publish([RoomChanges(5, seq, (b"{}",))])
    carrier.held.set()
    await seconds(clock, 2)
    told = [item for _, message in carrier.sent for item in envelope.unpack(message)[1]]
    assert Head(5, 1_999) in told
