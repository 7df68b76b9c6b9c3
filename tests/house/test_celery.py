from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, platforms

from chatproject import parts, settings
from chatproject.beat import Scheduler
from chatproject.celery import app as project_app
from scripts.services import Redis


@pytest.mark.slow
@pytest.mark.parametrize("port", [None, 0])
def test_celery_reaches_redis_by_socket_and_by_port(port: int | None, tmp_path: Path) -> None:
    with Redis(tmp_path, port=port) as redis:
        app = Celery(
            broker=parts.celery_redis(redis.url, database_offset=1),
            backend=parts.celery_redis(redis.url, database_offset=2),
            broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        )
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
        app.send_task("nothing.at_all")
        app.backend.store_result("an-id", {"a": 1}, "SUCCESS")
        assert redis.connect(0).dbsize() == 0
        assert redis.connect(1).dbsize() > 0
        assert redis.connect(2).dbsize() == 1
        app.close()


def test_work_is_confirmed_late_and_comes_again_before_nobody_would_do_it() -> None:
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > settings.CELERY_TASK_TIME_LIMIT


def test_only_json_travels() -> None:
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]


def test_the_sweep_does_not_pile_up_while_no_worker_is_there() -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["expires"] <= entry["schedule"]


def test_beat_has_a_schedule_to_save_before_a_signal_can_ask_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    beat = project_app.Beat(schedule=str(tmp_path / "schedule"), quiet=True)
    service = beat.Service(app=project_app, schedule_filename=beat.schedule)
    had_schedule = []

    def note(*_: Any, **__: Any) -> None:
        had_schedule.append("scheduler" in vars(service))

    monkeypatch.setattr(type(platforms.signals), "update", note)
    beat.install_sync_handler(service)
    service.sync()
    assert had_schedule == [True]


def test_a_clock_that_is_set_back_does_not_stop_the_timetable(tmp_path: Path) -> None:
    beat = project_app.Beat(schedule=str(tmp_path / "schedule"), quiet=True)
    service = beat.Service(app=project_app, schedule_filename=beat.schedule, scheduler_cls=beat.scheduler_cls)
    scheduler = service.scheduler
    assert type(scheduler) is Scheduler
    try:
        assert 0 < scheduler.tick() <= 30
        now = project_app.now()
        for entry in scheduler.schedule.values():
            entry.last_run_at = now + timedelta(hours=1)
        scheduler.populate_heap()
        # All of it comes again in its own time, not an hour later.
        assert 0 < scheduler.tick() <= 30
        ran_at = [entry.last_run_at for entry in scheduler.schedule.values()]
        assert all(at is not None and at < now + timedelta(minutes=1) for at in ran_at)
    finally:
        scheduler.close()
