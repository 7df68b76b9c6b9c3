from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from chat import database
from chat.features.audit import reading
from chat.models import AuditEntry, Room
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture
def _fresh(cast: Cast) -> None:
    AuditEntry.objects.all().delete()


pytestmark = pytest.mark.usefixtures("_fresh")


async def _deeds(door: Door, cast: Cast, **query: Any) -> list[tuple[str, str, str]]:
    items = (await door(cast.admin).get("admin/audit", params=query)).json()["items"]
    return [
        (one["deed"], one["actor"]["handle"], one["subject"]["handle"] if one["subject"] else "")
        for one in items
    ]


async def test_every_deed_of_a_room_is_there_with_who_whom_where_why_and_from_where(
    door: Door, cast: Cast
) -> None:
    mina, room = door(cast.mina), f"rooms/{cast.room.pk}"
    bob = f"{room}/members/{cast.bob.pk}"
    await mina.put(f"{bob}/mute", json={"minutes": 10, "reason": "a rest"})
    await mina.delete(f"{bob}/mute")
    await mina.delete(f"{room}/members/{cast.jiwoo.pk}?reason=gone")
    await mina.put(f"{room}/bans/{cast.bob.pk}", json={"reason": "spam", "minutes": 60})
    await mina.delete(f"{room}/bans/{cast.bob.pk}")
    await door(cast.alice).patch(f"{room}/members/{cast.beep.pk}", json={"role": "moderator"})
    await door(cast.alice).patch(room, json={"topic": "new", "archived": True})
    await door(cast.alice).delete(room)
    assert await _deeds(door, cast) == [
        ("room.deleted", "alice", ""),
        ("room.changed", "alice", ""),
        ("member.role", "alice", "beep"),
        ("member.unbanned", "mina", "bob"),
        ("member.banned", "mina", "bob"),
        ("member.removed", "mina", "지우"),
        ("member.unmuted", "mina", "bob"),
        ("member.muted", "mina", "bob"),
    ]
    items = (await door(cast.admin).get("admin/audit")).json()["items"]
    assert items[1]["facts"]["fields"] == {"topic": "new", "archived": True}
    assert items[-1]["reason"] == "a rest"
    assert items[-1]["facts"]["until"] is not None
    assert items[5]["reason"] == "gone"
    assert {one["room"]["id"] for one in items} == {cast.room.pk}
    assert {one["origin"] for one in items} == {"127.0.0.1"}


async def test_what_one_does_to_oneself_is_no_deed_of_the_record(door: Door, cast: Cast) -> None:
    await door(cast.bob).post(f"rooms/{cast.room.pk}/leave")
    assert await _deeds(door, cast) == []


async def test_settings_tokens_invites_and_exports_are_there(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    await ada.patch("retention", json={"days": 30})
    await ada.put(f"rooms/{cast.room.pk}/retention/hold")
    await ada.put(f"rooms/{cast.room.pk}/retention/hold")
    await ada.delete(f"rooms/{cast.room.pk}/retention/hold")
    invite = (await ada.post("invites", json={})).json()["id"]
    await ada.delete(f"invites/{invite}")
    token = (await ada.post("tokens", json={"label": "alerts"})).json()
    await ada.delete(f"tokens/{token['id']}")
    export = (await ada.post("exports", json={"kind": "workspace", "reason": "a backup"})).json()["id"]
    await ada.delete(f"exports/{export}")
    await ada.patch("admin/workspace", json={"name": "Seoul"})
    items = (await ada.get("admin/audit")).json()["items"]
    assert [one["deed"] for one in items] == [
        "workspace.changed", "export.ended", "export.asked", "token.revoked", "token.made", "invite.revoked",
        "invite.made", "hold.ended", "hold.set", "retention.set",
    ]  # fmt: skip
    assert token["token"] not in json.dumps(items)
    assert items[2]["reason"] == "a backup"


async def test_own_data_are_nobody_elses_business(door: Door, cast: Cast) -> None:
    await door(cast.bob).post("exports", json={})
    assert await _deeds(door, cast) == []


async def test_it_is_narrowed_by_person_deed_room_and_time(door: Door, cast: Cast) -> None:
    room = f"rooms/{cast.room.pk}"
    await door(cast.mina).put(f"{room}/members/{cast.bob.pk}/mute")
    await door(cast.alice).patch(f"rooms/{cast.plaza.pk}", json={"topic": "x"})
    muted, changed = ("member.muted", "mina", "bob"), ("room.changed", "alice", "")
    assert await _deeds(door, cast, person=cast.bob.pk) == [muted]
    assert await _deeds(door, cast, person=cast.alice.pk) == [changed]
    assert await _deeds(door, cast, deed="room.changed") == [changed]
    assert await _deeds(door, cast, room=cast.room.pk) == [muted]
    at = (await door(cast.admin).get("admin/audit")).json()["items"][0]["at"]
    assert await _deeds(door, cast, since="2999-01-01T00:00:00Z") == []
    assert await _deeds(door, cast, until="2000-01-01T00:00:00+09:00") == []
    # On the wire are milliseconds, rounded down.
    assert changed in await _deeds(door, cast, since=at, room=cast.plaza.pk)
    first = (await door(cast.admin).get("admin/audit?limit=1")).json()
    second = (await door(cast.admin).get(f"admin/audit?limit=1&cursor={first['next']}")).json()
    assert [one["items"][0]["deed"] for one in (first, second)] == ["room.changed", "member.muted"]
    assert second["next"] is None


@pytest.mark.parametrize(
    "query", ["deed=nothing", "since=yesterday", "until=2026-01-01", "person=x", "cursor=x"]
)
async def test_what_is_asked_wrongly_is_refused(door: Door, cast: Cast, query: str) -> None:
    for path in ("admin/audit", "admin/audit/file"):
        if not (path.endswith("file") and query.startswith("cursor")):
            assert error_of(await door(cast.admin).get(f"{path}?{query}")) == (400, "bad_frame")


async def test_it_is_taken_away_as_csv_and_as_lines_of_json(
    door: Door, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PIECE_COUNT", 2)
    path = f"rooms/{cast.room.pk}/members/{cast.bob.pk}/mute"
    for minutes in (5, 6, 7, 8, 9):
        await door(cast.mina).put(path, json={"minutes": minutes, "reason": '=HYPERLINK("x")'})
    response = await door(cast.admin).get("admin/audit/file?deed=member.muted")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert "maru-audit-" in response.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(response.text.removeprefix("\ufeff"))))
    assert [(row["deed"], row["actor_handle"], row["subject_handle"]) for row in rows] == [
        ("member.muted", "mina", "bob")
    ] * 5
    # A spreadsheet must not carry out what somebody has written.
    assert {row["reason"] for row in rows} == {'\'=HYPERLINK("x")'}
    lines = (await door(cast.admin).get("admin/audit/file?kind=jsonl&deed=member.muted")).text.splitlines()
    assert [json.loads(line)["reason"] for line in lines] == ['=HYPERLINK("x")'] * 5
    # Who has taken it stands in it, with what was asked for.
    taken = (await door(cast.admin).get("admin/audit?deed=audit.taken")).json()["items"]
    assert [one["facts"]["asked"] for one in taken] == [{"deed": "member.muted"}] * 2


async def test_only_who_runs_the_workspace_reads_it(door: Door, cast: Cast) -> None:
    for path in ("admin/audit", "admin/audit/file"):
        assert error_of(await door(cast.alice).get(path)) == (403, "forbidden")


async def test_who_has_deleted_a_message_of_another_and_why_stands_under_it(door: Door, cast: Cast) -> None:
    message = await database.run(post, cast.room, cast.bob, "something bad")
    own = await database.run(post, cast.room, cast.bob, "something else")
    await door(cast.mina).delete(f"messages/{message.pk}?reason=unkind")
    await door(cast.bob).delete(f"messages/{own.pk}")
    bob = door(cast.bob)
    shown = (await bob.get(f"messages/{message.pk}")).json()
    assert (shown["body"], shown["removal"]) == ("", {"by": cast.mina.pk, "reason": "unkind"})
    assert "removal" not in (await bob.get(f"messages/{own.pk}")).json()
    changes = (await bob.get(f"rooms/{cast.room.pk}/changes?after=1&limit=500")).json()["items"]
    told = [one["message"].get("removal") for one in changes if one["type"] == "message.deleted"]
    assert told == [{"by": cast.mina.pk, "reason": "unkind"}, None]
    (entry,) = (await door(cast.admin).get("admin/audit?deed=message.removed")).json()["items"]
    assert (entry["message"], entry["reason"], entry["subject"]["handle"]) == (message.pk, "unkind", "bob")


def test_a_deed_that_is_undone_leaves_no_entry(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    message = post(cast.room, cast.bob, "something bad")

    def fail(*_: object, **__: object) -> None:
        raise ValueError("x")

    monkeypatch.setattr("chat.queries.payloads.changes", fail)
    with pytest.raises(Exception, match="bad_text"):
        run(cast.mina.pk, DeleteMessage(message=message.pk))
    assert AuditEntry.objects.count() == 0
    assert Room.objects.get(pk=cast.room.pk).last_seq == cast.room.last_seq + 1
