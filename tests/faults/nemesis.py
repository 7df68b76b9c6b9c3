"""One run of one row: steady traffic, the fault, traffic, the healing, traffic, the end, the verdict."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import history as told
from tests.faults.checker import Figures, Violation, check, figures, unchecked
from tests.faults.company import Company
from tests.faults.dump import Dump, read_dump
from tests.faults.history import History
from tests.faults.meter import look
from tests.faults.parts import Part
from tests.faults.rows import Fault
from tests.faults.scene import Scene
from tests.faults.world import World

_SAMPLE_S = 0.1
# A run that takes longer hangs; each wait in it has its own, shorter bound.
_RUN_MAX_S = 240.0


@dataclass
class Outcome:
    """What a run came to."""

    fault: Fault
    seed: int
    violations: list[Violation]
    unchecked: dict[str, str]
    figures: Figures
    history: History
    dump: Dump

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept."""
        return not self.violations

    def report(self) -> str:
        """Return the violations as lines, a few of each check."""
        lines = [f"{self.fault.id} seed {self.seed}: {len(self.violations)} violations"]
        for name in dict.fromkeys(violation.check for violation in self.violations):
            found = [violation for violation in self.violations if violation.check == name]
            lines += [f"  {violation}" for violation in found[:5]]
            lines += [f"  {name}: and {len(found) - 5} more"] if len(found) > 5 else []
        return "\n".join(lines)

    def keep(self, world: World, folder: Path) -> Path:
        """Write the history and the logs of a run into a folder of its own; return it."""
        kept = folder / f"{self.fault.id}-{self.seed}"
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        self.history.write(kept / "history.jsonl")
        (kept / "report.txt").write_text(self.report() + "\n", encoding="utf-8")
        for log in world.logs():
            shutil.copyfile(log, kept / log.name)
        return kept


async def run_fault(world: World, fault: Fault, seed: int) -> Outcome:
    """Run a row once in a whole world, and leave a whole world."""
    history = History()
    rng = random.Random(f"{fault.id} {seed}")
    failures: list[Violation] = []
    company = Company(world, history, rng)
    scene = Scene(world, company, history, rng)
    async with _measured(world, history):
        try:
            async with asyncio.timeout(_RUN_MAX_S):
                async with company:
                    await _play(scene, fault, failures)
        except Exception as error:
            failures.append(Violation("run", f"{type(error).__name__}: {error}"))
        with suppress(Exception):
            # What this does not put right the next run, or the caller, tells of.
            await world.heal()
    dump = await asyncio.to_thread(read_dump, world.rows, company.rooms.values())
    failures += [Violation("row", text) for text in scene.remarks]
    return Outcome(
        fault,
        seed,
        [*failures, *check(history, dump, fault.bounds)],
        unchecked(history, fault.bounds),
        figures(history, dump),
        history,
        dump,
    )


async def _play(scene: Scene, fault: Fault, failures: list[Violation]) -> None:
    company, history = scene.company, scene.history
    before, during, after = fault.sends
    company.begin()
    await company.answered(before)
    strike = asynccontextmanager(fault.strike)
    history.note(told.FaultBegan, fault=fault.id)
    async with strike(scene):
        await asyncio.gather(asyncio.sleep(fault.lasts_s), company.answered(during))
    history.note(told.FaultHealed, fault=fault.id)
    await company.answered(after)
    await company.finish()
    failures += [Violation("C5", text) for text in await company.quiet()]
    await scene.afterwards()
    await company.list_all()


@asynccontextmanager
async def _measured(world: World, history: History) -> AsyncIterator[None]:
    parts: list[Part[Any]] = [*world.webs, world.redis]

    async def watch() -> None:
        while True:
            for part in parts:
                sample = look(part.pid) if part.is_running else None
                if sample is not None:
                    history.note(
                        told.Measured,
                        process=part.name,
                        pid=part.pid,
                        rss_bytes=sample.rss_bytes,
                        descriptors_count=sample.descriptors_count,
                    )
            await asyncio.sleep(_SAMPLE_S)

    watching = asyncio.get_running_loop().create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
