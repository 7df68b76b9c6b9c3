from __future__ import annotations

import pytest

from tests.api.conftest import Door, Queries, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture
def head(cast: Cast) -> int:
    return [post(cast.room, cast.alice, f"message {number}").seq for number in range(5)][-1]


async def test_changes_of_a_room_have_no_gap(door: Door, cast: Cast, head: int) -> None:
    page = (await door(cast.bob).get(f"rooms/{cast.room.pk}/changes")).json()
    assert [item["seq"] for item in page["items"]] == list(range(1, head + 1))
    assert page["items"][0]["type"] == "member.joined"
    assert page["items"][-1]["message"]["body"] == "message 4"
    assert page["next"] is None


async def test_pages_of_changes_join_to_the_whole(door: Door, cast: Cast, head: int) -> None:
    bob, path = door(cast.bob), f"rooms/{cast.room.pk}/changes?limit=2"
    pages = [(await bob.get(f"{path}&after=2")).json()]
    while (cursor := pages[-1]["next"]) is not None:
        pages.append((await bob.get(f"{path}&cursor={cursor}")).json())
    assert [item["seq"] for page in pages for item in page["items"]] == list(range(3, head + 1))


async def test_changes_after_the_last_are_none(door: Door, cast: Cast, head: int) -> None:
    page = (await door(cast.bob).get(f"rooms/{cast.room.pk}/changes?after={head}")).json()
    assert page == {"items": [], "next": None}


async def test_more_changes_are_not_more_queries(queries: Queries, head: int, door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    await bob.get("me")
    counts = []
    for after in (head - 1, head - 5):
        queries.clear()
        await bob.get(f"rooms/{cast.room.pk}/changes?after={after}")
        counts.append(queries.count())
    assert counts[0] == counts[1] <= 7


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=501", "limit=0", "cursor=z"])
async def test_bad_parameter_is_named(door: Door, cast: Cast, query: str) -> None:
    response = await door(cast.bob).get(f"rooms/{cast.room.pk}/changes?{query}")
    assert error_of(response) == (400, "bad_frame")
