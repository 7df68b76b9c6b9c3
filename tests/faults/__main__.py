"""Play the catalogue: all rows with SEEDS (20) seeds each, or those of ONLY=F-01,F-10; SEED=17 plays that one alone.

A run waits more than it computes, so JOBS (2) rows are played at the same time, each in a process and a world of
its own.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from scripts.services.process import die_with_parent
from tests.faults import table
from tests.faults.play import play_row
from tests.faults.rows import Fault, catalogue


def chosen(rows: dict[str, Fault], only: str) -> list[Fault]:
    """Return the rows of a comma-separated list, or all; those that share a world follow each other."""
    names = [name.strip() for name in only.split(",") if name.strip()] or list(rows)
    unknown = [name for name in names if name not in rows]
    if unknown:
        raise SystemExit(f"maru: no fault {', '.join(unknown)}; there are {', '.join(rows)}")
    return sorted((rows[name] for name in names), key=lambda fault: (str(fault.place), fault.id))


def seeds_of(environment: dict[str, str]) -> Sequence[int]:
    """Return the seeds to play."""
    try:
        if environment.get("SEED"):
            return [int(environment["SEED"])]
        return range(1, int(environment.get("SEEDS") or 20) + 1)
    except ValueError:
        raise SystemExit("maru: SEED and SEEDS are numbers, such as SEEDS=3") from None


def jobs_of(environment: dict[str, str]) -> int:
    """Return how many rows are played at the same time."""
    jobs = environment.get("JOBS") or "2"
    if not jobs.isdigit() or not 1 <= int(jobs) <= 64:
        raise SystemExit("maru: JOBS is a number from 1 to 64")
    return int(jobs)


def main() -> None:
    """Play what the environment asks for and write the table."""
    environment = dict(os.environ)
    faults = chosen(catalogue(), environment.get("ONLY", ""))
    seeds = list(seeds_of(environment))
    bad: list[str] = []
    began_s = time.monotonic()
    # Not forked: a world has threads and a loop.
    with ProcessPoolExecutor(jobs_of(environment), get_context("spawn"), die_with_parent) as pool:
        playing = [pool.submit(play_row, fault.id, seeds) for fault in faults]
        for count, played in enumerate(as_completed(playing), 1):
            line = played.result()
            if not environment.get("SEED"):
                table.write([line])
            if line.failed:
                bad.append(line.id)
            took_s = time.monotonic() - began_s
            print(f"--- {count} of {len(faults)} rows, {took_s:.0f} s: {line}", flush=True)
    print(f"\n{len(faults)} faults, {len(bad)} with broken promises{': ' + ', '.join(bad) if bad else ''}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
