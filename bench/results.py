"""The shape of a result and its file: one JSON file for each workload."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.figures import Figures
from scripts.steps import ROOT

PUBLISHED = ROOT / "bench" / "results"
# Load average up to which a machine counts as quiet.
QUIET = 0.7


@dataclass(frozen=True)
class Row:
    """One server at one point: the figure of all runs and those of each; or why there is none."""

    point: str
    server: str
    title: str
    figures: Figures
    runs: list[Figures]
    why_not: str = ""


@dataclass(frozen=True)
class Result:
    """What was measured of one workload in one run on one machine."""

    workload: str
    title: str
    points: dict[str, str]
    date: str
    commit: str
    machine: dict[str, Any]
    repeats: int
    seconds: float
    rows: list[Row] = field(default_factory=list)

    @property
    def is_preliminary(self) -> bool:
        """Whether it was measured only once, or on a machine that did other things too."""
        return self.repeats < 3 or self.machine["load_before"] > QUIET

    def row(self, point: str, server: str) -> Row | None:
        """Return the row of a server at a point."""
        return next((row for row in self.rows if (row.point, row.server) == (point, server)), None)

    def figure(self, point: str, server: str, name: str) -> float | None:
        """Return one figure; None when it was not measured."""
        row = self.row(point, server)
        return row.figures.get(name) if row else None


def write(results: list[Result], folder: Path) -> None:
    """Write a file for each workload, in place of the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    for result in results:
        text = json.dumps(_rounded(asdict(result)), indent=1, ensure_ascii=False)
        (folder / f"{result.workload}.json").write_text(f"{text}\n", encoding="utf-8")


def read(folder: Path) -> list[Result]:
    """Read all results of a folder, by letter."""
    found = []
    for path in sorted(folder.glob("?.json")):
        fields = json.loads(path.read_text(encoding="utf-8"))
        found.append(Result(**{**fields, "rows": [Row(**row) for row in fields["rows"]]}))
    return found


def _rounded(value: Any) -> Any:
    # Four digits are more than a measurement holds, and make a readable file.
    if isinstance(value, float):
        return float(f"{value:.4g}") if abs(value) < 10_000 else round(value)
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value
