"""The catalogue: `FAULTS` by id; every module of this package adds its rows with `@row`.

See the package above for how to write one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.checks.case import Bounds
from tests.faults.scene import Scene

Strike = Callable[[Scene], AsyncIterator[None]]


@dataclass(frozen=True)
class Fault:
    """One row: how it is injected and healed, and what it may cost."""

    id: str
    title: str
    strike: Strike
    # How long it lasts at least; the answers of sends[1] may take longer.
    lasts_s: float
    bounds: Bounds
    database: Literal["sqlite", "postgres"] = "postgres"
    webs: int = 2
    settings: Mapping[str, str] = field(default_factory=dict)
    mutant: str | None = None
    # How many answers to wait for before, during and after it.
    sends: tuple[int, int, int] = (40, 40, 40)
    is_smoke: bool = False

    @property
    def place(self) -> tuple[object, ...]:
        """What its world is made of: rows with the same share one."""
        return (self.database, self.webs, tuple(sorted(self.settings.items())), self.mutant)


FAULTS: dict[str, Fault] = {}


def row(
    id: str,  # noqa: A002 - what the catalogue calls it
    title: str,
    *,
    lasts_s: float = 0.0,
    bounds: Bounds | None = None,
    database: Literal["sqlite", "postgres"] = "postgres",
    webs: int = 2,
    settings: Mapping[str, str] | None = None,
    sends: tuple[int, int, int] = (40, 40, 40),
    is_smoke: bool = False,
) -> Callable[[Strike], Strike]:
    """Put a row into the catalogue; the function is the fault up to its `yield`, and the healing behind it.

    Args:
        lasts_s: how long the fault lasts at least.
        database, webs, settings: the world; settings are the environment of its web processes.
        sends: how many answers to wait for before, during and after the fault.
        is_smoke: whether `pytest tests/faults` runs it with one seed.
    """

    def add(strike: Strike) -> Strike:
        assert id not in FAULTS, f"{id} is in the catalogue twice"
        FAULTS[id] = Fault(
            id,
            title,
            strike,
            lasts_s,
            bounds or Bounds(),
            database,
            1 if database == "sqlite" else webs,
            settings or {},
            None,
            sends,
            is_smoke,
        )
        return strike

    return add


def catalogue() -> dict[str, Fault]:
    """Return all rows, by id in order."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(FAULTS.items()))
