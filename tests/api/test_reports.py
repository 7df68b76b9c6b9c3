from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat import database
from chat.features.reports import telling
from chat.models import Message, Report
from chat.pipeline.run import run
from chat.protocol.commands import EditMessage, OpenDirect
from tests.api.conftest import Door, error_of
from tests.cast import Cast, membership
from tests.make import post


@pytest.fixture
def bad(cast: Cast) -> Message:
    for number in range(5):
        post(cast.room, cast.alice, f"before {number}")
    message = post(cast.room, cast.bob, "something bad")
    post(cast.room, cast.alice, "after")
    return message


@pytest.fixture
def whispered(cast: Cast) -> Message:
    direct = run(cast.bob.pk, OpenDirect(users=[cast.carol.pk]))["room"]
    return post(type(cast.room).objects.get(pk=direct), cast.bob, "a bad whisper")


async def _report(door: Door, who: Any, message: Message, **said: str) -> Any:
    return await door(who).post(f"messages/{message.pk}/report", json={"kind": "abuse", **said})


async def _open(door: Door, who: Any) -> list[dict[str, Any]]:
    found = (await door(who).get("reports")).json()
    assert found["open"] == len(found["items"])
    items: list[dict[str, Any]] = found["items"]
    return items


async def test_a_moderator_sees_who_said_what_with_what_stands_around_it(
    door: Door, cast: Cast, bad: Message
) -> None:
    response = await _report(door, cast.jiwoo, bad, text="this hurts")
    assert response.status_code == 201
    again = await _report(door, cast.jiwoo, bad, text="once more")
    assert (again.status_code, again.json()) == (200, response.json())
    await _report(door, cast.alice, bad, kind="spam")
    (item,) = await _open(door, cast.mina)
    assert item["message"]["body"] == item["said"] == "something bad"
    assert [(one["by"]["handle"], one["kind"], one["text"]) for one in item["reports"]] == [
        ("alice", "spam", ""), ("지우", "abuse", "this hurts"),
    ]  # fmt: skip
    assert item["count"] == 2
    assert [one["body"] for one in item["context"]] == ["before 2", "before 3", "before 4", "after"]


async def test_an_admin_who_is_not_in_the_room_sees_the_message_alone(
    door: Door, cast: Cast, bad: Message
) -> None:
    await _report(door, cast.jiwoo, bad)
    (item,) = await _open(door, cast.admin)
    assert (item["may_read"], item["context"], item["said"]) == (False, [], "something bad")


async def test_the_reported_learns_nothing_also_as_a_moderator_or_admin(door: Door, cast: Cast) -> None:
    message = await database.run(post, cast.room, cast.mina, "said by a moderator")
    await _report(door, cast.bob, message)
    assert await _open(door, cast.mina) == []
    assert len(await _open(door, cast.alice)) == 1
    path, body = f"messages/{message.pk}/resolve", {"resolution": "dismissed"}
    assert error_of(await door(cast.mina).post(path, json=body)) == (404, "not_found")


async def test_members_and_outsiders_see_none_and_resolve_none(door: Door, cast: Cast, bad: Message) -> None:
    await _report(door, cast.jiwoo, bad)
    path, body = f"messages/{bad.pk}/resolve", {"resolution": "dismissed"}
    for who in (cast.bob, cast.jiwoo, cast.carol, cast.beep):
        assert await _open(door, who) == []
        assert error_of(await door(who).post(path, json=body)) == (404, "not_found")
    assert error_of(await _report(door, cast.carol, bad)) == (404, "not_found")


async def test_who_edits_a_message_does_not_take_back_what_was_reported(
    door: Door, cast: Cast, bad: Message
) -> None:
    await database.run(run, cast.bob.pk, EditMessage(message=bad.pk, body="something worse"))
    await _report(door, cast.jiwoo, bad)
    for body in ("harmless", "even more harmless"):
        await database.run(run, cast.bob.pk, EditMessage(message=bad.pk, body=body))
    (item,) = await _open(door, cast.mina)
    assert (item["message"]["body"], item["said"]) == ("even more harmless", "something worse")


@pytest.mark.parametrize(
    ("resolution", "more"),
    [
        ("dismissed", {}), ("settled", {}), ("deleted", {}), ("muted", {"minutes": 60, "delete": True}),
        ("removed", {}), ("banned", {"minutes": 60}), ("banned", {"delete": True}),
    ],
)  # fmt: skip
async def test_it_is_seen_to_in_one_step_and_stands_in_the_record(
    door: Door, cast: Cast, bad: Message, resolution: str, more: dict[str, Any]
) -> None:
    await _report(door, cast.jiwoo, bad)
    await _report(door, cast.alice, bad)
    body = {"resolution": resolution, "reason": "unkind", **more}
    found = await door(cast.mina).post(f"messages/{bad.pk}/resolve", json=body)
    assert found.json() == {"reports": 2}
    assert await _open(door, cast.mina) == []
    (over,) = (await door(cast.mina).get("reports?state=resolved")).json()["items"]
    assert {one["resolution"] for one in over["reports"]} == {resolution}
    assert {one["resolved_by"]["handle"] for one in over["reports"]} == {"mina"}
    own = await database.run(membership, cast.room, cast.bob)
    is_deleted = (await database.run(Message.objects.get, pk=bad.pk)).deleted_at is not None
    assert is_deleted == (resolution == "deleted" or "delete" in more)
    assert (own.muted_until is not None) == (resolution == "muted")
    assert own.is_in == (resolution not in ("removed", "banned"))
    assert own.is_banned(timezone.now()) == (resolution == "banned")
    assert (own.banned_until is not None) == (resolution == "banned" and "minutes" in more)
    (entry,) = (await door(cast.admin).get("admin/audit?deed=report.resolved")).json()["items"]
    assert (entry["facts"], entry["reason"]) == ({"resolution": resolution, "reports": 2}, "unkind")
    assert error_of(await door(cast.mina).post(f"messages/{bad.pk}/resolve", json=body)) == (404, "not_found")


async def test_a_message_that_its_author_has_deleted_is_still_seen_to(
    door: Door, cast: Cast, bad: Message
) -> None:
    await _report(door, cast.jiwoo, bad)
    await door(cast.bob).delete(f"messages/{bad.pk}")
    body = {"resolution": "deleted"}
    assert (await door(cast.mina).post(f"messages/{bad.pk}/resolve", json=body)).json() == {"reports": 1}


async def test_what_may_not_be_done_leaves_the_report_open(door: Door, cast: Cast) -> None:
    message = await database.run(post, cast.room, cast.alice, "said by the owner")
    await _report(door, cast.bob, message)
    refused = await door(cast.mina).post(f"messages/{message.pk}/resolve", json={"resolution": "banned"})
    assert error_of(refused) == (403, "forbidden")
    assert len(await _open(door, cast.mina)) == 1


async def test_a_conversation_is_reported_to_the_admins_alone(
    door: Door, cast: Cast, whispered: Message
) -> None:
    assert (await _report(door, cast.carol, whispered)).status_code == 201
    (item,) = await _open(door, cast.admin)
    assert (item["room"]["kind"], item["room"]["name"], item["context"]) == ("direct", "", [])
    assert await _open(door, cast.mina) == []
    assert await _open(door, cast.carol) == []
    refused = await door(cast.admin).post(f"messages/{whispered.pk}/resolve", json={"resolution": "banned"})
    # Nobody runs a conversation, and nobody outside of it learns more of it.
    assert refused.status_code == 404
    body = {"resolution": "settled", "reason": "we have talked"}
    assert (await door(cast.admin).post(f"messages/{whispered.pk}/resolve", json=body)).status_code == 200


async def test_those_in_charge_are_told_at_once_and_nobody_else(
    door: Door, cast: Cast, bad: Message, connect: Any
) -> None:
    sockets = [await connect(cast.token(who)) for who in (cast.mina, cast.admin, cast.bob)]
    for socket in sockets:
        await socket.resume()
    await _report(door, cast.jiwoo, bad)
    for socket in sockets[:2]:
        await socket.until("reports.changed")
    await sockets[2].ask("ping")
    assert not [frame for frame in sockets[2].seen if frame["type"] == "reports.changed"]


async def test_nobody_floods_those_in_charge(
    door: Door, cast: Cast, bad: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PER_H_MAX_COUNT", 1)
    other = await database.run(post, cast.room, cast.bob, "another")
    assert (await _report(door, cast.jiwoo, bad)).status_code == 201
    refused = await _report(door, cast.jiwoo, other)
    assert error_of(refused) == (429, "rate_limited")
    assert 3_500_000 < refused.json()["error"]["after_ms"] <= 3_600_001
    # Somebody else may, and so may the same one an hour later, as long as not too many wait.
    assert (await _report(door, cast.alice, other)).status_code == 201
    await database.run(Report.objects.update, created_at=timezone.now() - timedelta(hours=2))
    monkeypatch.setattr(telling, "OPEN_MAX_COUNT", 1)
    assert error_of(await _report(door, cast.jiwoo, other)) == (400, "too_many")


async def test_ones_own_and_what_is_deleted_are_not_reported(door: Door, cast: Cast, bad: Message) -> None:
    assert error_of(await _report(door, cast.bob, bad)) == (403, "forbidden")
    await door(cast.bob).delete(f"messages/{bad.pk}")
    assert error_of(await _report(door, cast.jiwoo, bad)) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("report", {}), ("report", {"kind": "boring"}), ("report", {"kind": "other"}),
        ("report", {"kind": "spam", "text": "x" * 201}), ("resolve", {}), ("resolve", {"resolution": "forgiven"}),
        ("resolve", {"resolution": "dismissed", "delete": True}), ("resolve", {"resolution": "removed", "minutes": 5}),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_refused(
    door: Door, cast: Cast, bad: Message, path: str, body: dict[str, Any]
) -> None:
    await _report(door, cast.alice, bad)
    assert (await door(cast.mina).post(f"messages/{bad.pk}/{path}", json=body)).status_code in (400, 413)
    assert len(await _open(door, cast.mina)) == 1


async def test_the_queue_comes_in_pages(door: Door, cast: Cast) -> None:
    for number in range(3):
        message = await database.run(post, cast.room, cast.bob, str(number))
        await _report(door, cast.jiwoo, message)
    first = (await door(cast.mina).get("reports?limit=2")).json()
    assert [item["said"] for item in first["items"]] == ["2", "1"]
    assert first["open"] == 3
    second = (await door(cast.mina).get(f"reports?limit=2&cursor={first['next']}")).json()
    assert ([item["said"] for item in second["items"]], second["next"]) == (["0"], None)
