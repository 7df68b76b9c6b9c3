from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from chat.features.notifications import preferences, sweeps
from chat.models import Letter, Membership, NotificationSettings, User
from chat.pipeline.run import run
from chat.protocol.commands import MarkRead
from tests.cast import Cast
from tests.features.mail.server import Mailbox
from tests.features.notifications.test_missed import text_of
from tests.make import post

TUESDAY = datetime(2026, 3, 10, 3, tzinfo=UTC)


def choose(user: User, digest: str, now: datetime = TUESDAY) -> datetime | None:
    preferences.write(user, {"digest": digest}, now)
    return next_at(user)


def next_at(user: User) -> datetime | None:
    return NotificationSettings.objects.get(user=user).digest_at


@pytest.fixture
def bob(people: Cast) -> User:
    User.objects.filter(pk=people.bob.pk).update(time_zone="Asia/Seoul")
    return User.objects.get(pk=people.bob.pk)


@pytest.mark.parametrize(
    ("digest", "at"),
    [
        ("daily", datetime(2026, 3, 11, 8, tzinfo=ZoneInfo("Asia/Seoul"))),
        ("weekly", datetime(2026, 3, 16, 8, tzinfo=ZoneInfo("Asia/Seoul"))),
    ],
)
def test_a_digest_is_planned_for_eight_in_the_morning_of_the_person(
    bob: User, digest: str, at: datetime
) -> None:
    # In Seoul it is noon.
    assert choose(bob, digest) == at


def test_a_digest_that_is_off_is_not_planned(bob: User) -> None:
    choose(bob, "daily")
    assert choose(bob, "off") is None


def test_another_time_zone_moves_it(bob: User) -> None:
    preferences.write(bob, {"digest": "daily"})
    bob.time_zone = "America/New_York"
    bob.save()
    preferences.plan_again(bob)
    at = next_at(bob)
    assert at is not None
    assert at.astimezone(ZoneInfo("America/New_York")).hour == 8


def test_a_digest_tells_what_is_unread_room_by_room(people: Cast, bob: User, mailbox: Mailbox) -> None:
    at = choose(bob, "daily")
    assert at is not None
    for n in range(5):
        post(people.room, people.alice, f"number {n}")
    run(bob.pk, MarkRead(room=people.room.pk, msg_no=1))
    assert sweeps.sweep(at - timedelta(minutes=1)) == 0
    assert sweeps.sweep(at) == 1
    (mail,) = mailbox.mails
    assert mail["Subject"] == "[Maru] Your digest: 4 unread"
    text = text_of(mailbox)
    assert "Maru team (Unread: 4)" in text
    assert [n for n in range(5) if f"number {n}" in text] == [2, 3, 4]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert next_at(bob) == at + timedelta(days=1)
    assert sweeps.sweep(at) == 0


def test_who_has_read_everything_or_muted_it_gets_no_digest(
    people: Cast, bob: User, mailbox: Mailbox
) -> None:
    at = choose(bob, "daily")
    assert at is not None
    post(people.room, people.alice, "hello")
    Membership.objects.filter(user=bob).update(level="none")
    assert sweeps.sweep(at) == 1
    assert mailbox.tries_count == 0
    assert next_at(bob) == at + timedelta(days=1)
    assert not Letter.objects.exists()


def test_who_has_no_confirmed_address_gets_no_digest(people: Cast, mailbox: Mailbox) -> None:
    at = choose(people.carol, "daily")
    assert at is not None
    assert sweeps.sweep(at) == 1
    assert mailbox.tries_count == 0
    assert next_at(people.carol) == at + timedelta(days=1)


def test_a_digest_waits_for_the_end_of_quiet_hours(people: Cast, bob: User, mailbox: Mailbox) -> None:
    at = choose(bob, "daily")
    assert at is not None
    preferences.write(bob, {"quiet_from": "22:00", "quiet_to": "09:30"})
    post(people.room, people.alice, "hello")
    sweeps.sweep(at)
    assert mailbox.tries_count == 0
    assert next_at(bob) == at + timedelta(minutes=90)
    sweeps.sweep(at + timedelta(minutes=90))
    assert len(mailbox.mails) == 1
    assert next_at(bob) == at + timedelta(days=1)


def test_a_digest_that_finds_the_server_away_comes_later(
    people: Cast, bob: User, mailbox: Mailbox, settings: Any
) -> None:
    at = choose(bob, "daily", timezone.now())
    assert at is not None
    post(people.room, people.alice, "hello")
    settings.EMAIL_PORT = 1
    sweeps.sweep(at)
    assert sweeps.sweep(at) == 0
    settings.EMAIL_PORT = mailbox.port
    sweeps.sweep(at + timedelta(minutes=2))
    assert len(mailbox.mails) == 1
    after = next_at(bob)
    assert after is not None
    assert at + timedelta(hours=23) <= after <= at + timedelta(hours=25)
