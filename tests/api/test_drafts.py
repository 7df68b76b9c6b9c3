from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.api.conftest import Door, error_of
from tests.cast import Cast


async def test_a_draft_goes_to_the_other_devices_and_goes_when_it_is_sent(
    door: Door, connect: Any, cast: Cast
) -> None:
    bob = door(cast.bob)
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    body = {"room": cast.room.pk, "body": "begun", "written_at": at.isoformat()}
    phone = await connect(cast.token(cast.bob))
    await phone.resume()
    kept = (await bob.put("drafts", json=body)).json()
    assert kept == {
        "room": cast.room.pk,
        "parent": None,
        "body": "begun",
        "written_at": "2026-03-01T12:00:00.000Z",
    }
    assert (await phone.until("draft.changed"))["draft"] == kept
    assert (await bob.get("drafts")).json() == {"items": [kept], "next": None}
    # What changes nothing tells nobody.
    assert (await bob.put("drafts", json={**body, "body": "at the same time"})).json() == kept
    later = {**body, "body": "", "written_at": at.replace(hour=13).isoformat()}
    gone = (await bob.put("drafts", json=later)).json()
    assert (gone["body"], (await phone.until("draft.changed"))["draft"]) == ("", gone)
    assert (await bob.get("drafts")).json()["items"] == []


async def test_what_is_wrong_is_said(door: Door, cast: Cast) -> None:
    good = {"room": cast.room.pk, "body": "x", "written_at": "2026-03-01T12:00:00Z"}
    for wrong, expected in (
        ({"written_at": "noon"}, (400, "bad_frame")),
        ({"room": "x"}, (400, "bad_frame")),
        ({"body": "x" * 9_000}, (413, "too_long")),
        ({"room": 987_654}, (404, "not_found")),
        ({"parent": 987_654}, (404, "not_found")),
    ):
        assert error_of(await door(cast.bob).put("drafts", json={**good, **wrong})) == expected
