"""The table of docs/reliability.md: what the last full run of each row came to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.services.process import ROOT
from tests.faults.checker import Figures

PAGE = ROOT / "docs" / "reliability.md"
_BEGIN = "<!-- faults: generated -->"
_END = "<!-- end -->"
_HEAD = (
    "| fault | what happens | seeds | messages sent | lost | doubled | out of order | worst recovery, s "
    "| peak memory of a web process, MB | all kept? |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n"
)


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    id: str
    title: str
    seeds_count: int
    failed: tuple[int, ...]
    figures: tuple[Figures, ...]

    def __str__(self) -> str:
        figures = self.figures
        recovery_s = max((found.recovery_worst_s or 0 for found in figures), default=0)
        peak_bytes = max((found.peak_rss_bytes or 0 for found in figures), default=0)
        kept = "yes" if not self.failed else f"**no**: seeds {', '.join(map(str, self.failed))}"
        cells = (
            self.id,
            self.title,
            str(self.seeds_count),
            f"{sum(found.sent_count for found in figures):,}",
            str(sum(found.lost_count for found in figures)),
            str(sum(found.doubled_count for found in figures)),
            str(sum(found.disordered_count for found in figures)),
            f"{recovery_s:.1f}",
            f"{peak_bytes / 1_000_000:.0f}",
            kept,
        )
        return f"| {' | '.join(cells)} |"


def write(lines: Iterable[Line], page: Path = PAGE) -> None:
    """Put these rows into the table; rows of earlier runs stay as they are."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    if _BEGIN not in text:
        text = f"{text.rstrip()}\n\n{_BEGIN}\n{_END}\n".lstrip()
    before, rest = text.split(_BEGIN, 1)
    old, after = rest.split(_END, 1)
    rows = {found[1]: found[0] for found in re.finditer(r"^\| (F-[\w+-]+) \|.*$", old, re.MULTILINE)}
    rows |= {line.id: str(line) for line in lines}
    table = _HEAD + "".join(f"{rows[name]}\n" for name in sorted(rows))
    page.write_text(f"{before}{_BEGIN}\n{table}{_END}{after}", encoding="utf-8")
