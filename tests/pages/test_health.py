from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from chat import metrics as counted
from chat.models import CountCheck, OutboxEntry, Reminder, ScheduledMessage
from chat.pages import health
from chat.pipeline import figures as sums
from chat.pipeline import signs
from chat.queries import counts
from chatproject.asgi import django_application
from tests.cast import Cast
from tests.pages.conftest import ORIGIN
from tests.pipeline.jobs import jobs_redis


class ServerState:
    """What the server of the process says of itself."""

    def __init__(self, draining: bool) -> None:
        self.state, self.draining = self, draining


@pytest.fixture(autouse=True)
def _asked_anew() -> None:
    for watch in (health._database, health._workers, health._figures):
        watch.forget()


@pytest.mark.parametrize("place", ["/livez", "/readyz", "/metrics"])
def test_these_ask_no_database(place: str) -> None:
    # pytest-django refuses every query of a test without the database mark.
    assert Client().get(place).status_code == 200


@pytest.mark.parametrize("place", ["/livez", "/readyz", "/healthz"])
def test_answers_are_not_kept_by_a_cache(place: str, fresh: None) -> None:
    assert "no-store" in Client().get(place)["Cache-Control"]


@pytest.mark.parametrize(("draining", "status"), [(False, 200), (True, 503)])
async def test_draining_server_is_not_ready_and_still_lives(draining: bool, status: int) -> None:
    async def served(scope: Any, receive: Any, send: Any) -> None:
        await django_application(
            {**scope, "extensions": {"maru.server": ServerState(draining)}}, receive, send
        )

    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url=ORIGIN) as client:
        assert (await client.get("/readyz")).status_code == status
        assert (await client.get("/livez")).status_code == 200


async def test_draining_committer_is_not_ready(runtime: Any, asked: httpx.AsyncClient) -> None:
    assert (await asked.get("/readyz")).status_code == 200
    await runtime.drain()
    assert (await asked.get("/readyz")).status_code == 503


async def test_state_of_each_part_when_all_is_well(cast: Cast, asked: httpx.AsyncClient) -> None:
    response = await asked.get("/healthz")
    assert response.json() == {
        "status": "ok",
        "degraded": [],
        "parts": {
            "database": "ok",
            # The PostgreSQL of the tests does without fsync.
            "durability": "weak" if connection.vendor == "postgresql" else "ok",
            "redis": "off",
            "workers": "off",
            "beat": "off",
            "outbox": {
                name: {"due": 0, "parked": 0, "oldest_s": 0} for name in ("fast", "mail", "io", "cpu")
            },
            "later": {name: {"due": 0, "oldest_s": 0} for name in ("scheduled", "reminders")},
        },
    }


def test_backlog_is_counted_by_queue(cast: Cast) -> None:
    now = timezone.now()
    OutboxEntry.objects.create(task="x", key="other", queue="mail")
    OutboxEntry.objects.create(task="x", key="due", not_before=now - timedelta(seconds=90))
    OutboxEntry.objects.create(task="x", key="parked", parked_at=now)
    OutboxEntry.objects.create(task="x", key="done", done_at=now)
    outbox = Client().get("/healthz").json()["parts"]["outbox"]
    assert [(name, queue["due"], queue["parked"]) for name, queue in outbox.items()] == [
        ("fast", 1, 1), ("mail", 1, 0), ("io", 0, 0), ("cpu", 0, 0),
    ]  # fmt: skip
    assert 90 <= outbox["fast"]["oldest_s"] < 120
    figures = Client(REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    assert 'maru_outbox_due_entries{queue="mail"} 1.0' in figures
    assert 'maru_outbox_parked_entries{queue="fast"} 1.0' in figures


def test_a_backlog_of_one_queue_is_said(cast: Cast, settings: Any) -> None:
    settings.HAS_WORKERS = True
    late = timezone.now() - timedelta(minutes=6)
    OutboxEntry.objects.create(task="x", key="due", queue="io", not_before=late)
    assert "outbox" in Client().get("/healthz").json()["degraded"]


def test_workers_that_nobody_hears_of_are_said_and_take_no_process_out(cast: Cast, settings: Any) -> None:
    settings.HAS_WORKERS = True
    # There is no Redis at all here, so nobody can be heard of.
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["degraded"] == ["workers", "beat"]
    assert (answer.json()["parts"]["workers"], answer.json()["parts"]["beat"]) == ("down", "down")
    assert Client().get("/readyz").status_code == 200
    figures = Client(REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    assert 'maru_workers{queue="mail"} 0.0' in figures
    assert "maru_tasks_total" not in figures


@pytest.mark.slow
def test_workers_and_what_they_have_counted_are_shown(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.HAS_WORKERS = True
    with jobs_redis(tmp_path):
        sums._begin_anew()
        for sign in (signs.worker(["fast", "mail", "cpu"]), signs.beat()):
            sign.give()
            sign.wait()
        counted.TASKS.labels("chat.mail.send", "retried").inc(3)
        sums.send()
        answer = Client().get("/healthz").json()
        assert answer["degraded"] == ["workers"]
        assert (answer["parts"]["workers"], answer["parts"]["beat"]) == ("partly", "ok")
        assert answer["parts"]["unattended"] == ["io"]
        figures = Client(REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    assert 'maru_tasks_total{outcome="retried",task="chat.mail.send"} 3.0' in figures
    assert 'maru_workers{queue="mail"} 1.0' in figures
    assert 'maru_workers{queue="io"} 0.0' in figures
    assert "maru_beats 1.0" in figures


def test_what_was_put_off_and_is_not_sent_is_said(cast: Cast, settings: Any) -> None:
    settings.HAS_WORKERS = True
    now = timezone.now()
    for key, due_at, done in (("late", now - timedelta(minutes=6), None), ("soon", now + timedelta(hours=1), None),
                              ("done", now - timedelta(hours=1), now)):  # fmt: skip
        ScheduledMessage.objects.create(
            author=cast.bob, room=cast.room, due_at=due_at, client_scheduled_id=key, settled_at=done
        )
        Reminder.objects.create(user=cast.bob, due_at=due_at, client_reminder_id=key, done_at=done)
    answer = Client().get("/healthz").json()
    assert "later" in answer["degraded"]
    for line in answer["parts"]["later"].values():
        assert line["due"] == 1
        assert 360 <= line["oldest_s"] < 420
    figures = Client(REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    assert 'maru_later_due_rows{kind="reminders"} 1.0' in figures


def test_database_that_is_down_is_said_with_200(cast: Cast) -> None:
    table = OutboxEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
    try:
        response = Client().get("/healthz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE elsewhere RENAME TO {table}")
    assert response.status_code == 200
    assert response.json()["degraded"] == ["database"]
    assert response.json()["status"] == "degraded"


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.7", "fd00::7", ""])
def test_figures_are_for_internal_peers(peer: str) -> None:
    response = Client(REMOTE_ADDR=peer).get("/metrics")
    assert response.status_code == 200
    assert b"maru_connections" in response.content
    assert response["Content-Type"].startswith("text/plain; version=")


@pytest.mark.parametrize("peer", ["203.0.113.9", "8.8.8.8", "2001:4860:4860::8888", "nonsense"])
def test_for_others_there_are_no_figures(peer: str, fresh: None) -> None:
    assert Client(REMOTE_ADDR=peer).get("/metrics").status_code == 404


@pytest.mark.parametrize("place", ["/livez", "/readyz", "/healthz", "/metrics"])
def test_health_is_read_only(place: str, fresh: None) -> None:
    assert Client().post(place).status_code == 405


def test_what_the_last_look_at_derived_numbers_found_is_said(cast: Cast) -> None:
    now = timezone.now()
    CountCheck.objects.create(wrong={"log": 9}, started_at=now)
    assert "derived" not in Client().get("/healthz").json()["parts"]
    ended = now - timedelta(minutes=2)
    CountCheck.objects.create(wrong={"log": 3}, started_at=ended, finished_at=ended)
    health._database.forget()
    answer = Client().get("/healthz").json()
    assert answer["degraded"] == ["derived"]
    assert answer["parts"]["derived"]["wrong"] == {**dict.fromkeys(counts.KINDS, 0), "log": 3}
    assert 120 <= answer["parts"]["derived"]["age_s"] < 180
    figures = Client(REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    assert 'maru_derived_wrong_rows{kind="log"} 3.0' in figures
    assert 'maru_derived_wrong_rows{kind="last_seq"} 0.0' in figures
    assert "maru_derived_age_seconds 12" in figures
