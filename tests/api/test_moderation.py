from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pydantic import TypeAdapter

from chat import database
from chat.models import Change, Membership
from chat.protocol.shapes import Ban, Member
from tests.api.conftest import Door, error_of
from tests.cast import Cast, membership


def _last(cast: Cast) -> dict[str, Any]:
    row = Change.objects.filter(room=cast.room).order_by("-seq").values("kind", "payload", "subject").first()
    assert row is not None
    return dict(row)


async def test_mute_is_shown_to_everybody_and_ends(door: Door, cast: Cast) -> None:
    path = f"rooms/{cast.room.pk}/members/{cast.bob.pk}/mute"
    muted = TypeAdapter(Member).validate_python((await door(cast.mina).put(path, json={"minutes": 5})).json())
    assert muted["muted_until"] is not None
    until = datetime.fromisoformat(muted["muted_until"])
    assert timedelta(minutes=4) < until - datetime.now(UTC) <= timedelta(minutes=5)
    listed = (await door(cast.jiwoo).get(f"rooms/{cast.room.pk}/members")).json()["items"]
    assert [item["user"]["handle"] for item in listed if item["muted_until"]] == ["bob"]
    assert (await door(cast.bob).get(f"rooms/{cast.room.pk}")).json()["muted_until"] == muted["muted_until"]
    said = await door(cast.bob).post(f"rooms/{cast.room.pk}/messages", json={"body": "but"})
    assert error_of(said) == (403, "muted")
    unmuted = await door(cast.mina).delete(path)
    assert unmuted.json()["muted_until"] is None
    assert (
        await door(cast.bob).post(f"rooms/{cast.room.pk}/messages", json={"body": "now"})
    ).status_code == 201


async def test_mute_without_an_end_lasts_for_ever(door: Door, cast: Cast) -> None:
    path = f"rooms/{cast.room.pk}/members/{cast.bob.pk}/mute"
    assert (await door(cast.mina).put(path)).json()["muted_until"].startswith("9999-01-01T00:00:00")


@pytest.mark.parametrize(
    "body",
    [
        {"minutes": 0},
        {"minutes": 525_601},
        {"minutes": True},
        {"minutes": 1.5},
        {"until": "tomorrow"},
        {"until": "2026-01-01T00:00:00"},
        {"until": "0001-01-01T00:00:00+23:59"},
        {"until": "9999-12-31T23:59:59Z"},
        {"until": "2001-01-01T00:00:00Z"},
        {"until": "2" * 400},
        {"until": 5},
        {"until": "2999-01-01T00:00:00Z", "minutes": 5},
        {"reason": 5},
    ],
)
async def test_end_that_is_none_is_refused(door: Door, cast: Cast, body: dict[str, object]) -> None:
    path = f"rooms/{cast.room.pk}/members/{cast.bob.pk}/mute"
    assert error_of(await door(cast.mina).put(path, json=body)) == (400, "bad_frame")


async def test_reason_that_is_too_long_is_refused(door: Door, cast: Cast) -> None:
    path = f"rooms/{cast.room.pk}/bans/{cast.bob.pk}"
    assert error_of(await door(cast.mina).put(path, json={"reason": "x" * 201})) == (413, "too_long")


async def test_ban_takes_out_keeps_out_and_is_lifted(door: Door, cast: Cast) -> None:
    path = f"rooms/{cast.plaza.pk}/bans/{cast.bob.pk}"
    assert (await door(cast.bob).post(f"rooms/{cast.plaza.pk}/join")).status_code == 200
    assert (await door(cast.alice).put(path, json={"reason": "spam"})).status_code == 200
    assert error_of(await door(cast.bob).get(f"rooms/{cast.plaza.pk}")) == (404, "not_found")
    assert error_of(await door(cast.bob).get(f"rooms/{cast.plaza.pk}/messages")) == (404, "not_found")
    assert error_of(await door(cast.bob).post(f"rooms/{cast.plaza.pk}/join")) == (403, "forbidden")
    everywhere = (await door(cast.bob).get("rooms?scope=all")).json()["items"]
    assert cast.plaza.pk not in [item["id"] for item in everywhere]
    bans = (await door(cast.alice).get(f"rooms/{cast.plaza.pk}/bans")).json()
    (ban,) = TypeAdapter(list[Ban]).validate_python(bans["items"])
    assert (ban["user"]["handle"], bans["next"]) == ("bob", None)
    changes = (await door(cast.alice).get(f"rooms/{cast.plaza.pk}/changes?after=0")).json()["items"]
    left = changes[-1]
    assert (left["type"], left["is_banned"], left["reason"], left["by"]) == (
        "member.left", True, "spam", cast.alice.pk,
    )  # fmt: skip
    assert (await door(cast.alice).delete(path)).status_code == 200
    assert (await door(cast.alice).get(f"rooms/{cast.plaza.pk}/bans")).json()["items"] == []
    assert (await door(cast.bob).post(f"rooms/{cast.plaza.pk}/join")).status_code == 200


async def test_who_was_never_in_is_banned_by_a_change_of_its_own(door: Door, cast: Cast) -> None:
    path = f"rooms/{cast.plaza.pk}/bans/{cast.carol.pk}"
    first = (await door(cast.alice).put(path)).json()
    assert (await door(cast.alice).put(path)).json() == first
    changes = (await door(cast.alice).get(f"rooms/{cast.plaza.pk}/changes?after=1")).json()["items"]
    assert [(one["type"], one["user"]["handle"], one["seq"]) for one in changes] == [
        ("member.banned", "carol", first["seq"])
    ]
    assert error_of(await door(cast.carol).post(f"rooms/{cast.plaza.pk}/join")) == (403, "forbidden")
    await door(cast.alice).delete(path)
    assert (await door(cast.carol).post(f"rooms/{cast.plaza.pk}/join")).status_code == 200


async def test_last_owner_is_told_what_to_do_first(door: Door, cast: Cast) -> None:
    refused = await door(cast.alice).post(f"rooms/{cast.room.pk}/leave")
    assert error_of(refused) == (409, "conflict")
    assert "make somebody else an owner first" in refused.json()["error"]["detail"]
    mina = f"rooms/{cast.room.pk}/members/{cast.mina.pk}"
    assert (await door(cast.alice).patch(mina, json={"role": "owner"})).status_code == 200
    assert (await door(cast.alice).post(f"rooms/{cast.room.pk}/leave")).status_code == 200


async def test_what_is_done_to_somebody_stands_in_the_log(
    door: Door, cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = f"rooms/{cast.room.pk}/bans/{cast.bob.pk}"
    assert (await door(cast.admin).put(path, json={"reason": "between us"})).status_code == 200
    (line,) = [
        record.msg for record in caplog.records
        if isinstance(record.msg, dict) and record.msg.get("event") == "audit.noted"
    ]  # fmt: skip
    said = {name: line[name] for name in ("deed", "actor", "subject", "room", "as_admin")}
    assert said == {
        "deed": "member.banned", "actor": cast.admin.pk, "subject": cast.bob.pk, "room": cast.room.pk,
        "as_admin": True,
    }  # fmt: skip
    assert "between us" not in str(line)
    assert (await database.run(_last, cast))["payload"]["reason"] == "between us"
    assert (await database.run(membership, cast.room, cast.bob)).banned_at is not None


async def test_a_ban_with_an_end_is_told_and_is_over_by_itself(door: Door, cast: Cast) -> None:
    path = f"rooms/{cast.plaza.pk}/bans/{cast.carol.pk}"
    await door(cast.alice).put(path, json={"minutes": 60, "reason": "a rest"})
    (ban,) = (await door(cast.alice).get(f"rooms/{cast.plaza.pk}/bans")).json()["items"]
    assert ban["banned_until"] > ban["banned_at"]
    (change,) = (await door(cast.alice).get(f"rooms/{cast.plaza.pk}/changes?after=1")).json()["items"]
    assert (change["type"], change["banned_until"]) == ("member.banned", ban["banned_until"])
    assert error_of(await door(cast.carol).get(f"rooms/{cast.plaza.pk}")) == (404, "not_found")
    await database.run(
        Membership.objects.filter(user=cast.carol).update, banned_until=timezone.now() - timedelta(seconds=1)
    )
    assert (await door(cast.carol).get(f"rooms/{cast.plaza.pk}")).status_code == 200
    assert (await door(cast.alice).get(f"rooms/{cast.plaza.pk}/bans")).json()["items"] == []
    assert (await door(cast.carol).post(f"rooms/{cast.plaza.pk}/join")).status_code == 200
