from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from celery._state import get_current_app as default_app
from django.utils import timezone

from chat.models import OutboxEntry
from chat.pipeline import follow_ups, outbox
from chat.pipeline.follow_ups import FollowUp
from chat.protocol.changes import ChangeKind
from chat.tasks import sweep_outbox
from chatproject import settings as project_settings
from tests.cast import Cast
from tests.make import post
from tests.pipeline.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def entries(count: int, **fields: Any) -> list[OutboxEntry]:
    rows = [OutboxEntry(task="chat.test", key=f"test:{n}", payload={"n": n}, **fields) for n in range(count)]
    return OutboxEntry.objects.bulk_create(rows)


def failing(name: str, payload: dict[str, object]) -> None:
    raise ValueError("no way")


def test_a_sweep_runs_what_is_due_once_with_its_payload() -> None:
    entries(3)
    ran: list[tuple[str, dict[str, object]]] = []
    assert outbox.sweep(lambda name, payload: ran.append((name, payload))) == 3
    assert sorted(ran, key=repr) == [("chat.test", {"n": n}) for n in range(3)]
    assert outbox.sweep(failing) == 0
    assert OutboxEntry.objects.filter(done_at=None).count() == 0


def test_a_sweep_goes_on_past_one_claim() -> None:
    entries(45)
    assert outbox.sweep(lambda name, payload: None) == 45


def test_two_workers_never_have_the_same_entry() -> None:
    entries(30)
    first, second = at_once([outbox.claim, outbox.claim])
    ids = [entry.pk for entry in [*first, *second]]
    assert len(ids) == len(set(ids))
    third = outbox.claim()
    assert len(ids) + len(third) == 30


def test_what_a_dead_worker_had_comes_again() -> None:
    entries(1)
    assert len(outbox.claim()) == 1
    assert outbox.claim() == []
    OutboxEntry.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert len(outbox.claim()) == 1


def test_what_is_not_due_waits() -> None:
    entries(1, not_before=timezone.now() + timedelta(minutes=1))
    assert outbox.claim() == []


def test_a_failed_task_waits_ever_longer_and_is_parked_in_the_end() -> None:
    entries(1)
    waits = []
    for attempt in range(1, 9):
        before = timezone.now()
        assert outbox.sweep(failing) == 1
        entry = OutboxEntry.objects.get()
        assert (entry.attempts, entry.last_error, entry.claimed_until) == (
            attempt,
            "ValueError: no way",
            None,
        )
        waits.append((entry.not_before - before).total_seconds())
        OutboxEntry.objects.update(not_before=timezone.now())
    assert all(3.9 <= wait / 2**n <= 6.1 for n, wait in enumerate(waits))
    assert OutboxEntry.objects.get().parked_at is not None
    assert outbox.sweep(failing) == 0


def test_a_failed_task_does_not_hold_up_the_others() -> None:
    entries(3)

    def first_fails(name: str, payload: dict[str, object]) -> None:
        if payload["n"] == 0:
            raise ValueError

    assert outbox.sweep(first_fails) == 3
    assert OutboxEntry.objects.filter(done_at=None).count() == 1


def test_success_after_a_failure_leaves_no_error() -> None:
    entries(1)
    outbox.sweep(failing)
    OutboxEntry.objects.update(not_before=timezone.now())
    outbox.sweep(lambda name, payload: None)
    entry = OutboxEntry.objects.get()
    assert (entry.last_error, entry.attempts, entry.done_at is not None) == ("", 2, True)


def test_the_task_forgets_what_was_done_a_week_ago() -> None:
    now = timezone.now()
    old, new = entries(2)
    OutboxEntry.objects.filter(pk=old.pk).update(done_at=now - timedelta(days=8))
    OutboxEntry.objects.filter(pk=new.pk).update(done_at=now - timedelta(days=6))
    assert sweep_outbox() == 0
    assert list(OutboxEntry.objects.values_list("pk", flat=True)) == [new.pk]


def test_a_change_writes_its_follow_up_in_the_same_transaction(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = (FollowUp(ChangeKind.MESSAGE_POSTED, lambda change: change.seq % 2 == 0, "chat.test"),)
    monkeypatch.setattr(follow_ups, "FOLLOW_UPS", table)
    messages = [post(cast.plaza, cast.alice, str(n)) for n in range(4)]
    expected = {f"chat.test:{cast.plaza.pk}:{m.seq}" for m in messages if m.seq % 2 == 0}
    assert set(OutboxEntry.objects.values_list("key", flat=True)) == expected
    assert OutboxEntry.objects.first() is not None
    payloads = OutboxEntry.objects.values_list("payload", flat=True)
    assert {payload["seq"] for payload in payloads} == {m.seq for m in messages if m.seq % 2 == 0}


@contextmanager
def broker(url: str) -> Iterator[Celery]:
    """Make an application with another broker the current one."""
    before = default_app()
    app = Celery(broker=url, broker_transport_options=project_settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    app.set_current()
    try:
        yield app
    finally:
        before.set_current()
        app.close()


def waiting(app: Celery) -> list[str]:
    with app.connection_for_read() as connection, connection.SimpleQueue("celery") as queue:
        return [queue.get(block=False).headers["task"] for _ in range(queue.qsize())]


def test_a_nudge_wakes_a_worker_where_there_are_any(settings: Any) -> None:
    with broker("memory://") as app:
        waiting(app)
        settings.HAS_WORKERS = False
        outbox.nudge()
        assert waiting(app) == []
        settings.HAS_WORKERS = True
        outbox.nudge()
        assert waiting(app) == ["chat.outbox.sweep"]


def test_a_broker_that_is_down_is_no_failure(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.HAS_WORKERS = True
    with broker("redis://127.0.0.1:1/0"):
        outbox.nudge()
    assert "outbox.nudge_failed" in caplog.text
