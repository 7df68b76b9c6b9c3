"""The judge of a run: `check(history, dump, bounds)` returns what was broken, nothing else; pure.

C1 no loss · C2 once · C3 unknowns · C4 dense · C5 complete · C6 order · C7 sessions · C8 nothing foreign · C9 unread ·
C10 presence · C11 bounds · C12 recovery · C13 answers · C14 convergence · C15 sockets. A check whose input or
bound is absent finds nothing; `unchecked` tells which those were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.faults.checks import readers, sessions, storage, times
from tests.faults.checks.case import Bounds, Case, Violation
from tests.faults.dump import Dump
from tests.faults.history import (
    FaultHealed,
    History,
    Invoked,
    Listed,
    Measured,
    Opened,
    PresenceSeen,
    Revised,
    Unread,
)

__all__ = ["CHECKS", "Bounds", "Figures", "Violation", "check", "figures", "unchecked"]

CHECKS: dict[str, Callable[[Case], Iterator[Violation]]] = {
    "C1": storage.no_loss,
    "C2": storage.once,
    "C3": storage.unknowns,
    "C4": storage.dense,
    "C5": readers.complete,
    "C6": readers.ordered,
    "C7": sessions.sessions,
    "C8": readers.nothing_foreign,
    "C9": sessions.unread,
    "C10": sessions.presence,
    "C11": times.bounded,
    "C12": times.recovered,
    "C13": times.answered,
    "C14": readers.convergent,
    "C15": sessions.sockets,
}


@dataclass(frozen=True)
class Figures:
    """What a run came to, for the table."""

    sent_count: int
    acked_count: int
    lost_count: int
    doubled_count: int
    disordered_count: int
    recovery_worst_s: float | None
    delivery_worst_s: float | None
    answer_worst_s: float | None
    peak_rss_bytes: int | None


def check(history: History, dump: Dump, bounds: Bounds) -> list[Violation]:
    """Return everything that was broken, in the order of the checks."""
    case = Case(history, dump, bounds)
    return [violation for rule in CHECKS.values() for violation in rule(case)]


def unchecked(history: History, bounds: Bounds) -> dict[str, str]:
    """Return the checks that had nothing to look at, and why."""
    kinds = {type(event) for event in history.events}
    missing = {
        "C1": (Invoked, "nothing was sent"),
        "C5": (Listed, "nobody listed what is shown"),
        "C9": (Unread, "nobody asked for a snapshot"),
        "C10": (PresenceSeen, "nobody was told of anybody"),
        "C11": (Measured, "nothing was measured"),
        "C12": (FaultHealed, "there was no fault"),
        "C13": (Invoked, "nothing was sent"),
        "C14": (Revised, "nothing was edited"),
        "C15": (Opened, "nobody connected"),
    }
    found = {name: f"not checked: {why}" for name, (kind, why) in missing.items() if kind not in kinds}
    if bounds.presence_s is None:
        found["C10"] = "not checked: no bound"
    if bounds.recovery_s is None and bounds.delivery_s is None:
        found["C12"] = "not checked: no bound"
    return found


def figures(history: History, dump: Dump) -> Figures:
    """Return the numbers of a run."""
    # A reset is no loss; whether it may be is the verdict.
    case = Case(history, dump, Bounds(may_reset=True))
    counts = {name: sum(1 for _ in CHECKS[name](case)) for name in ("C1", "C2", "C3", "C4", "C5", "C6", "C7")}
    took = [took_s for _, took_s, _ in times.attempts(case) if took_s is not None]
    return Figures(
        sent_count=len(case.invoked),
        acked_count=len(case.acked),
        lost_count=counts["C1"] + counts["C5"],
        doubled_count=counts["C2"] + counts["C3"],
        disordered_count=counts["C4"] + counts["C6"] + counts["C7"],
        recovery_worst_s=max(times.recoveries(case).values(), default=None),
        delivery_worst_s=max((delay_s for delay_s, _, _ in times.deliveries(case)), default=None),
        answer_worst_s=max(took, default=None),
        peak_rss_bytes=max(
            (event.rss_bytes for event in history.of(Measured) if event.process.startswith("web")),
            default=None,
        ),
    )
