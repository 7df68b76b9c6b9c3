"""The tables of results: all of it in bench/RESULTS.md, the headline in both READMEs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figures
from bench.results import Result, Row
from scripts.steps import ROOT

PAGE = ROOT / "bench" / "RESULTS.md"
BEGIN, END = "<!-- bench: generated -->", "<!-- end -->"
NOTHING = "–"


_HEAD = """\
# Results

Written by `make bench`; [README.md](README.md) tells how it is measured and how to read it. Everything of one workload
was measured in one run on one machine. CPU is user and system time of the server's own process: for each delivery, in
(d) for each handshake, in (e) for each message, in (g) for each request. What stands beside Maru stores nothing and
checks nothing. Figures are medians of the rounds; losses and refusals are those of the worst round.
"""


@dataclass(frozen=True)
class Column:
    """One column: its heading, the figure in it, and what it is multiplied by."""

    heading: str
    figure: str
    scale: float = 1


_LATENCY = (Column("p50 ms", "p50_ms"), Column("p99 ms", "p99_ms"))
_CPU = Column("CPU µs", "cpu_us")
_LOSSES = (Column("lost", "lost"), Column("refused", "refusals"))
_HELPERS = (
    Column("Redis µs", "redis_us"),
    Column("PostgreSQL µs", "postgres_us"),
    Column("nginx µs", "nginx_us"),
)
_SHARES = (Column("server busy %", "server_share", 100), Column("other core busy %", "other_core_share", 100))
_FLOW = (
    Column("messages/s", "messages_s"),
    Column("deliveries/s", "deliveries_s"),
    _CPU,
    *_LATENCY,
    Column("p50 to the last, ms", "last_p50_ms"),
    Column("messages a frame", "per_frame"),
    Column("bytes", "bytes"),
    *_HELPERS,
    *_SHARES,
    Column("memory MB", "rss_mb"),
    *_LOSSES,
)
_ANSWERS = (Column("answer p50 ms", "answer_p50_ms"), Column("answer p99 ms", "answer_p99_ms"))
# Of each workload. A column in which nothing stands is left out.
COLUMNS: dict[str, Sequence[Column]] = {
    "a": _FLOW,
    "b": _FLOW,
    "c": (
        Column("kB each", "kb_each"),
        Column("kB each, later", "kb_each_later"),
        Column("after s", "later_s"),
        Column("memory MB", "rss_mb"),
    ),
    "d": (Column("handshakes/s", "handshakes_s"), _CPU, *_HELPERS, *_SHARES, Column("failed", "failed")),
    "e": (Column("messages/s", "messages_s"), _CPU, *_HELPERS, *_ANSWERS, *_SHARES, *_LOSSES),
    "f": _FLOW,
    "g": (Column("p50 ms", "p50_ms"), Column("p95 ms", "p95_ms"), _CPU, Column("asked", "count")),
}


def number(value: float | None) -> str:
    """Write a figure with three digits; a dash for none."""
    if value is None:
        return NOTHING
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2g}" if abs(value) < 1 else f"{value:.3g}"


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table: the first column is text, the others are numbers."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def section(result: Result) -> str:
    """Write one workload: a table for each of its points."""
    text = [f"## ({result.workload}) {result.title}\n"]
    for point, meaning in result.points.items():
        rows = [row for row in result.rows if row.point == point]
        if rows:
            text.append(f"### {point}: {meaning}\n\n{_table(rows, COLUMNS[result.workload])}")
    text.append(f"{_origin(result)}\n")
    return "\n".join(text)


def page(results: Sequence[Result]) -> str:
    """Write all of bench/RESULTS.md."""
    return "\n".join([_HEAD, *(section(result) for result in results)])


def put(text: str, table: str) -> str:
    """Return a document with the table between its markers. Raises ValueError where there are none."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{table}{END}{after}"


def write(results: Sequence[Result], documents: dict[Path, str], target: Path = PAGE) -> None:
    """Write the page, and the tables of these documents between their markers."""
    target.write_text(page(results), encoding="utf-8")
    for document, table in documents.items():
        document.write_text(put(document.read_text(encoding="utf-8"), table), encoding="utf-8")


def _table(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    known = [(row, _with_refusals(row.figures)) for row in rows]
    shown = [
        column for column in columns if any(figures.get(column.figure) is not None for _, figures in known)
    ]
    lines = []
    for row, figures in known:
        if row.why_not:
            lines.append([f"{row.title}: {row.why_not}", *[NOTHING] * len(shown)])
            continue
        values = (figures.get(column.figure) for column in shown)
        cells = [
            number(value if value is None else value * column.scale)
            for value, column in zip(values, shown, strict=True)
        ]
        lines.append([row.title, *cells])
    return markdown(["server", *(column.heading for column in shown)], lines)


def _with_refusals(figures: Figures) -> Figures:
    # Told to come again, refused for another reason, or not answered: none of them is stored.
    counted = [figures.get(name) for name in ("busy", "refused", "unanswered")]
    if all(value is None for value in counted):
        return figures
    return figures | {"refusals": sum(value or 0 for value in counted)}


def _origin(result: Result) -> str:
    machine = result.machine
    rounds = f"{result.repeats} round{'s' if result.repeats != 1 else ''} of {result.seconds:g} s"
    doubt = (
        f" **Preliminary**: load average before the run {machine['load_before']:g}."
        if result.is_preliminary
        else ""
    )
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items() if number)
    return (
        f"{result.date}, commit {result.commit}, {rounds}. {machine['cpu']}, {machine['cores']} cores,\n"
        f"{machine['memory_gb']} GB, Linux {machine['kernel']}, Python {machine['python']}, Node {machine['node']};\n"
        f"{packages}.{doubt}"
    )
