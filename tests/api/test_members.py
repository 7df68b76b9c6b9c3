from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from chat import database
from chat.models import Membership, User
from chat.protocol.shapes import Member
from tests.api.conftest import Door, Queries, error_of
from tests.cast import Cast


async def test_members_in_the_order_of_coming(door: Door, cast: Cast) -> None:
    page = (await door(cast.bob).get(f"rooms/{cast.room.pk}/members")).json()
    members = TypeAdapter(list[Member]).validate_python(page["items"])
    assert [(member["user"]["handle"], member["role"]) for member in members] == [
        ("alice", "owner"), ("bob", "member"), ("mina", "moderator"), ("beep", "member"), ("지우", "member"),
    ]  # fmt: skip
    assert {member["user"]["status"] for member in members} == {"offline"}


async def test_pages_of_members_join_to_the_whole(door: Door, cast: Cast) -> None:
    bob, path = door(cast.bob), f"rooms/{cast.room.pk}/members?limit=2"
    first = (await bob.get(path)).json()
    second = (await bob.get(f"{path}&cursor={first['next']}")).json()
    third = (await bob.get(f"{path}&cursor={second['next']}")).json()
    handles = [item["user"]["handle"] for page in (first, second, third) for item in page["items"]]
    assert handles == ["alice", "bob", "mina", "beep", "지우"]
    assert third["next"] is None


async def handles(door: Door, cast: Cast, **params: Any) -> list[str]:
    """The handles of all pages, two people each."""
    bob, path = door(cast.bob), f"rooms/{cast.room.pk}/members"
    pages = [(await bob.get(path, params={"limit": 2, **params})).json()]
    while (cursor := pages[-1]["next"]) is not None:
        pages.append((await bob.get(path, params={"limit": 2, "cursor": cursor, **params})).json())
    return [item["user"]["handle"] for page in pages for item in page["items"]]


async def test_members_by_name_in_pages(door: Door, cast: Cast) -> None:
    await database.run(lambda: User.objects.filter(pk=cast.mina.pk).update(name=""))
    await database.run(lambda: User.objects.filter(pk=cast.bob.pk).update(name="zoë"))
    assert await handles(door, cast, sort="name") == ["alice", "beep", "mina", "bob", "지우"]


async def test_who_is_online_stands_before_the_others(door: Door, cast: Cast, connect: Any) -> None:
    await connect(cast.token(cast.mina))
    await connect(cast.token(cast.jiwoo))
    await connect(cast.token(cast.carol))
    assert await handles(door, cast, sort="online") == ["mina", "지우", "alice", "beep", "bob"]


async def test_nobody_online_is_an_order_too(door: Door, cast: Cast) -> None:
    assert await handles(door, cast, sort="online") == ["alice", "beep", "bob", "mina", "지우"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"q": "I"}, ["alice", "mina"]),
        ({"q": "지"}, ["지우"]),
        ({"q": "%"}, []),
        ({"q": "carol"}, []),
        ({"role": "owner"}, ["alice"]),
        ({"role": "moderator"}, ["mina"]),
        ({"role": "member"}, ["bob", "지우"]),
        ({"role": "guest"}, []),
        ({"role": "bot"}, ["beep"]),
        ({"role": "moderator", "q": "bob"}, []),
    ],
)
async def test_members_are_found_by_words_and_role(
    door: Door, cast: Cast, params: dict[str, str], expected: list[str]
) -> None:
    assert await handles(door, cast, sort="name", **params) == expected


@pytest.mark.parametrize(
    "params",
    [{"sort": "rank"}, {"role": "king"}, {"sort": "name", "cursor": "987654321012"}],
)
async def test_wrong_questions_for_members_are_refused(
    door: Door, cast: Cast, params: dict[str, str]
) -> None:
    bob, path = door(cast.bob), f"rooms/{cast.room.pk}/members"
    assert error_of(await bob.get(path, params=params)) == (400, "bad_frame")
    assert error_of(await bob.get(path, params={"q": "x" * 81})) == (413, "too_long")


async def test_a_member_of_another_room_is_no_cursor(door: Door, cast: Cast) -> None:
    other = await database.run(lambda: Membership.objects.get(room=cast.plaza, user=cast.alice).pk)
    response = await door(cast.bob).get(
        f"rooms/{cast.room.pk}/members", params={"sort": "name", "cursor": str(other)}
    )
    assert error_of(response) == (400, "bad_frame")


async def test_more_members_are_not_more_queries(queries: Queries, door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    await bob.get("me")
    counts = []
    for limit in (1, 5):
        queries.clear()
        await bob.get(f"rooms/{cast.room.pk}/members?limit={limit}")
        counts.append(queries.count())
    assert counts[0] == counts[1] <= 3


async def test_connected_member_is_shown_online(door: Door, cast: Cast, connect: object) -> None:
    await connect(cast.token(cast.mina))  # type: ignore[operator]
    items = (await door(cast.bob).get(f"rooms/{cast.room.pk}/members")).json()["items"]
    statuses = {item["user"]["handle"]: item["user"]["status"] for item in items}
    assert (statuses["mina"], statuses["alice"]) == ("online", "offline")


async def test_added_member_is_created_once(door: Door, cast: Cast) -> None:
    bob, path = door(cast.bob), f"rooms/{cast.room.pk}/members"
    first = await bob.post(path, json={"user": cast.carol.pk})
    assert (first.status_code, first.json()["user"]["handle"]) == (201, "carol")
    again = await bob.post(path, json={"user": cast.carol.pk})
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await door(cast.carol).get(f"rooms/{cast.room.pk}")).json()["role"] == "member"


async def test_nobody_cannot_be_added(door: Door, cast: Cast) -> None:
    response = await door(cast.bob).post(f"rooms/{cast.room.pk}/members", json={"user": 987_654_321})
    assert error_of(response) == (404, "not_found")


async def test_owner_gives_a_role_and_a_member_may_not(door: Door, cast: Cast) -> None:
    path = f"rooms/{cast.room.pk}/members/{cast.bob.pk}"
    assert error_of(await door(cast.bob).patch(path, json={"role": "owner"})) == (403, "forbidden")
    assert error_of(await door(cast.alice).patch(path, json={"role": "king"})) == (400, "bad_frame")
    given = await door(cast.alice).patch(path, json={"role": "moderator"})
    assert (given.status_code, given.json()["role"]) == (200, "moderator")


async def test_removed_member_reads_no_more(door: Door, cast: Cast) -> None:
    path = f"rooms/{cast.room.pk}/members/{cast.bob.pk}"
    assert error_of(await door(cast.jiwoo).delete(path)) == (403, "forbidden")
    removed = await door(cast.mina).delete(path)
    assert removed.json()["room"] == cast.room.pk
    assert error_of(await door(cast.bob).get(f"rooms/{cast.room.pk}/messages")) == (404, "not_found")
    assert error_of(await door(cast.mina).delete(path)) == (404, "not_found")
