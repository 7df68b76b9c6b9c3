from typing import Any

import pytest_asyncio

from chat.live.hub import Hub
from chat.live.typing import EXPIRES_S, Typing
from tests.live.clock import Clock
from tests.live.reader import Reader

ROOM, ALICE, BOB = 5, 1, 2


@pytest_asyncio.fixture
async def bob(runtime: Any, clock: Clock) -> Reader:
    reader, hub = Reader(BOB), runtime.hub
    assert isinstance(hub, Hub)
    await hub.watch([ROOM])
    assert hub.follow(reader, ROOM, 0)
    return reader


@pytest_asyncio.fixture
async def typing(runtime: Any, bob: Reader) -> Typing:
    return Typing(runtime.hub)


def seen(reader: Reader) -> list[tuple[int, bool]]:
    return [(event["user"], event["is_typing"]) for event in reader.droppable]


async def test_who_types_is_told_to_the_others_only(typing: Typing, bob: Reader) -> None:
    typing.start(ROOM, ALICE)
    typing.start(ROOM, BOB)
    assert bob.droppable == [{"type": "typing", "room": ROOM, "user": ALICE, "is_typing": True}]


async def test_repeats_are_told_every_two_seconds_at_most(typing: Typing, bob: Reader, clock: Clock) -> None:
    for _ in range(8):
        typing.start(ROOM, ALICE)
        await clock.advance(0.55)
    assert seen(bob) == [(ALICE, True), (ALICE, True)]


async def test_it_is_over_when_no_repeat_comes(typing: Typing, bob: Reader, clock: Clock) -> None:
    typing.start(ROOM, ALICE)
    # Real time counts too: each look is far from an end, so that a machine that stops for a second changes nothing.
    await clock.advance(EXPIRES_S * 2 / 3)
    typing.start(ROOM, ALICE)
    await clock.advance(EXPIRES_S * 2 / 3)
    assert (ALICE, False) not in seen(bob)
    await clock.advance(EXPIRES_S / 2)
    assert seen(bob)[-1] == (ALICE, False)


async def test_it_is_over_when_said_so_and_said_once(typing: Typing, bob: Reader, clock: Clock) -> None:
    typing.start(ROOM, ALICE)
    typing.stop(ROOM, ALICE)
    typing.stop(ROOM, ALICE)
    await clock.advance(EXPIRES_S + 1)
    assert seen(bob) == [(ALICE, True), (ALICE, False)]


async def test_who_never_began_does_not_stop(typing: Typing, bob: Reader) -> None:
    typing.stop(ROOM, ALICE)
    assert bob.droppable == []


async def test_who_begins_again_right_away_is_told_right_away(typing: Typing, bob: Reader) -> None:
    typing.start(ROOM, ALICE)
    typing.stop(ROOM, ALICE)
    typing.start(ROOM, ALICE)
    assert seen(bob) == [(ALICE, True), (ALICE, False), (ALICE, True)]
