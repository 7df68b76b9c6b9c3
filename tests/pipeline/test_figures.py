from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from billiard.exceptions import TimeLimitExceeded
from celery.signals import task_failure, task_postrun, task_prerun
from prometheus_client import generate_latest

from chat import metrics
from chat.models import OutboxEntry
from chat.pipeline import figures, jobs, outbox
from scripts.services import Redis
from tests.pipeline.jobs import jobs_redis

pytestmark = pytest.mark.slow


@pytest.fixture
def redis(tmp_path: Path, settings: Any) -> Iterator[Redis]:
    settings.HAS_WORKERS = True
    with jobs_redis(tmp_path) as running:
        # What other tests have counted is told already.
        figures._begin_anew()
        yield running


def done(task: str, outcome: str = "done") -> float:
    return figures.Sum(figures.stored()).of("maru_tasks_total", task=task, outcome=outcome)


def in_a_child(work: Any) -> None:
    """Run this in a forked process, as a worker runs its tasks."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


class Sender:
    """A task, as far as Celery's signals need one."""

    def __init__(self, name: str) -> None:
        self.name = name


def ran(name: str, state: str = "SUCCESS") -> None:
    task_prerun.send(sender=None, task_id=f"id-of-{name}")
    task_postrun.send(sender=None, task_id=f"id-of-{name}", task=Sender(name), state=state)


def test_what_several_processes_count_is_added_up(redis: Redis) -> None:
    metrics.TASKS.labels("chat.mail.send", "done").inc()
    figures.send()

    def three_more() -> None:
        metrics.TASKS.labels("chat.mail.send", "done").inc(3)
        figures.send()

    for _ in range(2):
        in_a_child(three_more)
    assert done("chat.mail.send") == 7


def test_nothing_is_told_twice(redis: Redis) -> None:
    metrics.TASKS.labels("chat.mail.send", "done").inc()
    figures.send()
    figures.send()
    in_a_child(figures.send)
    assert done("chat.mail.send") == 1


def test_a_histogram_comes_out_as_a_collector_reads_it(redis: Redis) -> None:
    for seconds in (0.001, 0.1, 3, 500):
        metrics.TASK_SECONDS.labels("chat.previews.attach").observe(seconds)
    figures.send()
    lines = generate_latest(figures.Sum(figures.stored())).decode().splitlines()
    told = [line for line in lines if 'task="chat.previews.attach"' in line and "seconds" in line]
    buckets = [line for line in told if "_bucket" in line]
    assert [float(line.split()[1]) for line in buckets] == [1, 1, 2, 2, 3, 3, 3, 3, 4]
    assert 'le="0.01"' in buckets[0]
    assert 'le="+Inf"' in buckets[-1]
    assert 'maru_task_seconds_count{task="chat.previews.attach"} 4.0' in told
    assert "# TYPE maru_task_seconds histogram" in lines
    assert "# TYPE maru_previews_fetched_total counter" in lines


def test_what_a_newer_version_has_written_is_left_out(redis: Redis) -> None:
    jobs.redis().hset(figures.KEY, "maru_of_tomorrow_total|kind=new", "5")
    metrics.PREVIEWS_FETCHED.inc()
    figures.send()
    text = generate_latest(figures.Sum(figures.stored())).decode()
    assert "maru_of_tomorrow" not in text
    assert "maru_previews_fetched_total 1.0" in text


def test_tasks_of_celery_are_counted_by_their_outcome(redis: Redis) -> None:
    for state in ("SUCCESS", "SUCCESS", "FAILURE", "RETRY"):
        ran("chat.scheduled.sweep", state)
    outcomes = {outcome: done("chat.scheduled.sweep", outcome) for outcome in ("done", "failed", "retried")}
    assert outcomes == {"done": 2, "failed": 1, "retried": 1}
    counted = figures.Sum(figures.stored())
    assert counted.of("maru_task_seconds_count", task="chat.scheduled.sweep") == 4


def test_the_parent_tells_of_a_child_that_was_killed(redis: Redis) -> None:
    task_failure.send(sender=Sender("chat.mail.send"), exception=TimeLimitExceeded(300))
    # Of every other failure the child itself has told.
    task_failure.send(sender=Sender("chat.mail.send"), exception=ValueError())
    assert done("chat.mail.send", "killed") == 1


@pytest.mark.django_db(transaction=True)
def test_follow_up_work_is_counted_by_its_task(redis: Redis) -> None:
    for task in ("chat.mail.send", "chat.mail.send", "of.another.version"):
        OutboxEntry.objects.create(task=task, key=f"{task}:{OutboxEntry.objects.count()}")

    def failing(name: str, _payload: dict[str, object]) -> None:
        if name != "chat.mail.send":
            raise outbox.GiveUp("unknown")

    assert outbox.sweep(failing) == (3, False)
    figures.send()
    assert (done("chat.mail.send"), done("other", "parked")) == (2, 1)
    assert figures.Sum(figures.stored()).of("maru_task_seconds_count", task="other") == 1


def test_what_is_counted_while_redis_is_away_is_told_when_it_is_back(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    redis.stop()
    monkeypatch.setattr(figures, "_REST_S", 0.0)
    ran("chat.mail.send")
    assert "figures.not_sent" in caplog.text
    redis.start()
    ran("chat.mail.send")
    assert done("chat.mail.send") == 2


def test_redis_that_is_away_is_not_asked_at_each_task(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    redis.stop()
    for _ in range(5):
        ran("chat.mail.send")
    assert caplog.text.count("figures.not_sent") == 1


def test_without_workers_nothing_is_asked(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.HAS_WORKERS = False
    ran("chat.mail.send")
    assert "figures" not in caplog.text
