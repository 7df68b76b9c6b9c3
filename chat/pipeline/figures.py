"""What worker processes count, added up in Redis, so that every web process can show it.

A child of a worker has no page for a collector, lives as long as the pool pleases, and stands on any machine. It adds
what it has counted since the last time to one hash, after each task; a web process reads that hash. What is added up
there is as large as the table of metrics and their labels, however many workers there are.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from celery.signals import task_failure, task_postrun, task_prerun, worker_process_shutdown
from django.conf import settings
from prometheus_client import Metric
from prometheus_client.registry import Collector

from chat import metrics
from chat.pipeline import jobs

_log = structlog.get_logger(__name__)

KEY = "maru:figures"
# After so long without any worker the figures begin anew, as they do when Redis has lost them.
_KEPT_S = 7 * 86_400
# After a failure Redis is left alone for so long; what is counted meanwhile goes with the next.
_REST_S = 30.0
_PARTS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
_OUTCOMES = {"SUCCESS": "done", "RETRY": "retried"}


class _Told:
    """What this process has told of its counts, and which tasks it is at."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.values: dict[str, float] = {}
        self.not_before = 0.0
        self.began: dict[str, float] = {}


_told = _Told()


def send() -> None:
    """Add what was counted here since the last time to what all have counted. Never raises.

    Where the answer of Redis is lost, it may be added twice: these are figures, not accounts.
    """
    if not settings.HAS_WORKERS:
        return
    with _told.lock:
        counted = _counted()
        news = {
            field: value - _told.values.get(field, 0.0)
            for field, value in counted.items()
            if value != _told.values.get(field, 0.0)
        }
        if not news or time.monotonic() < _told.not_before:
            return
        try:
            with jobs.redis().pipeline() as trip:
                for field, value in news.items():
                    trip.hincrbyfloat(KEY, field, value)
                trip.expire(KEY, _KEPT_S)
                trip.execute()
        except Exception as error:
            _told.not_before = time.monotonic() + _REST_S
            _log.warning("figures.not_sent", error=type(error).__name__)
            return
        _told.values = counted


def stored() -> dict[str, str]:
    """Return what all workers have counted, as Redis has it. Raises as Redis does."""
    found = jobs.redis().hgetall(KEY)
    return {field.decode(): value.decode() for field, value in found.items()}


class Sum(Collector):
    """Figures out of Redis, in the form in which the library writes them; fields that nobody knows are left out."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._samples = [(*_read(field), float(value)) for field, value in fields.items()]

    def collect(self) -> Iterable[Metric]:
        """Yield each metric of the workers."""
        for metric in metrics.WORKERS.collect():
            names = {metric.name + part for part in _PARTS[metric.type]}
            whole = Metric(metric.name, metric.documentation, metric.type)
            for name, labels, value in sorted(
                (sample for sample in self._samples if sample[0] in names), key=_place
            ):
                whole.add_sample(name, labels, value)
            yield whole

    def of(self, name: str, **labels: str) -> float:
        """Return the sum of all samples of a name that have these labels."""
        wanted = labels.items()
        return sum(value for found, has, value in self._samples if found == name and wanted <= has.items())

    def labels(self, name: str, label: str) -> list[str]:
        """Return the values of a label, in order."""
        return sorted({has[label] for found, has, _ in self._samples if found == name})


def _counted() -> dict[str, float]:
    return {
        _field(sample.name, sample.labels): sample.value
        for metric in metrics.WORKERS.collect()
        for sample in metric.samples
        if not sample.name.endswith("_created") and sample.value
    }


def _field(name: str, labels: Mapping[str, str]) -> str:
    return "|".join([name, *(f"{label}={labels[label]}" for label in sorted(labels))])


def _read(field: str) -> tuple[str, dict[str, str]]:
    name, *labels = field.split("|")
    return name, {label: value for label, _, value in (pair.partition("=") for pair in labels)}


def _place(sample: tuple[str, dict[str, str], float]) -> tuple[Any, ...]:
    """Return where a sample stands: with its labels, a histogram's buckets by their bound."""
    name, labels, _ = sample
    others = sorted(pair for pair in labels.items() if pair[0] != "le")
    return others, name, float(labels.get("le", "inf"))


# --- what Celery itself runs


@task_prerun.connect
def _begin(task_id: str, **_: Any) -> None:
    _told.began[task_id] = time.perf_counter()


@task_postrun.connect
def _end(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    began = _told.began.pop(task_id, None)
    if began is not None:
        metrics.TASK_SECONDS.labels(task.name).observe(time.perf_counter() - began)
    metrics.TASKS.labels(task.name, _OUTCOMES.get(state or "", "failed")).inc()
    send()


@task_failure.connect
def _lost(sender: Any, exception: BaseException | None = None, **_: Any) -> None:
    # Of these the parent tells, because the child that was at it is gone, and with it what it had not told yet.
    if type(exception).__name__ in ("TimeLimitExceeded", "WorkerLostError"):
        metrics.TASKS.labels(sender.name, "killed").inc()
        send()


@worker_process_shutdown.connect
def _send_rest(**_: Any) -> None:
    send()


def _begin_anew() -> None:
    """Leave what the parent has counted to the parent."""
    global _told
    _told = _Told()
    _told.values = _counted()


os.register_at_fork(after_in_child=_begin_anew)
