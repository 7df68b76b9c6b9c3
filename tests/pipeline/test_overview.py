from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from chat import metrics
from chat.models import OutboxEntry, Reminder
from chat.pipeline import figures, overview, signs
from tests.cast import Cast
from tests.pipeline.jobs import jobs_redis


def test_without_workers_the_queues_are_shown_and_the_rest_is_not_known(cast: Cast) -> None:
    now = timezone.now()
    OutboxEntry.objects.create(task="x", key="due", queue="mail", not_before=now - timedelta(minutes=2))
    OutboxEntry.objects.create(task="x", key="parked", queue="mail", parked_at=now)
    Reminder.objects.create(user=cast.bob, due_at=now - timedelta(minutes=1), client_reminder_id="one")
    found = overview.read(now)
    mail = next(line for line in found.queues if line.name == "mail")
    assert (mail.due, mail.parked, mail.workers) == (1, 1, None)
    assert mail.since == now - timedelta(minutes=2)
    assert [(line.name, line.due) for line in found.later] == [("scheduled", 0), ("reminders", 1)]
    assert (found.tasks, found.beats, found.is_known) == ([], None, False)


@pytest.mark.slow
def test_tasks_and_workers_are_shown_as_redis_has_them(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.HAS_WORKERS = True
    with jobs_redis(tmp_path):
        figures._begin_anew()
        sign = signs.worker(["io"])
        sign.give()
        sign.wait()
        for seconds in [0.1] * 19 + [30]:
            metrics.TASK_SECONDS.labels("chat.previews.attach").observe(seconds)
        for outcome, count in (("done", 17), ("retried", 2), ("parked", 1)):
            metrics.TASKS.labels("chat.previews.attach", outcome).inc(count)
        metrics.TASK_SECONDS.labels("chat.mail.send").observe(500)
        metrics.TASKS.labels("chat.mail.send", "killed").inc()
        figures.send()
        found = overview.read(timezone.now())
    assert {line.name: line.workers for line in found.queues} == {"fast": 0, "mail": 0, "io": 1, "cpu": 0}
    mail, previews = found.tasks
    assert (previews.done, previews.retried, previews.parked, previews.failed) == (17, 2, 1, 0)
    assert previews.mean_s == pytest.approx(31.9 / 20)
    assert previews.most_s == 0.2
    assert (mail.failed, mail.most_s) == (1, None)
    assert (found.beats, found.is_known) == (0, True)
