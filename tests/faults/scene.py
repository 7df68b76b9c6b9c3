"""What a row of the catalogue has in hand."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.faults.company import Company
from tests.faults.history import History
from tests.faults.parts import Part
from tests.faults.world import World


@dataclass
class Scene:
    """One run of one row."""

    world: World
    company: Company
    history: History
    rng: random.Random
    remarks: list[str] = field(default_factory=list)
    _afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._log_begins = {log: log.stat().st_size for log in self.world.logs()}

    def written(self, part: Part[Any]) -> str:
        """Return what a process has written in this run."""
        return part.log.read_bytes()[self._log_begins.get(part.log, 0) :].decode(errors="replace")

    def expect(self, claim: bool, text: str) -> None:
        """State what is special in this row; what is not so is a violation of the run."""
        if not claim:
            self.remarks.append(text)

    def later(self, deed: Callable[[], Awaitable[None]]) -> None:
        """Do something when the writers have stopped and everybody has read to the end."""
        self._afterwards.append(deed)

    async def afterwards(self) -> None:
        """Do what was left for later."""
        for deed in self._afterwards:
            await deed()
