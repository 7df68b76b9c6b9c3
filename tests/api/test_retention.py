from __future__ import annotations

from typing import Any

import pytest

from chat import database
from chat.features.retention import removal
from chat.models import Room
from tests.aging import age, keep
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture
def has_old(cast: Cast) -> None:
    keep(10)
    post(cast.room, cast.alice, "old")
    age(cast.room, 11)


async def test_an_admin_sets_for_how_long_messages_are_kept(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    assert (await ada.get("retention")).json() == {"days": None, "hold": None}
    assert (await ada.patch("retention", json={"days": 30})).json() == {"days": 30, "hold": None}
    path = f"rooms/{cast.room.pk}/retention"
    found = (await ada.get(path)).json()
    assert found == {
        "room": cast.room.pk, "name": "Maru team", "kind": "closed", "keep": "workspace", "days": 30,
        "hold": None, "is_held": False,
    }  # fmt: skip
    kept = (await ada.patch(path, json={"keep": "days", "days": 90})).json()
    assert (kept["keep"], kept["days"]) == ("days", 90)
    kept = (await ada.patch(path, json={"keep": "forever"})).json()
    assert (kept["keep"], kept["days"]) == ("forever", None)
    assert [item["room"] for item in (await ada.get("retention/rooms")).json()["items"]] == [cast.room.pk]
    assert (await ada.patch("retention", json={"days": None})).json()["days"] is None


async def test_a_hold_says_who_set_it(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    for path in ("retention/hold", f"rooms/{cast.room.pk}/retention/hold"):
        held = (await ada.put(path)).json()
        assert held["hold"]["by"] == cast.admin.pk
        assert (await ada.put(path)).json() == held
    room = (await ada.delete(f"rooms/{cast.room.pk}/retention/hold")).json()
    assert (room["hold"], room["is_held"]) == (None, True)
    assert (await ada.delete("retention/hold")).json()["hold"] is None
    assert (await ada.delete("retention/hold")).status_code == 200


async def test_what_would_go_is_said_by_room(door: Door, cast: Cast, has_old: None) -> None:
    found = (await door(cast.admin).get("retention/dry-run")).json()
    assert [(item["room"], item["messages"], item["is_held"]) for item in found["items"]] == [
        (cast.room.pk, 1, False)
    ]
    assert found["next"] is None
    first = (await door(cast.admin).get("retention/dry-run?limit=1")).json()
    assert first["next"] is not None
    assert error_of(await door(cast.admin).get("retention/dry-run?limit=21")) == (400, "bad_frame")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("retention", {"days": 6}),
        ("retention", {"days": 0}),
        ("retention", {"days": -1}),
        ("retention", {"days": 36_501}),
        ("retention", {"days": "30"}),
        ("retention", {"days": True}),
        ("retention", {"days": 30.5}),
        ("retention", {}),
        ("rooms/{room}/retention", {}),
        ("rooms/{room}/retention", {"keep": "days"}),
        ("rooms/{room}/retention", {"keep": "forever", "days": 30}),
        ("rooms/{room}/retention", {"keep": "always"}),
        ("rooms/{room}/retention", {"keep": "days", "days": 6}),
    ],
)
async def test_what_is_wrong_changes_nothing(door: Door, cast: Cast, path: str, body: dict[str, Any]) -> None:
    ada = door(cast.admin)
    before = (await ada.get("retention")).json(), (await ada.get("retention/rooms")).json()
    assert error_of(await ada.patch(path.format(room=cast.room.pk), json=body)) == (400, "bad_frame")
    assert before == ((await ada.get("retention")).json(), (await ada.get("retention/rooms")).json())


async def test_a_room_that_is_none_is_not_found(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    for room in (987_654_321, 0, -1, "x", 2**60):
        assert (await ada.get(f"rooms/{room}/retention")).status_code == 404
        assert (await ada.put(f"rooms/{room}/retention/hold")).status_code == 404
    for path in ("retention", f"rooms/{cast.room.pk}/retention", "rooms/987654321/retention"):
        assert error_of(await door(cast.alice).get(path)) == (403, "forbidden")


async def test_a_program_that_comes_late_is_told_to_read_the_room_anew(
    door: Door, cast: Cast, connect: Any, has_old: None
) -> None:
    await database.run(removal.sweep)
    bob = door(cast.bob)
    assert error_of(await bob.get(f"rooms/{cast.room.pk}/changes?after=1")) == (410, "gone")
    head = (await bob.get(f"rooms/{cast.room.pk}")).json()["last_seq"]
    assert (await bob.get(f"rooms/{cast.room.pk}/changes?after={head}")).json()["items"] == []
    socket = await connect(cast.token(cast.bob))
    await socket.resume()
    assert await socket.refused("changes.get", room=cast.room.pk, after=1) == "gone"
    begins = await database.run(lambda: Room.objects.get(pk=cast.room.pk).expired_seq)
    found = (await socket.ok("changes.get", room=cast.room.pk, after=begins))["items"]
    assert [change["type"] for change in found] == ["message.expired"]
