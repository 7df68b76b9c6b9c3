from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.features.notifications.push import trial
from chat.models import OutboxEntry, PushSubscription
from chat.pipeline import outbox
from chat.protocol.errors import ErrorCode, Refused
from chat.tasks import sweep_outbox
from tests.cast import Cast
from tests.features.notifications.push.conftest import enrol
from tests.features.notifications.push.service import PushService


def test_a_test_push_goes_to_the_one_browser(cast: Cast, service: PushService) -> None:
    browser = service.subscribe("a")
    row = enrol(cast.jiwoo, browser)
    enrol(cast.jiwoo, service.subscribe("b"))
    trial.ask(cast.jiwoo, row.pk, timezone.now())
    assert sweep_outbox("io") == 1
    (push,) = service.received
    assert push.browser is browser
    assert push.said == {
        "title": "Maru", "body": "이 기기에 알림이 잘 도착해요.", "tag": "test", "path": "/settings/", "room": None,
        "message": None,
    }  # fmt: skip
    row.refresh_from_db()
    assert row.last_used_at is not None


def test_a_second_one_is_asked_for_half_a_minute_later(cast: Cast, service: PushService) -> None:
    row, now = enrol(cast.bob, service.subscribe("a")), timezone.now()
    trial.ask(cast.bob, row.pk, now)
    with pytest.raises(Refused) as found:
        trial.ask(cast.bob, row.pk, now + timedelta(seconds=10))
    assert (found.value.code, found.value.after_ms) == (ErrorCode.RATE_LIMITED, 20_001)
    trial.ask(cast.bob, row.pk, now + timedelta(seconds=30))
    assert OutboxEntry.objects.filter(task=trial.TASK).count() == 2


def test_nobody_tests_the_browsers_of_others(cast: Cast, service: PushService, settings: Any) -> None:
    row = enrol(cast.bob, service.subscribe("a"))
    with pytest.raises(Refused) as found:
        trial.ask(cast.mina, row.pk, timezone.now())
    assert found.value.code == ErrorCode.NOT_FOUND
    settings.WEB_PUSH = False
    with pytest.raises(Refused) as found:
        trial.ask(cast.bob, row.pk, timezone.now())
    assert found.value.code == ErrorCode.FORBIDDEN
    assert OutboxEntry.objects.filter(task=trial.TASK).count() == 0


def test_what_the_push_service_says_stands_at_the_browser(cast: Cast, service: PushService) -> None:
    row = enrol(cast.bob, service.subscribe("a", 500, 403, 410))
    with pytest.raises(trial.NotTaken):
        trial.send(row.pk)
    row.refresh_from_db()
    assert (row.said, row.last_used_at) == ("500 the push service says no", None)
    trial.send(row.pk)
    row.refresh_from_db()
    assert row.said == "403 the push service says no"
    trial.send(row.pk)
    assert not PushSubscription.objects.exists()
    trial.send(row.pk)
    assert len(service.tries) == 3


def test_the_outbox_tries_again_what_may_be_mended(cast: Cast, service: PushService) -> None:
    row = enrol(cast.bob, service.subscribe("a", 503))
    trial.ask(cast.bob, row.pk, timezone.now())
    sweep_outbox("io")
    entry = OutboxEntry.objects.get(task=trial.TASK)
    assert (entry.done_at, entry.parked_at, entry.attempts) == (None, None, 1)
    assert entry.last_error.startswith("NotTaken: 503")
    OutboxEntry.objects.update(not_before=timezone.now())
    outbox.nudge(["io"])
    sweep_outbox("io")
    assert len(service.received) == 1
