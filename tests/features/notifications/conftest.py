from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from chat.features.notifications import sweeps
from chat.models import Letter, Notification, User
from chat.tasks import sweep_outbox
from tests.cast import Cast
from tests.features.mail.server import Mailbox, mail_server


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", box.port, 5
        yield box


@pytest.fixture
def people(cast: Cast) -> Cast:
    """The cast, of whom Alice, Bob, Mina and 지우 have a confirmed address."""
    for user in (cast.alice, cast.bob, cast.mina, cast.jiwoo):
        confirm(user)
    return cast


def confirm(user: User) -> str:
    """Give somebody a confirmed address."""
    user.email = f"{user.handle}@example.org".replace("지우", "jiwoo")
    user.save(update_fields=["email"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user.email


def noted() -> None:
    """Have the follow-up work of what was posted done."""
    sweep_outbox("fast")


def after(minutes: float) -> datetime:
    return timezone.now() + timedelta(minutes=minutes)


def told(minutes: float = 6) -> int:
    """Note, then write as if so many minutes had passed; return to how many people."""
    noted()
    return sweeps.sweep(after(minutes))


def state(user: User) -> list[tuple[str, str]]:
    """Return outcome and reason of each row about somebody, in order."""
    rows = Notification.objects.filter(user=user).order_by("pk")
    return [(str(row.outcome), str(row.why)) for row in rows]


def letter() -> Letter:
    return Letter.objects.get()
