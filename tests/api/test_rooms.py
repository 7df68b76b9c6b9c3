from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pydantic import TypeAdapter

from chat import database
from chat.models import Membership, Room
from chat.pipeline.run import run
from chat.protocol.commands import OpenDirect
from chat.protocol.shapes import RoomState
from tests.api.conftest import Door, Queries, error_of
from tests.cast import Cast, make_room
from tests.make import post


async def test_my_rooms_are_those_that_i_am_in(door: Door, cast: Cast) -> None:
    page = (await door(cast.bob).get("rooms")).json()
    assert [item["id"] for item in page["items"]] == [cast.room.pk]
    assert page["next"] is None
    assert page["items"][0]["role"] == "member"


async def test_all_rooms_show_the_open_ones_too(door: Door, cast: Cast) -> None:
    items = (await door(cast.bob).get("rooms?scope=all")).json()["items"]
    roles = {item["id"]: item["role"] for item in items}
    assert roles[cast.plaza.pk] is None
    assert roles[cast.room.pk] == "member"


async def test_rooms_are_found_by_name(door: Door, cast: Cast) -> None:
    alice = door(cast.alice)
    assert [item["name"] for item in (await alice.get("rooms?q=PLAZ")).json()["items"]] == ["Plaza"]
    assert [item["name"] for item in (await alice.get("rooms?scope=all&q=laz")).json()["items"]] == ["Plaza"]
    assert (await alice.get("rooms?q=%25")).json()["items"] == []


@pytest.fixture
def many(cast: Cast) -> list[int]:
    return [make_room(cast.bob, name=f"Room {number}").pk for number in range(7)]


@pytest.mark.parametrize("scope", ["mine", "all"])
async def test_pages_of_rooms_join_to_the_whole(door: Door, cast: Cast, many: list[int], scope: str) -> None:
    bob = door(cast.bob)
    whole = [item["id"] for item in (await bob.get(f"rooms?scope={scope}")).json()["items"]]
    assert set(many) < set(whole)
    pages = [(await bob.get(f"rooms?scope={scope}&limit=3")).json()]
    while (cursor := pages[-1]["next"]) is not None:
        pages.append((await bob.get(f"rooms?scope={scope}&limit=3&cursor={cursor}")).json())
    assert [item["id"] for page in pages for item in page["items"]] == whole
    assert len(pages) == -(-len(whole) // 3)


def _fill(cast: Cast) -> dict[str, int]:
    """Make rooms that differ in everything by which they are put in order."""
    gym, attic = make_room(cast.alice, name="gym"), make_room(cast.alice, cast.mina, name="Attic")
    barn = make_room(cast.alice, cast.bob, cast.carol, cast.mina, name="barn")
    Room.objects.filter(pk=attic.pk).update(topic="Under the ROOF")
    old = timezone.now() - timedelta(days=9)
    for number, room in enumerate((barn, gym, attic, cast.plaza)):
        at = old + timedelta(hours=number)
        Room.objects.filter(pk=room.pk).update(created_at=at, last_at=None if room == gym else at)
    post(gym, cast.alice, "hello")
    cellar = make_room(cast.alice, cast.bob, cast.carol, cast.mina, cast.jiwoo, name="A cellar")
    Room.objects.filter(pk=cellar.pk).update(archived_at=old)
    Room.objects.filter(slug="lobby").update(deleted_at=old)
    run(cast.bob.pk, OpenDirect(users=[cast.carol.pk]))
    return {"gym": gym.pk, "attic": attic.pk, "barn": barn.pk, "cellar": cellar.pk}


async def browse(door: Door, cast: Cast, **params: Any) -> list[str]:
    """The names of all pages, two rooms each."""
    asked, bob = {"scope": "all", "directs": False, "limit": 2, **params}, door(cast.bob)
    pages = [(await bob.get("rooms", params=asked)).json()]
    while (cursor := pages[-1]["next"]) is not None:
        pages.append((await bob.get("rooms", params={**asked, "cursor": cursor})).json())
    return [item["name"] for page in pages for item in page["items"]]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"sort": "name"}, ["Attic", "barn", "gym", "Maru team", "Plaza", "A cellar"]),
        ({"sort": "members"}, ["Maru team", "barn", "Attic", "Plaza", "gym", "A cellar"]),
        ({"sort": "new"}, ["Maru team", "Plaza", "Attic", "gym", "barn", "A cellar"]),
        ({"sort": "active", "joined": False}, ["gym", "Plaza", "Attic"]),
        ({"sort": "name", "joined": True}, ["barn", "Maru team", "A cellar"]),
        ({"sort": "name", "archived": True}, ["A cellar"]),
        ({"sort": "name", "archived": False, "q": "a"}, ["Attic", "barn", "Maru team", "Plaza"]),
        ({"sort": "name", "q": "roof"}, ["Attic"]),
        ({"sort": "name", "q": "_"}, []),
    ],
)
async def test_rooms_are_browsed_in_every_order(
    door: Door, cast: Cast, params: dict[str, object], expected: list[str]
) -> None:
    await database.run(_fill, cast)
    assert await browse(door, cast, **params) == expected


async def test_a_hidden_room_is_no_cursor_as_one_that_is_not_there(door: Door, cast: Cast) -> None:
    hidden = await database.run(lambda: make_room(cast.alice, name="Secret", kind="closed").pk)
    asked = {"scope": "all", "sort": "name"}
    answers = [
        await door(cast.bob).get("rooms", params={**asked, "cursor": cursor})
        for cursor in (hidden, 987_654_321_012)
    ]
    assert [error_of(answer) for answer in answers] == [(400, "bad_frame")] * 2
    assert answers[0].content == answers[1].content


async def test_a_group_is_called_by_its_people_again(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    group = (await bob.post("directs", json={"users": [cast.alice.pk, cast.mina.pk]})).json()
    path = f"rooms/{group['id']}"
    assert (await bob.patch(path, json={"name": "Lunch"})).json()["named"] is True
    again = (await bob.patch(path, json={"name": ""})).json()
    assert (again["name"], again["named"]) == (group["name"], False)
    assert error_of(await door(cast.alice).patch(f"rooms/{cast.plaza.pk}", json={"name": ""})) == (
        400,
        "empty",
    )


@pytest.mark.parametrize("scope", ["mine", "all"])
async def test_more_rooms_are_not_more_queries(
    queries: Queries, many: list[int], door: Door, cast: Cast, scope: str
) -> None:
    bob = door(cast.bob)
    await bob.get("me")
    counts = []
    for limit in (3, 7):
        queries.clear()
        assert len((await bob.get(f"rooms?scope={scope}&limit={limit}")).json()["items"]) == limit
        counts.append(queries.count())
    assert counts[0] == counts[1] <= 7


async def test_created_room_is_mine(door: Door, cast: Cast) -> None:
    response = await door(cast.carol).post(
        "rooms", json={"name": "책방", "kind": "closed", "topic": "읽기", "members": [cast.bob.pk]}
    )
    assert response.status_code == 201
    state = TypeAdapter(RoomState).validate_json(response.content)
    assert (state["name"], state["topic"], state["kind"], state["slug"]) == ("책방", "읽기", "closed", "책방")
    assert (state["role"], state["members"], state["last_seq"]) == ("owner", 2, 2)
    assert (await door(cast.bob).get(f"rooms/{state['id']}")).json()["role"] == "member"


async def test_taken_slug_is_a_conflict(door: Door, cast: Cast) -> None:
    carol = door(cast.carol)
    assert (await carol.post("rooms", json={"name": "A", "slug": "attic"})).status_code == 201
    assert error_of(await carol.post("rooms", json={"name": "B", "slug": "attic"})) == (409, "conflict")


async def test_direct_room_cannot_be_created_as_a_room(door: Door, cast: Cast) -> None:
    response = await door(cast.carol).post("rooms", json={"name": "A", "kind": "direct"})
    assert error_of(response) == (400, "bad_frame")


async def test_owner_changes_what_is_given_only(door: Door, cast: Cast) -> None:
    response = await door(cast.alice).patch(f"rooms/{cast.room.pk}", json={"topic": "Autumn"})
    assert response.status_code == 200
    assert (response.json()["name"], response.json()["topic"]) == ("Maru team", "Autumn")


async def test_room_of_the_address_wins_over_the_body(door: Door, cast: Cast) -> None:
    body = {"room": cast.plaza.pk, "type": "room.delete", "name": "Renamed"}
    assert (await door(cast.alice).patch(f"rooms/{cast.room.pk}", json=body)).json()["name"] == "Renamed"
    assert (await database.run(Room.objects.get, pk=cast.plaza.pk)).name == "Plaza"


async def test_member_may_not_change_the_room(door: Door, cast: Cast) -> None:
    response = await door(cast.bob).patch(f"rooms/{cast.room.pk}", json={"name": "Bob's"})
    assert error_of(response) == (403, "forbidden")


async def test_admin_runs_a_closed_room_without_reading_it(door: Door, cast: Cast) -> None:
    admin = door(cast.admin)
    response = await admin.patch(f"rooms/{cast.room.pk}", json={"archived": True})
    assert response.status_code == 200
    assert (response.json()["archived"], response.json()["role"]) == (True, None)
    assert error_of(await admin.get(f"rooms/{cast.room.pk}/messages")) == (404, "not_found")


async def test_archived_room_takes_no_message(door: Door, cast: Cast) -> None:
    await door(cast.alice).patch(f"rooms/{cast.room.pk}", json={"archived": True})
    response = await door(cast.bob).post(f"rooms/{cast.room.pk}/messages", json={"body": "late"})
    assert error_of(response) == (403, "archived")


async def test_deleted_room_is_gone_for_everybody(door: Door, cast: Cast) -> None:
    deleted = await door(cast.alice).delete(f"rooms/{cast.room.pk}")
    assert deleted.json()["room"] == cast.room.pk
    for user in (cast.alice, cast.bob):
        assert error_of(await door(user).get(f"rooms/{cast.room.pk}")) == (404, "not_found")


async def test_join_and_leave_an_open_room(door: Door, cast: Cast) -> None:
    carol, path = door(cast.carol), f"rooms/{cast.plaza.pk}"
    joined = (await carol.post(f"{path}/join")).json()
    assert (joined["id"], joined["role"], joined["members"]) == (cast.plaza.pk, "member", 2)
    again = (await carol.post(f"{path}/join")).json()
    assert again["last_seq"] == joined["last_seq"]
    left = (await carol.post(f"{path}/leave")).json()
    assert left == {"room": cast.plaza.pk, "seq": joined["last_seq"] + 1}
    assert (await carol.get("rooms")).json()["items"] == []
    assert not await database.run(
        Membership.objects.filter(room=cast.plaza, user=cast.carol, left_seq=None).exists
    )


async def test_reading_goes_forward_only_and_is_told_as_over_the_socket(door: Door, cast: Cast) -> None:
    alice, bob, path = door(cast.alice), door(cast.bob), f"rooms/{cast.room.pk}"
    for body in ("one", "two", "three"):
        await alice.post(f"{path}/messages", json={"body": body})
    for msg_no, read in ((2, 2), (1, 2), (99, 3)):
        answer = await bob.post(f"{path}/read", json={"msg_no": msg_no})
        assert (answer.status_code, answer.json()) == (
            200,
            {"room": cast.room.pk, "msg_no": read, "backs": 0},
        )
    state = (await bob.get(path)).json()
    assert (state["read_msg_no"], state["unread"]) == (3, 0)
    assert error_of(await bob.post(f"{path}/read", json={"msg_no": -1})) == (400, "bad_frame")
