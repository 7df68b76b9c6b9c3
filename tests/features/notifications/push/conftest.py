from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from chat.features.notifications.push import keys, sending, subscriptions, sweep
from chat.features.notifications.push.commands import AddPush
from chat.models import Notification, PushSubscription, Token, User
from chat.pipeline import runner
from chat.queries.sign_in import Held
from tests.cast import token_of
from tests.features.notifications.conftest import after, noted
from tests.features.notifications.push.service import Browser, PushService, push_service


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[PushService]:
    """Switch push on, with a push service of our own behind the guard."""
    private, public = keys.make()
    settings.WEB_PUSH, settings.VAPID_PRIVATE_KEY = True, private
    settings.VAPID_SUBJECT = "mailto:ops@example.org"
    with push_service(tmp_path, public) as running:
        monkeypatch.setattr(sending, "network", running)
        yield running
        runner.close()
    assert running.faults == []


def held(user: User) -> Held:
    """Sign somebody in."""
    return Held(user.pk, Token.digest_of(token_of(user)), "", "")


def enrol(
    user: User, browser: Browser, sign_in: Held | None = None, now: datetime | None = None
) -> PushSubscription:
    """Let somebody be told in a browser."""
    asked = AddPush.model_validate(browser.body)
    return subscriptions.add(
        user, asked, sign_in or held(user), browser.path, ("chat.example.org",), now or timezone.now()
    )


def pushed(minutes: float = 1) -> int:
    """Note, then push as if so many minutes had passed; return how many browsers were looked at."""
    noted()
    return sweep.sweep(lambda: after(minutes))


def rows(user: User) -> list[Notification]:
    return list(Notification.objects.filter(user=user, way="push").order_by("pk"))


def state(user: User) -> list[tuple[str, str]]:
    """Return outcome and reason of what was to be pushed to somebody, in order."""
    return [(str(row.outcome), str(row.why)) for row in rows(user)]
