from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from pydantic import TypeAdapter

from chat import database
from chat.api import shapes
from chat.features.notifications import trial
from chat.models import Letter, Notification, OutboxEntry
from chat.tasks import sweep_outbox
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.features.mail.server import mail_server
from tests.make import post

SETTINGS = TypeAdapter(shapes.NotificationSettings)


@pytest.fixture
def confirmed(cast: Cast) -> Cast:
    cast.bob.email = "bob@example.org"
    cast.bob.save()
    EmailAddress.objects.create(user=cast.bob, email="Bob@example.org", verified=True, primary=True)
    return cast


async def test_who_has_chosen_nothing_gets_mail_and_no_digest(door: Door, confirmed: Cast) -> None:
    response = await door(confirmed.bob).get("me/notifications")
    assert SETTINGS.validate_json(response.content) == {
        "mail": True, "quiet_from": "", "quiet_to": "", "digest": "off", "next_digest_at": None,
        "time_zone": "UTC", "email": "bob@example.org", "no_mail": None, "test": None,
    }  # fmt: skip


async def test_given_fields_change_and_others_stay(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    await bob.patch("me", json={"time_zone": "Asia/Seoul"})
    await bob.patch("me/notifications", json={"quiet_from": "22:00", "quiet_to": "07:30"})
    changed = (await bob.patch("me/notifications", json={"digest": "daily", "no_mail": "bot"})).json()
    assert (changed["quiet_from"], changed["quiet_to"], changed["digest"]) == ("22:00", "07:30", "daily")
    assert changed["next_digest_at"].endswith("T23:00:00.000Z")
    assert (changed["mail"], changed["time_zone"], changed["no_mail"]) == (True, "Asia/Seoul", "no_address")
    cleared = (
        await bob.patch("me/notifications", json={"quiet_from": "", "quiet_to": "", "mail": False})
    ).json()
    assert (cleared["quiet_from"], cleared["quiet_to"], cleared["mail"]) == ("", "", False)
    assert (await bob.get("me/notifications")).json() == cleared
    assert (await door(cast.alice).get("me/notifications")).json()["mail"] is True


async def test_another_time_zone_moves_the_digest(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    await bob.patch("me/notifications", json={"digest": "weekly"})
    await bob.patch("me", json={"time_zone": "Asia/Seoul"})
    assert (await bob.get("me/notifications")).json()["next_digest_at"].endswith("T23:00:00.000Z")


@pytest.mark.parametrize(
    "body",
    [
        {"mail": "yes"},
        {"mail": 1},
        {"digest": "hourly"},
        {"quiet_from": "22:00"},
        {"quiet_from": "22:00", "quiet_to": "22:00"},
        {"quiet_from": "24:00", "quiet_to": "07:00"},
        {"quiet_from": "22:00:00", "quiet_to": "07:00"},
        {"quiet_from": "２２:00", "quiet_to": "07:00"},
        {"quiet_from": 22, "quiet_to": 7},
    ],
)
async def test_bad_field_is_refused_and_nothing_changes(
    door: Door, cast: Cast, body: dict[str, object]
) -> None:
    bob = door(cast.bob)
    before = (await bob.get("me/notifications")).json()
    assert error_of(await bob.patch("me/notifications", json=body)) == (400, "bad_frame")
    assert (await bob.get("me/notifications")).json() == before


def told(cast: Cast) -> list[int]:
    """Have Bob mentioned three times, and Mina once; return the ids of the messages."""
    messages = [post(cast.room, cast.alice, f"@bob {n}") for n in range(3)]
    messages.append(post(cast.room, cast.alice, "@mina"))
    sweep_outbox("fast")
    return [message.pk for message in messages]


async def test_the_ledger_says_what_became_of_each_message(door: Door, confirmed: Cast) -> None:
    messages = await database.run(told, confirmed)
    response = await door(confirmed.bob).get("notifications")
    page = TypeAdapter(shapes.Page[shapes.Notification]).validate_json(response.content)
    assert [row["message"] for row in page["items"]] == messages[2::-1]
    first = page["items"][0]
    assert (first["rule"], first["way"], first["outcome"], first["why"]) == (
        "mention",
        "mail",
        "waiting",
        "unread_yet",
    )
    assert (first["room"], first["msg_no"] is not None, first["until"] is not None) == (
        confirmed.room.pk,
        True,
        True,
    )
    assert page["next"] is None


async def test_the_ledger_goes_in_pages_and_by_message(door: Door, confirmed: Cast) -> None:
    messages = await database.run(told, confirmed)
    bob = door(confirmed.bob)
    first = (await bob.get("notifications?limit=2")).json()
    second = (await bob.get(f"notifications?limit=2&cursor={first['next']}")).json()
    assert [row["message"] for row in first["items"] + second["items"]] == messages[2::-1]
    assert second["next"] is None
    one = (await bob.get(f"notifications?message={messages[1]}")).json()
    assert [row["message"] for row in one["items"]] == [messages[1]]


async def test_nobody_sees_the_rows_of_others(door: Door, confirmed: Cast) -> None:
    messages = await database.run(told, confirmed)
    for user in (confirmed.carol, confirmed.admin, confirmed.alice):
        assert (await door(user).get("notifications")).json() == {"items": [], "next": None}
        asked = await door(user).get(f"notifications?message={messages[0]}")
        assert asked.json() == (await door(user).get("notifications?message=987654321")).json()


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=x", "cursor=-1", "message=x", "message=0"])
async def test_bad_parameter_is_refused(door: Door, cast: Cast, query: str) -> None:
    assert error_of(await door(cast.bob).get(f"notifications?{query}")) == (400, "bad_frame")


def sent(settings: Any) -> list[str]:
    with mail_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", box.port, 5
        sweep_outbox("mail")
        return [f"{mail['To']}: {mail['Subject']}" for mail in box.mails]


async def test_a_test_mail_goes_to_oneself(door: Door, confirmed: Cast, settings: Any) -> None:
    bob = door(confirmed.bob)
    response = await bob.post("me/notifications/test")
    assert (response.status_code, response.json()) == (202, {"email": "bob@example.org"})
    assert (await bob.get("me/notifications")).json()["test"]["sent_at"] is None
    assert await database.run(sent, settings) == ["bob@example.org: [Maru] Test mail"]
    assert (await bob.get("me/notifications")).json()["test"]["sent_at"] is not None
    assert await database.run(sent, settings) == []


async def test_a_test_mail_is_asked_for_five_times_an_hour(door: Door, confirmed: Cast) -> None:
    bob = door(confirmed.bob)
    for _ in range(trial.PER_H_MAX_COUNT):
        assert (await bob.post("me/notifications/test")).status_code == 202
        await database.run(lambda: Letter.objects.update(ended_at=timezone.now()))
    refused = await bob.post("me/notifications/test")
    assert error_of(refused) == (429, "rate_limited")
    assert 0 < refused.json()["error"]["after_ms"] <= 3_600_001
    assert await database.run(Letter.objects.count) == trial.PER_H_MAX_COUNT


async def test_two_that_are_asked_for_together_are_one(door: Door, confirmed: Cast) -> None:
    bob = door(confirmed.bob)
    for _ in range(3):
        assert (await bob.post("me/notifications/test")).status_code == 202
    assert await database.run(OutboxEntry.objects.filter(task=trial.TASK).count) == 1


async def test_who_can_get_no_mail_is_told_why(door: Door, cast: Cast) -> None:
    for user, word in ((cast.bob, "no email address"), (cast.beep, "bots")):
        response = await door(user).post("me/notifications/test")
        assert error_of(response) == (403, "forbidden")
        assert word in response.json()["error"]["detail"]
    assert await database.run(Notification.objects.count) == 0
