from __future__ import annotations

from typing import Any

import pytest

from chat.features.sidebar import service
from chat.features.sidebar.commands import ArrangeSidebar
from chat.models import Sidebar
from chat.pipeline.run import run
from chat.protocol import limits
from chat.protocol.commands import LeaveRoom, parse
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from tests.cast import Cast, make_room
from tests.pipeline.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def order(version: int = 0, **fields: Any) -> ArrangeSidebar:
    command = parse(ArrangeSidebar, {"version": version, **fields})
    assert isinstance(command, ArrangeSidebar)
    return command


def section(name: str, *rooms: int, key: str = "s1") -> dict[str, Any]:
    return {"id": key, "name": name, "rooms": list(rooms)}


def test_who_has_arranged_nothing_has_version_zero_and_the_plain_order(cast: Cast) -> None:
    assert service.read(cast.bob) == {
        "version": 0, "favourites": [], "sections": [], "folded": [], "sort": "name", "only_unread": False,
    }  # fmt: skip
    assert not Sidebar.objects.exists()


def test_what_was_arranged_is_read_on_every_device_and_by_nobody_else(cast: Cast) -> None:
    other = make_room(cast.alice, cast.bob, name="Other").pk
    asked = order(
        favourites=[cast.room.pk],
        sections=[section("일", other)],
        folded=["s1"],
        sort="unread",
        only_unread=True,
    )
    stored = service.arrange(cast.bob, asked)
    assert stored == service.read(cast.bob)
    assert stored["version"] == 1
    assert stored["sections"] == [{"id": "s1", "name": "일", "rooms": [other]}]
    assert service.read(cast.alice)["version"] == 0


def test_rooms_of_others_and_rooms_that_are_not_there_are_left_out_alike(cast: Cast) -> None:
    secret = make_room(cast.alice, name="Secret", kind="closed").pk
    asked = order(favourites=[secret, cast.room.pk, 987_654_321], sections=[section("x", 123_456_789)])
    stored = service.arrange(cast.bob, asked)
    assert (stored["favourites"], stored["sections"][0]["rooms"]) == ([cast.room.pk], [])
    # What was left since goes with the next change.
    run(cast.bob.pk, LeaveRoom(room=cast.room.pk))
    assert service.arrange(cast.bob, order(1, favourites=[cast.room.pk], sort="name"))["favourites"] == []


def test_who_has_not_seen_the_last_change_does_not_undo_it(cast: Cast) -> None:
    service.arrange(cast.bob, order(favourites=[cast.room.pk]))
    with pytest.raises(Refused) as caught:
        service.arrange(cast.bob, order(sort="activity"))
    assert caught.value.code is ErrorCode.CONFLICT
    assert service.read(cast.bob)["favourites"] == [cast.room.pk]
    # The same once more is what is there already.
    assert service.arrange(cast.bob, order(favourites=[cast.room.pk]))["version"] == 1


def test_of_two_devices_at_once_one_is_first(cast: Cast) -> None:
    def arrange(sort: str) -> bool:
        try:
            service.arrange(cast.bob, order(sort=sort))
        except Refused as refused:
            return refused.code is not ErrorCode.CONFLICT
        return True

    done = at_once([lambda: arrange("activity"), lambda: arrange("unread")])
    assert sorted(done) == [False, True]
    assert Sidebar.objects.get().version == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"favourites": [1, 1]}, ErrorCode.BAD_FRAME),
        ({"favourites": [1], "sections": [section("x", 1)]}, ErrorCode.BAD_FRAME),
        ({"sections": [section("x"), section("y")]}, ErrorCode.BAD_FRAME),
        ({"sections": [section("")]}, ErrorCode.EMPTY),
        ({"sections": [section("x" * (limits.SECTION_NAME_MAX_CHARS + 1))]}, ErrorCode.TOO_LONG),
        ({"sections": [section("x\0")]}, ErrorCode.BAD_TEXT),
        ({"sections": [section("x", key="No")]}, ErrorCode.BAD_FRAME),
        (
            {"sections": [section("x", key=f"s{n}") for n in range(limits.SECTIONS_MAX_COUNT + 1)]},
            ErrorCode.TOO_MANY,
        ),
        ({"favourites": list(range(1, limits.SIDEBAR_ROOMS_MAX_COUNT + 2))}, ErrorCode.TOO_MANY),
        (
            {"favourites": list(range(1, 400)), "sections": [section("x", *range(400, 700))]},
            ErrorCode.TOO_MANY,
        ),
        ({"folded": ["../x"]}, ErrorCode.BAD_FRAME),
        ({"sort": "colour"}, ErrorCode.BAD_FRAME),
        ({"favourites": ["1"]}, ErrorCode.BAD_FRAME),
    ],
)
def test_what_makes_no_sense_is_refused(fields: dict[str, Any], code: ErrorCode) -> None:
    with pytest.raises(ProtocolError) as caught:
        order(**fields)
    assert caught.value.code is code
