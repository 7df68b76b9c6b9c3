from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from celery._state import get_current_app as default_app
from django.utils import timezone

from chat.models import OutboxEntry
from chat.pipeline import follow_ups, outbox, queues
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
    assert outbox.sweep(lambda name, payload: ran.append((name, payload))) == (3, False)
    assert sorted(ran, key=repr) == [("chat.test", {"n": n}) for n in range(3)]
    assert outbox.sweep(failing) == (0, False)
    assert OutboxEntry.objects.filter(done_at=None).count() == 0


def test_a_sweep_goes_on_past_one_claim() -> None:
    entries(45)
    assert outbox.sweep(lambda name, payload: None) == (45, False)


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
        assert outbox.sweep(failing) == (1, False)
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
    assert outbox.sweep(failing) == (0, False)


def test_a_failed_task_does_not_hold_up_the_others() -> None:
    entries(3)

    def first_fails(name: str, payload: dict[str, object]) -> None:
        if payload["n"] == 0:
            raise ValueError

    assert outbox.sweep(first_fails) == (3, False)
    assert OutboxEntry.objects.filter(done_at=None).count() == 1


def test_work_that_takes_its_worker_down_is_put_aside() -> None:
    entries(1, queue="cpu")
    ran: list[str] = []
    for _ in range(queues.CPU.attempts_max_count):
        # Claimed, and never heard of again.
        assert len(outbox.claim(queues.CPU)) == 1
        OutboxEntry.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert outbox.sweep(lambda name, payload: ran.append(name), queues.CPU) == (1, False)
    row = OutboxEntry.objects.get()
    assert (ran, row.parked_at is not None) == ([], True)
    assert row.last_error == "RuntimeError: its worker ended 3 times while at it"


def test_what_can_never_succeed_is_put_aside_at_once() -> None:
    entries(1)

    def refused(name: str, payload: dict[str, object]) -> None:
        raise outbox.GiveUp("no such mailbox")

    assert outbox.sweep(refused) == (1, False)
    row = OutboxEntry.objects.get()
    assert (row.parked_at is not None, row.last_error) == (True, "GiveUp: no such mailbox")


def test_mail_is_tried_for_hours_before_it_is_put_aside() -> None:
    entries(1, queue="mail")
    began_at = timezone.now()

    def away(name: str, payload: dict[str, object]) -> None:
        raise OSError

    waited_s, row = 0.0, OutboxEntry.objects.get()
    while row.parked_at is None:
        assert outbox.sweep(away, queues.MAIL) == (1, False)
        row = OutboxEntry.objects.get()
        waited_s += (row.not_before - timezone.now()).total_seconds()
        OutboxEntry.objects.update(not_before=began_at)
    assert 4 * 3_600 < waited_s < 10 * 3_600


def test_a_queue_has_only_its_own_work() -> None:
    OutboxEntry.objects.bulk_create(outbox.entry(task, task, {}) for task in ("chat.mail.send", "chat.test"))
    ran: list[str] = []
    assert outbox.sweep(lambda name, payload: ran.append(name), queues.MAIL) == (1, False)
    assert ran == ["chat.mail.send"]
    assert [row.task for row in outbox.claim(queues.FAST)] == ["chat.test"]


def test_a_run_that_has_lasted_long_gives_back_what_it_has_not_begun() -> None:
    entries(30)
    assert outbox.sweep(lambda name, payload: None, running_s=-1) == (0, True)
    assert set(OutboxEntry.objects.values_list("attempts", "claimed_until")) == {(0, None)}
    assert outbox.sweep(lambda name, payload: None) == (30, False)


def test_what_is_done_keeps_no_text() -> None:
    entries(1)
    outbox.sweep(lambda name, payload: None)
    assert OutboxEntry.objects.get().payload == {}


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


def waiting(app: Celery, name: str) -> list[str]:
    with app.connection_for_read() as connection, connection.SimpleQueue(name) as queue:
        return [queue.get(block=False).headers["task"] for _ in range(queue.qsize())]


def test_a_nudge_wakes_the_workers_of_the_queues_where_there_are_any(settings: Any) -> None:
    with broker("memory://") as app:
        for name in queues.QUEUES:
            waiting(app, name)
        settings.HAS_WORKERS = False
        outbox.nudge()
        assert [waiting(app, name) for name in queues.QUEUES] == [[], [], [], []]
        settings.HAS_WORKERS = True
        outbox.nudge(["mail"])
        assert [waiting(app, name) for name in queues.QUEUES] == [[], ["chat.outbox.sweep"], [], []]
        outbox.nudge()
        assert [waiting(app, name) for name in queues.QUEUES] == [["chat.outbox.sweep"]] * 4


def test_a_broker_that_is_down_is_no_failure(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.HAS_WORKERS = True
    with broker("redis://127.0.0.1:1/0"):
        outbox.nudge()
    assert "outbox.nudge_failed" in caplog.text
