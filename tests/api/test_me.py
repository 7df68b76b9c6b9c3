from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from chat.protocol.shapes import Me
from tests.api.conftest import Door, error_of
from tests.cast import Cast


async def test_me_is_the_whole_account(door: Door, cast: Cast) -> None:
    response = await door(cast.jiwoo).get("me")
    me = TypeAdapter(Me).validate_json(response.content)
    assert (me["id"], me["handle"], me["language"], me["role"]) == (cast.jiwoo.pk, "지우", "ko", "member")
    assert me["status"] == "offline"
    assert response.headers["cache-control"] == "no-store"


async def test_given_fields_change_and_others_stay(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    changed = (await bob.patch("me", json={"time_zone": "Asia/Seoul", "language": "ko"})).json()
    assert (changed["name"], changed["time_zone"], changed["language"]) == ("Bob", "Asia/Seoul", "ko")
    renamed = (await bob.patch("me", json={"name": "  Bob \u202e Builder ", "role": "owner", "id": 1})).json()
    assert (renamed["name"], renamed["role"], renamed["id"]) == ("Bob Builder", "member", cast.bob.pk)
    assert renamed["time_zone"] == "Asia/Seoul"
    assert (await bob.get("me")).json() == renamed


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": ""}, 400, "empty"),
        ({"name": "x" * 81}, 413, "too_long"),
        ({"name": 5}, 400, "bad_frame"),
        ({"language": "xx"}, 400, "bad_frame"),
        ({"language": "../ko"}, 400, "bad_frame"),
        ({"time_zone": "Mars/Olympus"}, 400, "bad_frame"),
        ({"time_zone": "../../etc/passwd"}, 400, "bad_frame"),
        ({"time_zone": "America"}, 400, "bad_frame"),
    ],
)
async def test_bad_field_is_refused(
    door: Door, cast: Cast, body: dict[str, object], status: int, code: str
) -> None:
    assert error_of(await door(cast.bob).patch("me", json=body)) == (status, code)
