"""`python -m bench`: play what ONLY, PEERS, REPEATS and SECONDS ask for (bench/README.md)."""

from __future__ import annotations

import os
import sys

from bench import headline, machine, plan, results, run, table, tools
from bench.connections import CONNECTIONS
from bench.reads import READS
from bench.rooms import ROOMS
from bench.servers import SERVERS
from bench.several import SEVERAL
from bench.writes import WRITES
from scripts import programs, steps

WORKLOADS = {workload.letter: workload for workload in (*ROOMS, *CONNECTIONS, *WRITES, *SEVERAL, *READS)}


_TRIED = tools.HOME / "results"


def _publish(found: list[results.Result]) -> None:
    """Put what was measured in the place of what stood there, and write tables and plots anew."""
    results.write(found, results.PUBLISHED)
    everything = results.read(results.PUBLISHED)
    table.write(everything, headline.documents(everything))
    steps.call(
        [str(tools.plotter()), "-m", "bench.plots", str(results.PUBLISHED), str(tools.PLOTS)],
        what="the plots",
    )
    print(
        "\nwritten: bench/results/, bench/RESULTS.md, bench/plots/ and the tables in README.md and README.ko.md"
    )


def main() -> None:
    """Measure and write it down."""
    wanted = plan.read(os.environ, WORKLOADS)
    if "f" in wanted.chosen:
        programs.require(nginx=True)
    tools.build(for_node=any(SERVERS[name].needs_node for name in wanted.servers))
    if machine.cores().are_shared:
        print(
            "maru: one core only: server and load generator share it, the figures say little", file=sys.stderr
        )
    chosen = {letter: WORKLOADS[letter] for letter in wanted.chosen}
    found, problems = run.play(wanted, chosen)
    if wanted.is_whole or os.environ.get("PUBLISH"):
        _publish(found)
    else:
        results.write(found, _TRIED)
        table.write(found, {}, _TRIED / "RESULTS.md")
        print(
            f"\n{_TRIED.relative_to(tools.ROOT)}/RESULTS.md has the tables; the published figures stay as they are"
        )
    for problem in problems:
        print(f"maru: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
