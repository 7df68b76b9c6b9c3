from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from channels.layers import channel_layers, get_channel_layer

from chat import database
from chat.live.envelope import Item, Lease
from chat.live.hub import Hub
from chat.live.layer import Layer
from chat.live.presence import Presence
from chat.models import User
from chat.protocol import codec
from chat.queries import people
from chat.queries.payloads import user as wire_user
from tests.cast import Cast
from tests.live.carrier import Carrier
from tests.live.clock import Clock
from tests.live.reader import Reader

ALICE, BOB, CAROL = 1, 2, 3


class Process:
    """One web process: a hub, its presence, and a reader who knows everybody."""

    def __init__(self) -> None:
        self.hub = Hub(Layer(4))
        self.presence = Presence(self.hub)
        self.reader = Reader(99)

    async def start(self) -> None:
        """Begin."""
        await self.hub.start()
        self.presence.start()
        self.hub.connect(self.reader)

    async def stop(self) -> None:
        """End in order."""
        await self.presence.stop()
        await self.hub.stop()

    def seen(self) -> list[tuple[int, str]]:
        """Return what the reader was told."""
        return [(event["user"], event["status"]) for event in self.reader.droppable]


@pytest_asyncio.fixture
async def carrier(settings: Any) -> AsyncIterator[Carrier]:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "tests.live.carrier.Carrier"}}
    channel_layers.backends.clear()
    found = get_channel_layer()
    assert isinstance(found, Carrier)
    yield found
    channel_layers.backends.clear()


@pytest_asyncio.fixture
async def pair(carrier: Carrier, clock: Clock) -> AsyncIterator[tuple[Process, Process]]:
    processes = Process(), Process()
    for process in processes:
        await process.start()
    await clock.advance(0)
    yield processes
    for process in processes:
        await process.stop()


Pair = tuple[Process, Process]


async def test_who_comes_is_online_here_and_there(pair: Pair, clock: Clock) -> None:
    here, there = pair
    here.presence.arrive(ALICE)
    assert here.seen() == [(ALICE, "online")]
    await clock.advance(0.1)
    assert there.seen() == [(ALICE, "online")]
    assert (here.presence.status(ALICE), there.presence.status(ALICE)) == ("online", "online")
    assert there.presence.status(BOB) == "offline"


async def test_a_reload_does_not_flicker(pair: Pair, clock: Clock) -> None:
    here, there = pair
    here.presence.arrive(ALICE)
    here.presence.depart(ALICE)
    assert here.presence.status(ALICE) == "online"
    await clock.advance(9)
    here.presence.arrive(ALICE)
    await clock.advance(20)
    assert here.seen() == there.seen() == [(ALICE, "online")]


async def test_a_second_device_leaving_changes_nothing(pair: Pair, clock: Clock) -> None:
    here, _ = pair
    here.presence.arrive(ALICE)
    here.presence.arrive(ALICE)
    here.presence.depart(ALICE)
    await clock.advance(20)
    assert here.seen() == [(ALICE, "online")]


async def test_who_leaves_is_offline_after_a_moment_here_and_there(pair: Pair, clock: Clock) -> None:
    here, there = pair
    here.presence.arrive(ALICE)
    await clock.advance(0.1)
    here.presence.depart(ALICE)
    await clock.advance(10.1)
    await clock.advance(0.1)
    assert here.seen() == there.seen() == [(ALICE, "online"), (ALICE, "offline")]


async def test_who_is_on_two_processes_is_online_until_both_are_left(pair: Pair, clock: Clock) -> None:
    here, there = pair
    here.presence.arrive(ALICE)
    there.presence.arrive(ALICE)
    await clock.advance(0.1)
    here.presence.depart(ALICE)
    await clock.advance(10.1)
    await clock.advance(0.1)
    assert here.presence.status(ALICE) == "online"
    there.presence.depart(ALICE)
    await clock.advance(10.1)
    await clock.advance(0.1)
    assert here.presence.status(ALICE) == there.presence.status(ALICE) == "offline"


async def test_a_process_that_falls_silent_is_forgotten_within_twenty_seconds(
    pair: Pair, clock: Clock
) -> None:
    here, there = pair
    here.presence.arrive(ALICE)
    await clock.advance(0.1)
    assert there.presence.status(ALICE) == "online"
    # As when it is killed: no goodbye.
    await here.hub.stop()
    for _ in range(4):
        await clock.advance(5.01)
    assert there.seen() == [(ALICE, "online"), (ALICE, "offline")]


async def test_a_process_that_comes_later_learns_who_is_there(pair: Pair, clock: Clock) -> None:
    here, _ = pair
    here.presence.arrive(ALICE)
    await clock.advance(0.1)
    late = Process()
    await late.start()
    await clock.advance(0.1)
    assert late.presence.status(ALICE) == "online"
    await late.stop()


async def test_many_who_come_together_leave_in_one_lease(pair: Pair, clock: Clock, carrier: Carrier) -> None:
    here, there = pair
    before = len(carrier.sent)
    for user in range(1, 51):
        here.presence.arrive(user)
    await clock.advance(0.1)
    assert len(carrier.sent) == before + 1
    assert len(there.seen()) == 50


async def test_of_many_people_is_told_what_is_known_of_each(
    pair: Pair, clock: Clock, cast: Cast, carrier: Carrier
) -> None:
    here, there = pair
    here.presence.arrive(cast.alice.pk)
    there.presence.arrive(cast.bob.pk)
    await clock.advance(0.1)
    found = await database.run(people.of_user, cast.bob)

    def told() -> dict[str, str]:
        users: Any = codec.decode_own(here.presence.tell_of(found))
        assert [user["id"] for user in users] == list(found.encoded)
        return {user["handle"]: user["status"] for user in users}

    assert told() == {"alice": "online", "bob": "online"} | {
        user["handle"]: "offline" for user in found.users if user["handle"] not in ("alice", "bob")
    }
    carrier.is_cut = True
    for _ in range(25):
        await clock.advance(1.01)
    assert set(told().values()) == {"online", "unknown"}


async def test_an_old_lease_does_not_undo_a_new_one(pair: Pair, clock: Clock) -> None:
    _, there = pair
    there.hub.receive([Lease("other", 5, (ALICE,)), Lease("other", 4, ()), Lease("other", 5, ())])
    assert there.presence.status(ALICE) == "online"
    there.hub.receive([Lease("other", 6, ())])
    assert there.presence.status(ALICE) == "offline"


async def test_without_the_link_who_was_elsewhere_is_unknown_and_not_gone(
    pair: Pair, clock: Clock, carrier: Carrier
) -> None:
    here, there = pair
    here.presence.arrive(ALICE)
    there.presence.arrive(BOB)
    await clock.advance(0.1)
    carrier.is_cut = True
    for _ in range(25):
        await clock.advance(1.01)
    assert there.seen() == [(BOB, "online"), (ALICE, "online"), (ALICE, "unknown")]
    assert there.presence.status(BOB) == "online"
    assert there.presence.status(CAROL) == "unknown"
    carrier.is_cut = False
    for _ in range(12):
        await clock.advance(1.01)
    assert there.seen()[-1] == (ALICE, "online")
    assert there.presence.status(CAROL) == "offline"


async def test_users_are_sent_with_their_status(pair: Pair, clock: Clock) -> None:
    here, _ = pair
    here.presence.arrive(ALICE)
    users = [wire_user(User(pk=pk, handle=str(pk))) for pk in (ALICE, BOB)]
    here.presence.fill_in(users)
    assert [user["status"] for user in users] == ["online", "offline"]


async def test_a_lease_of_ones_own_is_no_news(pair: Pair) -> None:
    here, _ = pair
    items: list[Item] = [Lease(here.hub.layer.instance, 99, (ALICE,))]
    here.hub.receive(items)
    assert here.presence.status(ALICE) == "offline"
