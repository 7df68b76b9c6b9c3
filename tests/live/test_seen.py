from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from chat import database
from chat.live import seen as seen_by
from chat.live.hub import Hub
from chat.live.seen import GATHER_S, Seen
from chat.models import Membership, Room, User
from chat.protocol import limits
from chat.queries import seen as reading
from tests.cast import Cast
from tests.live.clock import Clock
from tests.live.reader import Reader


class House:
    """The cast's room with two readers of it, and what is told of who has read."""

    def __init__(self, hub: Hub, cast: Cast) -> None:
        self.cast = cast
        self.room = cast.room.pk
        self.seen = Seen(hub)
        self.hub = hub
        self.alice, self.bob = Reader(cast.alice.pk), Reader(cast.bob.pk)

    async def start(self) -> None:
        """Follow the room."""
        await self.hub.watch([self.room])
        for reader in (self.alice, self.bob):
            assert self.hub.follow(reader, self.room, self.cast.room.last_seq)

    async def read(self, user: User, msg_no: int) -> None:
        """Move a marker, and say so."""
        await database.run(_move, self.room, user.pk, msg_no)
        self.seen.note([(self.room, user.pk)])


def _move(room: int, user: int, msg_no: int) -> None:
    Membership.objects.filter(room=room, user=user).update(read_msg_no=msg_no)


def _set(model: type[Any], pk: int, **fields: Any) -> None:
    model.objects.filter(pk=pk).update(**fields)


@pytest_asyncio.fixture
async def house(runtime: Any, cast: Cast, clock: Clock) -> AsyncIterator[House]:
    found = House(runtime.hub, cast)
    await found.start()
    yield found
    await found.seen.stop()


def told(reader: Reader) -> list[dict[int, int]]:
    events = [event for event in reader.droppable if event["type"] == "seen"]
    return [{one["user"]: one["msg_no"] for one in event["readers"]} for event in events]


async def test_what_is_read_within_a_second_is_told_together(house: House, clock: Clock) -> None:
    mina, jiwoo = house.cast.mina, house.cast.jiwoo
    for msg_no in range(1, 6):
        await house.read(mina, msg_no)
    await house.read(jiwoo, 3)
    assert told(house.bob) == []
    await clock.advance(GATHER_S * 1.5)
    await house.bob.has_droppable(1)
    assert told(house.bob) == told(house.alice) == [{mina.pk: 5, jiwoo.pk: 3}]
    assert house.bob.droppable[0]["room"] == house.room


async def test_what_is_read_later_is_told_later(house: House, clock: Clock) -> None:
    await house.read(house.cast.mina, 1)
    await clock.advance(GATHER_S * 1.5)
    await house.bob.has_droppable(1)
    await house.read(house.cast.mina, 2)
    await clock.advance(GATHER_S * 1.5)
    await house.bob.has_droppable(2)
    assert told(house.bob) == [{house.cast.mina.pk: 1}, {house.cast.mina.pk: 2}]


async def test_who_hides_it_is_not_told_of_and_not_told(house: House, clock: Clock) -> None:
    await database.run(_set, User, house.cast.bob.pk, hides_reading=True)
    await house.read(house.cast.bob, 2)
    await house.read(house.cast.mina, 1)
    await clock.advance(GATHER_S * 1.5)
    await house.alice.has_droppable(1)
    assert told(house.alice) == [{house.cast.mina.pk: 1}]
    assert told(house.bob) == []


async def test_bots_are_not_told_of(house: House, clock: Clock) -> None:
    await house.read(house.cast.beep, 2)
    await house.read(house.cast.mina, 1)
    await clock.advance(GATHER_S * 1.5)
    await house.alice.has_droppable(1)
    assert told(house.alice) == [{house.cast.mina.pk: 1}]


async def test_a_room_that_does_not_show_it_tells_nothing(
    house: House, clock: Clock, asked: list[list[int]]
) -> None:
    await database.run(_set, Room, house.room, seen=False)
    await house.read(house.cast.mina, 1)
    await clock.advance(GATHER_S * 1.5)
    assert asked == [[house.room]]
    assert told(house.alice) == []


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The rooms of which the database was asked, each time."""
    found: list[list[int]] = []
    real = reading.moved

    def moved(read: Any) -> Any:
        found.append(list(read))
        return real(read)

    monkeypatch.setattr(reading, "moved", moved)
    return found


async def test_a_large_room_is_asked_about_once_a_minute(
    house: House, clock: Clock, asked: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SEEN_SHOWN_MAX_COUNT", 3)
    for msg_no in range(1, 4):
        await house.read(house.cast.mina, msg_no)
        await clock.advance(GATHER_S * 1.5)
    assert asked == [[house.room]]
    assert told(house.alice) == []
    await clock.advance(60)
    await house.read(house.cast.mina, 4)
    await clock.advance(GATHER_S * 1.5)
    assert asked == [[house.room]] * 2


async def test_more_readers_than_a_small_room_has_need_no_question(
    house: House, clock: Clock, asked: list[list[int]]
) -> None:
    house.seen.note((house.room, user) for user in range(1, limits.SEEN_SHOWN_MAX_COUNT + 2))
    await clock.advance(GATHER_S * 1.5)
    assert asked == []


async def test_many_rooms_are_asked_about_in_rounds_and_not_all_wait(
    house: House, clock: Clock, asked: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_by, "_ROOMS_COUNT", 3)
    monkeypatch.setattr(seen_by, "_WAITING_COUNT", 5)
    house.seen.note((room, 1) for room in range(1_001, 1_011))
    await clock.advance(GATHER_S * 1.5)
    assert asked == [[1_001, 1_002, 1_003]]
    await clock.advance(GATHER_S * 1.5)
    assert asked == [[1_001, 1_002, 1_003], [1_004, 1_005]]
    await clock.advance(GATHER_S * 3)
    assert len(asked) == 2


async def test_a_question_that_fails_is_asked_no_more_and_the_next_one_is(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[object] = []

    def fail(read: Any) -> Any:
        failures.append(read)
        raise RuntimeError("away")

    with monkeypatch.context() as broken:
        broken.setattr(reading, "moved", fail)
        await house.read(house.cast.mina, 1)
        await clock.advance(GATHER_S * 1.5)
    assert len(failures) == 1
    await house.read(house.cast.mina, 2)
    await clock.advance(GATHER_S * 1.5)
    await house.alice.has_droppable(1)
    assert told(house.alice) == [{house.cast.mina.pk: 2}]
