"""The work of the workers on one page, for a person: what waits, who is there, how it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings

from chat.pipeline import backlog, figures, signs

_log = structlog.get_logger(__name__)

# Of a hundred runs so many are over within the time that is shown.
_MOST = 0.95


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue: `since` is when the oldest that could be done became due, None where nothing waits."""

    name: str
    due: int
    since: datetime | None
    parked: int
    # None: not known, because Redis does not answer or there is none.
    workers: int | None


@dataclass(frozen=True, slots=True)
class LaterLine:
    """What people have put off."""

    name: str
    due: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task, since the figures began: how often it came to what, and its seconds."""

    name: str
    done: int
    retried: int
    parked: int
    failed: int
    # None where no run has come to its end.
    mean_s: float | None
    # The bucket that holds nearly all runs; None where they took longer than the last one.
    most_s: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """`beats` is None where it is not known."""

    queues: list[QueueLine]
    later: list[LaterLine]
    tasks: list[TaskLine]
    beats: int | None
    is_known: bool


def read(now: datetime) -> Overview:
    """Read it; three queries and two trips to Redis. Without Redis what it holds is left out."""
    heard, counted = _ask_redis()
    return Overview(
        queues=[
            QueueLine(
                name,
                line["due"],
                _since(now, line),
                line["parked"],
                None if heard is None else heard.by_queue.get(name, 0),
            )
            for name, line in backlog.outbox(now).items()
        ],
        later=[LaterLine(name, line["due"], _since(now, line)) for name, line in backlog.later(now).items()],
        tasks=[_task(counted, name) for name in counted.labels("maru_tasks_total", "task")],
        beats=None if heard is None else heard.beats_count,
        is_known=heard is not None,
    )


def _ask_redis() -> tuple[signs.Heard | None, figures.Sum]:
    if settings.HAS_WORKERS:
        try:
            return signs.heard(), figures.Sum(figures.stored())
        except Exception as error:
            _log.warning("overview.redis_away", error=type(error).__name__)
    return None, figures.Sum({})


def _since(now: datetime, line: backlog.Line) -> datetime | None:
    return now - timedelta(seconds=line["oldest_s"]) if line["due"] else None


def _task(counted: figures.Sum, name: str) -> TaskLine:
    def outcomes(*names: str) -> int:
        return int(sum(counted.of("maru_tasks_total", task=name, outcome=outcome) for outcome in names))

    runs = counted.of("maru_task_seconds_count", task=name)
    return TaskLine(
        name,
        done=outcomes("done"),
        retried=outcomes("retried"),
        parked=outcomes("parked"),
        failed=outcomes("failed", "killed"),
        mean_s=counted.of("maru_task_seconds_sum", task=name) / runs if runs else None,
        most_s=_most_s(counted, name, runs),
    )


def _most_s(counted: figures.Sum, name: str, runs: float) -> float | None:
    bounds = [float(bound) for bound in counted.labels("maru_task_seconds_bucket", "le")]
    for bound in sorted(bounds):
        if counted.of("maru_task_seconds_bucket", task=name, le=_said(bound)) >= _MOST * runs:
            return None if bound == float("inf") else bound
    return None


def _said(bound: float) -> str:
    # As the library writes the bounds of its buckets.
    return "+Inf" if bound == float("inf") else str(bound)
