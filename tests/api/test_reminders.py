from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat import database
from chat.features.reminders import telling
from chat.models import Message, Reminder
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import client_message_id, post


@pytest.fixture
def message(cast: Cast) -> Message:
    return post(cast.room, cast.alice, "between us")


def at(**ahead: float) -> str:
    return (timezone.now() + timedelta(**ahead)).isoformat()


async def test_one_is_reminded_of_a_message_on_every_connection(
    door: Door, cast: Cast, message: Message, connect: Any
) -> None:
    bob = door(cast.bob)
    sockets = [await connect(cast.token(cast.bob)) for _ in range(2)]
    for socket in sockets:
        await socket.resume()
    body = {"message": message.pk, "due_at": at(hours=3), "label": "in 3 hours"}
    made = await bob.post("reminders", json=body)
    assert made.status_code == 201
    shape = made.json()
    assert (shape["message"], shape["room"], shape["state"]) == (message.pk, cast.room.pk, "waiting")
    for socket in sockets:
        await socket.until("reminders.changed")
    await database.run(Reminder.objects.update, due_at=timezone.now())
    assert await database.run(telling.sweep) == 1
    for socket in sockets:
        told = await socket.until("reminder.due")
        assert (told["reminder"]["id"], told["reminder"]["state"]) == (shape["id"], "due")
    assert [item["state"] for item in (await bob.get("reminders")).json()["items"]] == ["due"]


async def test_it_can_be_put_off_done_and_deleted(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    made = [
        (await bob.post("reminders", json={"text": "call", "due_at": at(hours=1)})).json() for _ in range(2)
    ]
    first, second = (shape["id"] for shape in made)
    off = (await bob.patch(f"reminders/{first}", json={"due_at": at(days=1), "text": "call Dora"})).json()
    assert (off["text"], off["state"]) == ("call Dora", "waiting")
    assert (await bob.post(f"reminders/{first}/done")).json()["state"] == "done"
    assert (await bob.post(f"reminders/{first}/done")).status_code == 200
    assert error_of(await bob.patch(f"reminders/{first}", json={"text": "x"})) == (409, "conflict")
    assert (await bob.delete(f"reminders/{second}")).status_code == 204
    assert error_of(await bob.delete(f"reminders/{second}")) == (404, "not_found")
    assert (await bob.get("reminders")).json() == {"items": [], "next": None}


async def test_a_repeat_with_the_same_id_is_one_reminder(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    asked = {"text": "call", "due_at": at(hours=1), "client_reminder_id": client_message_id()}
    first, again = [(await bob.post("reminders", json=asked)).json() for _ in range(2)]
    assert first == again
    assert error_of(await bob.post("reminders", json={**asked, "text": "x"})) == (409, "conflict")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"text": ""}, (400, "empty")),
        ({"text": "x" * 301}, (413, "too_long")),
        ({"text": "a\0b"}, (400, "bad_text")),
        ({"label": "x" * 81}, (413, "too_long")),
        ({"due_at": "soon"}, (400, "bad_frame")),
        ({"due_at": "2020-01-01T00:00:00Z"}, (400, "bad_frame")),
        ({"message": 10**12}, (404, "not_found")),
        ({"message": "1"}, (400, "bad_frame")),
    ],
)
async def test_what_is_wrong_is_refused_and_costs_nothing(
    door: Door, cast: Cast, wrong: dict[str, Any], code: tuple[int, str]
) -> None:
    asked = {"text": "call", "due_at": at(hours=1), **wrong}
    assert error_of(await door(cast.bob).post("reminders", json=asked)) == code
    assert not await database.run(Reminder.objects.exists)


async def test_a_hidden_message_looks_like_a_missing_one(door: Door, cast: Cast, message: Message) -> None:
    carol = door(cast.carol)
    hidden, missing = [
        await carol.post("reminders", json={"message": pk, "due_at": at(hours=1)})
        for pk in (message.pk, 10**12)
    ]
    assert (hidden.status_code, hidden.content) == (404, missing.content)
