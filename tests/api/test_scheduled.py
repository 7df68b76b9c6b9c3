from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.utils.timezone import now

from chat import database
from chat.features.scheduled import sending
from chat.models import Membership, Message, ScheduledMessage
from chat.protocol import limits
from chat.protocol.commands import RemoveMember
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import client_message_id


def at(**ahead: float) -> str:
    return (now() + timedelta(**ahead)).isoformat()


def order(cast: Cast, body: str = "later", **fields: Any) -> dict[str, Any]:
    return {"room": cast.room.pk, "body": body, "due_at": at(hours=1), **fields}


async def make_due() -> None:
    """Let all that waits be due."""
    await database.run(ScheduledMessage.objects.update, due_at=now())


async def test_one_writes_now_and_it_is_sent_later(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    seoul = timezone(timedelta(hours=9))
    evening = (now() + timedelta(days=30)).astimezone(seoul).replace(hour=18, minute=0, second=0)
    asked = order(cast, due_at=evening.isoformat(timespec="minutes"), time_zone="Asia/Seoul")
    made = await bob.post("scheduled", json=asked)
    assert made.status_code == 201
    shape = made.json()
    assert (shape["state"], shape["body"], shape["error"], shape["seq"]) == ("waiting", "later", None, None)
    assert (shape["due_at"], shape["time_zone"]) == (f"{evening:%Y-%m-%d}T09:00:00.000Z", "Asia/Seoul")
    assert (await bob.get("scheduled")).json() == {"items": [shape], "next": None}
    await make_due()
    assert await database.run(sending.sweep) == 1
    sent = (await bob.get(f"scheduled/{shape['id']}")).json()
    message = (await bob.get(f"messages/{sent['message']}")).json()
    assert (sent["state"], sent["body"], sent["seq"]) == ("sent", "", message["seq"])
    assert (message["body"], message["sender"]["handle"]) == ("later", "bob")
    assert (await bob.get("scheduled")).json()["items"] == []


async def test_a_repeat_with_the_same_id_is_one_message(door: Door, cast: Cast) -> None:
    bob, asked = door(cast.bob), order(cast, client_scheduled_id=client_message_id())
    first = (await bob.post("scheduled", json=asked)).json()
    again = await bob.post("scheduled", json=asked)
    assert (again.status_code, again.json()) == (201, first)
    other = await bob.post("scheduled", json={**asked, "body": "another"})
    assert error_of(other) == (409, "conflict")
    await bob.post("scheduled", json=order(cast))
    await bob.post("scheduled", json=order(cast))
    assert len((await bob.get("scheduled")).json()["items"]) == 3


async def test_text_and_time_can_be_changed_and_all_of_it_cancelled(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    pk = (await bob.post("scheduled", json=order(cast))).json()["id"]
    changed = (await bob.patch(f"scheduled/{pk}", json={"body": "better", "due_at": at(hours=2)})).json()
    assert changed["body"] == "better"
    assert datetime.fromisoformat(changed["due_at"]) > now() + timedelta(minutes=119)
    assert (await bob.patch(f"scheduled/{pk}", json={})).json() == changed
    assert (await bob.delete(f"scheduled/{pk}")).status_code == 204
    for method in ("GET", "PATCH", "DELETE"):
        assert error_of(await bob.request(method, f"scheduled/{pk}", json={})) == (404, "not_found")


async def test_it_is_sent_now_once_however_often_that_is_asked(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    pk = (await bob.post("scheduled", json=order(cast))).json()["id"]
    answers = [(await bob.post(f"scheduled/{pk}/send-now")).json() for _ in range(2)]
    assert answers[0]["state"] == "sent"
    assert answers[0] == answers[1]
    assert await database.run(Message.objects.filter(room=cast.room).count) == 1
    assert error_of(await bob.patch(f"scheduled/{pk}", json={"body": "x"})) == (409, "conflict")
    assert error_of(await bob.delete(f"scheduled/{pk}")) == (409, "conflict")


async def test_sent_now_without_the_right_is_refused_and_waits_as_before(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    shape = (await bob.post("scheduled", json=order(cast))).json()
    mine = Membership.objects.filter(room=cast.room, user=cast.bob)
    await database.run(mine.update, muted_until=now() + timedelta(hours=1))
    assert error_of(await bob.post(f"scheduled/{shape['id']}/send-now")) == (403, "muted")
    assert (await bob.get("scheduled")).json()["items"] == [shape]


async def test_who_lost_the_right_sees_why_and_can_try_again(door: Door, cast: Cast, runtime: Any) -> None:
    bob = door(cast.bob)
    pk = (await bob.post("scheduled", json=order(cast))).json()["id"]
    await runtime.committer.submit(cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    await make_due()
    await database.run(sending.sweep)
    (shape,) = (await bob.get("scheduled")).json()["items"]
    assert (shape["state"], shape["error"]) == ("failed", {"code": "not_found", "detail": "no such room"})
    assert error_of(await bob.post(f"scheduled/{pk}/send-now")) == (404, "not_found")
    assert (await bob.get(f"scheduled/{pk}")).json()["state"] == "failed"
    await door(cast.alice).post(f"rooms/{cast.room.pk}/members", json={"user": cast.bob.pk})
    assert (await bob.post(f"scheduled/{pk}/send-now")).json()["state"] == "sent"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"body": " "}, (400, "empty")),
        ({"body": "x" * 8_001}, (413, "too_long")),
        ({"body": "a\0b"}, (400, "bad_text")),
        ({"body": 1}, (400, "bad_frame")),
        ({"due_at": "tomorrow"}, (400, "bad_frame")),
        ({"due_at": "2099-12-24T18:00"}, (400, "bad_frame")),
        ({"due_at": "2020-01-01T00:00:00Z"}, (400, "bad_frame")),
        ({"due_at": "9999-12-31T23:59:59-23:00"}, (400, "bad_frame")),
        ({"due_at": 1_800_000_000}, (400, "bad_frame")),
        ({"time_zone": "Asia/서울"}, (400, "bad_frame")),
        ({"time_zone": "x" * 65}, (400, "bad_frame")),
        ({"client_scheduled_id": "short"}, (400, "bad_frame")),
        ({"parent": 10**12}, (404, "not_found")),
        ({"room": 10**12}, (404, "not_found")),
    ],
)
async def test_what_is_wrong_is_refused_and_costs_nothing(
    door: Door, cast: Cast, wrong: dict[str, Any], code: tuple[int, str]
) -> None:
    bob = door(cast.bob)
    assert error_of(await bob.post("scheduled", json=order(cast, **wrong))) == code
    pk = (await bob.post("scheduled", json=order(cast))).json()["id"]
    if "room" not in wrong and "parent" not in wrong and "client_scheduled_id" not in wrong:
        assert error_of(await bob.patch(f"scheduled/{pk}", json=wrong)) == code
    assert await database.run(ScheduledMessage.objects.count) == 1


async def test_the_number_that_waits_is_bounded(
    door: Door, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SCHEDULED_MAX_COUNT", 1)
    bob = door(cast.bob)
    await bob.post("scheduled", json=order(cast))
    assert error_of(await bob.post("scheduled", json=order(cast))) == (400, "too_many")


class TestFewSends:
    @pytest.fixture(autouse=True)
    def _few(self, configure: Callable[..., None]) -> None:
        configure(SENDS_PER_S=0.01, SENDS_BURST=2)

    async def test_scheduling_counts_as_sending(self, door: Door, cast: Cast) -> None:
        bob = door(cast.bob)
        answers = [await bob.post("scheduled", json=order(cast)) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]


async def test_ones_other_devices_hear_of_every_change(door: Door, cast: Cast, connect: Any) -> None:
    bob, socket = door(cast.bob), await connect(cast.token(cast.bob))
    other = await connect(cast.token(cast.alice))
    await socket.resume()
    await other.resume()
    pk = (await bob.post("scheduled", json=order(cast))).json()["id"]
    await socket.until("scheduled.changed")
    await bob.patch(f"scheduled/{pk}", json={"body": "x"})
    await socket.until("scheduled.changed")
    await bob.post(f"scheduled/{pk}/send-now")
    await socket.until("scheduled.changed")
    pk = (await bob.post("scheduled", json=order(cast))).json()["id"]
    await socket.until("scheduled.changed")
    await bob.delete(f"scheduled/{pk}")
    await socket.until("scheduled.changed")
    await other.ask("ping")
    assert "scheduled.changed" not in [frame["type"] for frame in other.seen]
