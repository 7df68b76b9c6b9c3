"""Plays a plan: every server of a workload in turn, all of it several times, and tells how far it is."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bench import figures, machine, tools
from bench.grounds import Grounds
from bench.load import Failed
from bench.plan import Measured, Plan, Workload
from bench.results import QUIET, Result, Row
from bench.servers import SERVERS, Server
from scripts.services import NotReady

_Key = tuple[str, str, str]
# Of the core of the load generator; above it the server may not be what limits the figure.
_MOST_BUSY = 0.9


def play(plan: Plan, workloads: dict[str, Workload]) -> tuple[list[Result], list[str]]:
    """Measure; return the results of each workload, and where Maru failed: what a peer could not stands in the table.

    The rounds are the outer loop: servers that are compared are measured close to each other in time.
    """
    runs: dict[_Key, list[figures.Figures]] = defaultdict(list)
    why_not: dict[_Key, str] = {}
    problems: list[str] = []
    turns = [(workload, server) for workload in workloads.values() for server in _servers(workload, plan)]
    load_before = machine.load_average()
    if load_before > QUIET:
        print(f"\nThis machine is busy (load average {load_before:g}): the figures will say little.")
    began = time.monotonic()
    done_s, all_s = 0.0, plan.repeats * sum(workload.lasts_s for workload, _ in turns)
    print(f"\n{len(turns)} times a server and a workload, {plan.repeats} rounds: about {all_s / 60:.0f} min")
    with Grounds() as grounds:
        for number in range(1, plan.repeats + 1):
            for workload, server in turns:
                left_s = (all_s - done_s) * ((time.monotonic() - began) / done_s if done_s else 1)
                print(
                    f"\n[round {number}, {left_s / 60:.0f} min left] ({workload.letter}) {server.title}",
                    flush=True,
                )
                start = time.monotonic()
                try:
                    for measured in workload.measure(grounds, server, replace(plan, round=number)):
                        key = (workload.letter, measured.point, server.name)
                        _note(measured, key, runs, why_not)
                except (Failed, NotReady, OSError) as problem:
                    if server.is_ours:
                        problems.append(f"({workload.letter}) {server.title}: {problem}")
                    print(f"  FAILED: {problem}", flush=True)
                    # Stands in the table wherever no other round gave a figure.
                    for point in filter(lambda point: plan.wants(workload.letter, point), workload.points):
                        why_not.setdefault((workload.letter, point, server.name), f"failed, {problem}")
                print(f"  took {time.monotonic() - start:.0f} s", flush=True)
                done_s += workload.lasts_s
    found = [
        Result(
            workload=workload.letter,
            title=workload.title,
            points=dict(workload.points),
            date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            commit=machine.commit(),
            machine=machine.facts(tools.NODE_MODULES, load_before),
            repeats=plan.repeats,
            seconds=plan.seconds,
            rows=list(_rows(workload, plan, runs, why_not)),
        )
        for workload in workloads.values()
    ]
    return [result for result in found if result.rows], problems


def _servers(workload: Workload, plan: Plan) -> list[Server]:
    return [SERVERS[name] for name in workload.servers if name in plan.servers]


def _note(
    measured: Measured, key: _Key, runs: dict[_Key, list[figures.Figures]], why_not: dict[_Key, str]
) -> None:
    if measured.figures is None:
        why_not[key] = measured.why_not
        print(f"  {measured.point:<14} left out: {measured.why_not}", flush=True)
        return
    runs[key].append(measured.figures | {"load_average": machine.load_average()})
    print(f"  {measured.point:<14} {_short(measured.figures)}", flush=True)


def _rows(
    workload: Workload, plan: Plan, runs: dict[_Key, list[figures.Figures]], why_not: dict[_Key, str]
) -> Iterator[Row]:
    for point in workload.points:
        for server in _servers(workload, plan):
            key = (workload.letter, point, server.name)
            if runs.get(key):
                yield Row(point, server.name, server.title, figures.combined(runs[key]), runs[key])
            elif key in why_not:
                yield Row(point, server.name, server.title, {}, [], why_not[key])


def _short(found: figures.Figures) -> str:
    said = []
    for name, unit in (
        ("deliveries_s", "deliveries/s"),
        ("messages_s", "messages/s"),
        ("handshakes_s", "handshakes/s"),
        ("cpu_us", "µs CPU each"),
        ("kb_each", "kB each"),
        ("p50_ms", "ms p50"),
        ("p95_ms", "ms p95"),
        ("p99_ms", "ms p99"),
        ("last_p50_ms", "ms p50 to the last"),
        ("answer_p99_ms", "ms p99 of the answer"),
        ("lost", "LOST"),
        ("busy", "busy"),
        ("refused", "refused"),
        ("unanswered", "unanswered"),
    ):
        value = found.get(name)
        if value is None or (not value and name in figures.WORST):
            continue
        said.append(f"{value:,.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}")
    generator, core = found.get("generator_share") or 0, found.get("other_core_share") or 0
    if core > _MOST_BUSY:
        said.append(
            f"the other core was busy for {core:.0%} (the load generator for {generator:.0%}): maybe the limit"
        )
    return " · ".join(said)
