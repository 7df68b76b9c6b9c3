"""Draws the plots of the READMEs from bench/results: `python -m bench.plots RESULTS PLOTS`, with matplotlib.

Runs in an environment of its own, so it imports nothing of ours but the shape of the results.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from bench import results
from bench.results import Result

_OURS, _OTHERS, _INK, _GRID = "#0f6b5c", "#a9b4c0", "#22272e", "#e3e7eb"
_LINES = ("#0f6b5c", "#5aa897", "#c2571a", "#7a5ea8", "#8a94a0", "#3b6fb6", "#b08d2a")


def main(source: Path, target: Path) -> None:
    """Draw what there are results for."""
    target.mkdir(parents=True, exist_ok=True)
    mpl.rcParams.update(
        {
            "font.family": "DejaVu Sans",
            "font.size": 10,
            "text.color": _INK,
            "axes.edgecolor": _GRID,
            "axes.labelcolor": _INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "xtick.color": _INK,
            "ytick.color": _INK,
            "svg.hashsalt": "maru",
        }
    )
    by_letter = {result.workload: result for result in results.read(source)}
    if big := by_letter.get("a"):
        fan_out(big, target / "fan-out.png")
        latency(big, target / "latency.png")
    if idle := by_letter.get("c"):
        memory(idle, target / "memory.png")


def fan_out(result: Result, path: Path) -> None:
    """Draw the most deliveries a second that each server was seen to make, and its CPU for one."""
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(8, 6.4))
    _bars(top, _most_deliveries(result), "deliveries a second on one core, the most of all rates")
    _bars(
        bottom,
        _values(result, "single", "cpu_us"),
        "µs CPU for a delivery, one frame a message",
        is_less_better=True,
    )
    figure.suptitle("One room of 1,000", fontweight="bold")
    _save(figure, path)


def latency(result: Result, path: Path) -> None:
    """Draw p99 against the rate that is offered."""
    figure, axes = plt.subplots(figsize=(8, 4.2))
    colors = iter(_LINES)
    for server, title in _servers(result):
        known = _delays(result, server)
        if known:
            axes.plot(
                *zip(*known, strict=True), marker="o", linewidth=2, label=title, color=next(colors, _OTHERS)
            )
    axes.set(xscale="log", yscale="log", xlabel="messages a second offered", ylabel="p99 of a delivery, ms")
    axes.set_title(
        "One room of 1,000: a line ends where the server does not follow any more", fontweight="bold"
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.grid(color=_GRID)
    axes.legend(frameon=False, fontsize=8.5)
    _save(figure, path)


def memory(result: Result, path: Path) -> None:
    """Draw the memory of an idle connection."""
    figure, axes = plt.subplots(figsize=(8, 3.6))
    _bars(
        axes,
        _values(result, "idle", "kb_each"),
        "kB for a connection, 2,000 of them idle",
        is_less_better=True,
    )
    _save(figure, path)


def _delays(result: Result, server: str) -> list[tuple[float, float]]:
    """Return p99 at each rate that was offered, ascending."""
    # "single" is a rate of its own for each server.
    single = result.figure("single", server, "messages_s")
    rates = (("idle", 1.0), ("single", single), ("100", 100.0), ("500", 500.0), ("2000", 2_000.0))
    found = ((rate, result.figure(point, server, "p99_ms")) for point, rate in rates)
    return sorted((rate, value) for rate, value in found if rate is not None and value is not None)


def _most_deliveries(result: Result) -> list[tuple[str, str, float]]:
    found = []
    for server, title in _servers(result):
        rates = [result.figure(point, server, "deliveries_s") for point in result.points]
        if known := [rate for rate in rates if rate is not None]:
            found.append((server, title, max(known)))
    return found


def _values(result: Result, point: str, name: str) -> list[tuple[str, str, float]]:
    values = ((server, title, result.figure(point, server, name)) for server, title in _servers(result))
    return [(server, title, value) for server, title, value in values if value is not None]


def _servers(result: Result) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row.server, row.title) for row in result.rows))


def _bars(
    axes: plt.Axes, values: Sequence[tuple[str, str, float]], title: str, *, is_less_better: bool = False
) -> None:
    ordered = sorted(values, key=lambda one: one[2], reverse=is_less_better)
    colors = [_OURS if server.startswith("maru") else _OTHERS for server, _, _ in ordered]
    bars = axes.barh(
        [name for _, name, _ in ordered], [value for _, _, value in ordered], color=colors, height=0.65
    )
    texts = [f"{value:,.0f}" if value >= 100 else f"{value:.1f}" for _, _, value in ordered]
    axes.bar_label(bars, labels=texts, padding=4, fontsize=9)
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(length=0)
    axes.margins(x=0.18)


def _save(figure: plt.Figure, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=144, facecolor="white", metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
