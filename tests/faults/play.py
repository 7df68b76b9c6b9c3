"""One row of the catalogue with many seeds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from scripts.services.process import ROOT
from tests.faults import table
from tests.faults.checker import Figures
from tests.faults.nemesis import Outcome, run_fault
from tests.faults.rows import Fault, catalogue
from tests.faults.worlds import Worlds

KEPT = ROOT / "var" / "faults"


def play_row(name: str, seeds: Sequence[int]) -> table.Line:
    """Play one row with all seeds, in this process."""
    return asyncio.run(play(catalogue()[name], seeds))


async def play(fault: Fault, seeds: Sequence[int]) -> table.Line:
    """Run a row with each seed, go on after failures, and tell how it went."""
    failed: list[int] = []
    found: list[Figures] = []
    worlds = Worlds()
    try:
        for seed in seeds:
            began_s = time.monotonic()
            outcome = await _once(worlds, fault, seed)
            took_s = time.monotonic() - began_s
            if outcome is None or not outcome.is_good:
                failed.append(seed)
            if outcome is not None:
                found.append(outcome.figures)
            print(f"{fault.id} seed {seed}: {_tell(outcome)} ({took_s:.1f} s)", flush=True)
    finally:
        await worlds.close()
    return table.Line(fault.id, fault.title, len(seeds), tuple(failed), tuple(found))


async def _once(worlds: Worlds, fault: Fault, seed: int) -> Outcome | None:
    try:
        world = await worlds.of(fault)
        outcome = await run_fault(world, fault, seed)
    except Exception as error:
        print(f"{fault.id} seed {seed}: {type(error).__name__}: {error}", flush=True)
        await worlds.close()
        return None
    if not outcome.is_good:
        print(outcome.report(), flush=True)
        print(f"  kept in {outcome.keep(world, KEPT)}", flush=True)
        # What it has left behind must not fail the next one.
        await worlds.close()
    return outcome


def _tell(outcome: Outcome | None) -> str:
    if outcome is None:
        return "FAILED: not played to its end"
    found = outcome.figures
    word = "kept" if outcome.is_good else "FAILED"
    recovery = f"{found.recovery_worst_s or 0:.1f} s to recover"
    return (
        f"{word}, {found.sent_count} sent, {found.lost_count} lost, {found.doubled_count} doubled, {recovery}"
    )
