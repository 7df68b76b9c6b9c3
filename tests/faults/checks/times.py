"""C11 to C13: memory, recovery and answers within their bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.faults.checks.case import Case, Violation
from tests.faults.history import Acked, Invoked, Measured, Nacked, Received, Rendered, Unanswered

_MIB = 1024 * 1024


def bounded(case: Case) -> Iterator[Violation]:
    """C11: memory and descriptors of each web process stay under their budget."""
    bounds = case.bounds
    peaks: dict[str, tuple[int, int]] = {}
    first: dict[int, Measured] = {}
    last: dict[int, Measured] = {}
    for event in case.history.of(Measured):
        if event.process.startswith("web"):
            rss, descriptors = peaks.get(event.process, (0, 0))
            peaks[event.process] = (max(rss, event.rss_bytes), max(descriptors, event.descriptors_count))
            first.setdefault(event.pid, event)
            last[event.pid] = event
    for process, (rss, descriptors) in peaks.items():
        if bounds.rss_max_bytes is not None and rss > bounds.rss_max_bytes:
            text = f"{process} held {rss / _MIB:.0f} MiB, at most {bounds.rss_max_bytes / _MIB:.0f}"
            yield Violation("C11", text)
        if bounds.descriptors_max_count is not None and descriptors > bounds.descriptors_max_count:
            text = f"{process} held {descriptors} descriptors, at most {bounds.descriptors_max_count}"
            yield Violation("C11", text)
    if bounds.descriptors_left_count is not None:
        for pid, event in last.items():
            left = event.descriptors_count - first[pid].descriptors_count
            if left > bounds.descriptors_left_count:
                text = f"{event.process} has {left} descriptors more than at the start"
                yield Violation("C11", f"{text}, at most {bounds.descriptors_left_count}")


def recovered(case: Case) -> Iterator[Violation]:
    """C12: soon after the healing everybody reads again, and who is connected reads soon after the answer."""
    limit_s = case.bounds.recovery_s
    if limit_s is not None:
        for tab, took_s in recoveries(case).items():
            if took_s > limit_s:
                yield Violation(
                    "C12", f"{tab} read again {took_s:.1f} s after the healing, at most {limit_s:g}"
                )
    limit_s = case.bounds.delivery_s
    if limit_s is not None:
        late = [(delay_s, tab, seq) for delay_s, tab, seq in deliveries(case) if delay_s > limit_s]
        if late:
            delay_s, tab, seq = max(late)
            text = f"{tab} read seq {seq} {delay_s:.1f} s after its answer, at most {limit_s:g}"
            yield Violation("C12", f"{text} ({len(late)} such)")


def recoveries(case: Case) -> dict[str, float]:
    """Return how long after the last healing each tab received a change again."""
    if not case.fault_windows:
        return {}
    healed_s = case.fault_windows[-1][1]
    found: dict[str, float] = {}
    for event in case.history.of(Received):
        if event.at_s >= healed_s:
            found.setdefault(event.tab, event.at_s - healed_s)
    return found


def deliveries(case: Case) -> list[tuple[float, str, int]]:
    """Return (delay, tab, seq) from each answer to the message at each tab that was connected all the time."""
    found = []
    for event in case.history.of(Rendered):
        ack = case.acked.get(event.key or "")
        if ack is None:
            continue
        if any(
            span.synced_s is not None
            and span.synced_s <= ack.at_s
            and (span.closed_s is None or event.at_s <= span.closed_s)
            for span in case.spans.get(event.tab, ())
        ):
            found.append((max(0.0, event.at_s - ack.at_s), event.tab, event.seq))
    return found


def answered(case: Case) -> Iterator[Violation]:
    """C13: every attempt is answered in time, and outside of faults nearly all are acknowledged at once."""
    bounds = case.bounds
    waits = list(attempts(case))
    if bounds.answer_s is not None:
        for invoked, took_s, _ in waits:
            if took_s is None or took_s > bounds.answer_s:
                took = "never" if took_s is None else f"after {took_s:.1f} s"
                text = f"attempt {invoked.attempt} of {invoked.key} by {invoked.tab} was answered {took}"
                yield Violation("C13", f"{text}, at most {bounds.answer_s:g} s")
    for nack in case.history.of(Nacked):
        if nack.code == "failed":
            yield Violation("C13", f"{nack.key} of {nack.tab} met a fault of the server")
    outside = [wait for wait in waits if not _in_fault(case, wait[0].at_s)]
    if bounds.quick_share is not None and outside:
        quick = sum(1 for _, took_s, is_ok in outside if is_ok and (took_s or 0) <= bounds.quick_s)
        if quick / len(outside) < bounds.quick_share:
            text = f"{quick} of {len(outside)} attempts outside of the fault were acknowledged"
            yield Violation("C13", f"{text} within {bounds.quick_s:g} s, at least {bounds.quick_share:.1%}")
    during = [wait for wait in waits if _in_fault(case, wait[0].at_s)]
    if bounds.available_share is not None and during:
        ok = sum(1 for _, _, is_ok in during if is_ok)
        if ok / len(during) < bounds.available_share:
            text = f"{ok} of {len(during)} attempts during the fault were acknowledged"
            yield Violation("C13", f"{text}, at least {bounds.available_share:.1%}")


def attempts(case: Case) -> Iterator[tuple[Invoked, float | None, bool]]:
    """Return each attempt, how long its answer took (None: none came), and whether that was ok."""
    waiting: dict[tuple[str, str], list[Invoked]] = defaultdict(list)
    for event in case.history.events:
        if isinstance(event, Invoked):
            waiting[event.tab, event.key].append(event)
        elif isinstance(event, (Acked, Nacked, Unanswered)):
            place = (event.tab, event.key)
            if waiting[place]:
                invoked = waiting[place].pop(0)
                yield invoked, event.at_s - invoked.at_s, isinstance(event, Acked)
    for left in waiting.values():
        for invoked in left:
            yield invoked, None, False


def _in_fault(case: Case, at_s: float) -> bool:
    return any(begin_s <= at_s <= end_s for begin_s, end_s in case.fault_windows)
