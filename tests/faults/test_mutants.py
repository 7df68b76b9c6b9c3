from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from tests.faults.checks.case import Bounds
from tests.faults.history import Nacked
from tests.faults.mutants import MUTANTS
from tests.faults.nemesis import Outcome, run_fault
from tests.faults.rows import Fault, Strike
from tests.faults.scene import Scene
from tests.faults.sizes import IS_FULL
from tests.faults.tab import Tab
from tests.faults.world import world
from tests.flows.client import Refusal

pytestmark = pytest.mark.slow

_SEED = 1
# As promised for a message whose envelope was lost without a sign.
_QUIET_S = 16.0
_NEW_ROOMS_COUNT = 40


async def kill_while_answers_are_out(scene: Scene) -> AsyncIterator[None]:
    web = scene.world.webs[0]
    await scene.company.answered(20)
    await web.kill()
    yield
    await web.start()


async def lose_answers(scene: Scene) -> AsyncIterator[None]:
    # What is sent arrives and is stored; the answers never come, and then the connections break.
    link = scene.world.links["client>nginx"]
    for _ in range(3):
        link.drop("to_client")
        await asyncio.sleep(0.3)
        link.heal(is_reset=True)
        await scene.company.answered(10)
    yield


async def lose_envelopes(scene: Scene) -> AsyncIterator[None]:
    writer, _ = await _quiet_room(scene)
    link = scene.world.links["web-1>redis"]
    link.drop("to_client")
    await writer.say(scene.company.rooms["quiet"], "nobody tells you")
    link.heal(is_reset=True)
    yield


async def swap_envelopes(scene: Scene) -> AsyncIterator[None]:
    yield


async def come_while_somebody_writes(scene: Scene) -> AsyncIterator[None]:
    company, world = scene.company, scene.world
    first, second = company.people[8:10]
    rooms = []
    for number in range(_NEW_ROOMS_COUNT):
        rooms.append(await world.room(first, second, name=f"New {number}"))
        company.rooms[f"new-{number}"] = rooms[-1]
    writer = await company.join("here", first, 0)
    # Its process hears of the rooms for the first time.
    reader = Tab("there", second, [world.url(1)], scene.history)
    company.tabs[reader.name] = reader
    reader.come()
    await company.until(lambda: reader.connections_count > 0)

    async def say(number: int) -> None:
        await asyncio.sleep(0.025 * number)
        await writer.say(rooms[number], "one of many")

    await asyncio.gather(*(say(number) for number in range(_NEW_ROOMS_COUNT)))
    await reader.synced()
    late = []
    for room in rooms:
        try:
            await reader.reads(room, writer.cursors[room], 1)
        except TimeoutError:
            late.append(room)
    scene.expect(not late, f"{len(late)} of {len(rooms)} rooms were not read to their end")
    yield


async def write_in_one_room_from_everywhere(scene: Scene) -> AsyncIterator[None]:
    # Both web processes are between their numbers and their COMMIT most of the time.
    company = scene.company
    tabs = await _quiet_room(scene)

    async def go_on(tab: Tab) -> None:
        count = 0
        while not company.is_over:
            count += 1
            with suppress(Refusal):
                await tab.say(company.rooms["quiet"], f"{tab.name} {count}")

    for tab in tabs:
        company.does(go_on(tab))
    await company.answered(60)
    refused = Counter(event.code for event in scene.history.of(Nacked))
    scene.expect(not refused, f"posts were refused for no reason of theirs: {dict(refused)}")
    yield


async def _quiet_room(scene: Scene) -> tuple[Tab, Tab]:
    # Two people on two web processes in a room where nothing comes after what was lost.
    company = scene.company
    company.quiet_s = _QUIET_S
    first, second = company.people[8:10]
    company.rooms["quiet"] = await scene.world.room(first, second, name="Quiet")
    return await company.join("here", first, 0), await company.join("there", second, 1)


@dataclass(frozen=True)
class Run:
    """What shows a planted fault, and which checks may see it; one of them must."""

    strike: Strike
    checks: set[str]
    settings: Mapping[str, str] = field(default_factory=dict)
    # Planted when the rooms have been made, because nobody could make any.
    is_late: bool = False


async def play(mutant: str | None, run: Run) -> Outcome:
    """Let people write in a world with a planted fault, and let happen what must show it."""

    async def plant_and_strike(scene: Scene) -> AsyncIterator[None]:
        if mutant is not None and run.is_late:
            await scene.world.plant(mutant)
            await scene.company.answered(10)
        async with asynccontextmanager(run.strike)(scene):
            yield

    fault = Fault("F-mutant", str(mutant), plant_and_strike, 0.0, Bounds(delivery_s=3))
    planted = None if run.is_late else mutant
    async with world(settings=run.settings, mutant=planted) as whole:
        return await run_fault(whole, fault, _SEED)


_RUNS = {
    "ack_before_commit": Run(kill_while_answers_are_out, {"C1"}, is_late=True),
    "no_dedupe": Run(lose_answers, {"C2"}),
    "no_reconcile": Run(lose_envelopes, {"C5"}),
    # Two processes draw the same seq, and the primary key of the log refuses the second one: nothing is lost or
    # doubled, but who has drawn in vain three times is refused.
    "no_room_lock": Run(
        write_in_one_room_from_everywhere, {"row"}, {"FAILPOINTS": "commit.before=pause:0.1"}
    ),
    "publish_out_of_order": Run(swap_envelopes, {"C4", "C6"}),
    "read_before_watch": Run(come_while_somebody_writes, {"row"}),
}


def test_every_mutant_has_its_run() -> None:
    assert set(_RUNS) == set(MUTANTS)


# The others take longer than a selection may: only with FAULTS=full.
_SMOKE = {"ack_before_commit", "no_dedupe", "publish_out_of_order"}


@pytest.mark.parametrize("mutant", sorted(_RUNS if IS_FULL else _SMOKE))
async def test_a_planted_fault_is_seen(mutant: str) -> None:
    checks = _RUNS[mutant].checks
    outcome = await play(mutant, _RUNS[mutant])
    seen = {violation.check for violation in outcome.violations}
    assert "run" not in seen, outcome.report()
    assert seen & checks, f"nothing of {sorted(checks)} was seen: {outcome.report()}"


@pytest.mark.skipif(not IS_FULL, reason="each of them once more: only with FAULTS=full")
@pytest.mark.parametrize("mutant", sorted(_RUNS))
async def test_the_same_run_of_a_server_without_it_is_good(mutant: str) -> None:
    outcome = await play(None, _RUNS[mutant])
    assert outcome.is_good, outcome.report()
