from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.faults.nemesis import run_fault
from tests.faults.play import KEPT
from tests.faults.rows import Fault, catalogue
from tests.faults.worlds import Worlds

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

# Those that share a world follow each other.
_SMOKE = sorted(
    (fault for fault in catalogue().values() if fault.is_smoke), key=lambda row: (str(row.place), row.id)
)
_SEED = 1


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def worlds() -> AsyncIterator[Worlds]:
    shared = Worlds()
    yield shared
    await shared.close()


@pytest.mark.parametrize("fault", _SMOKE, ids=[fault.id for fault in _SMOKE])
async def test_every_promise_is_kept_through(fault: Fault, worlds: Worlds) -> None:
    world = await worlds.of(fault)
    outcome = await run_fault(world, fault, _SEED)
    if not outcome.is_good:
        kept = outcome.keep(world, KEPT)
        await worlds.close()
        pytest.fail(f"{outcome.report()}\n  kept in {kept}", pytrace=False)
    assert outcome.figures.sent_count >= sum(fault.sends) / 2
