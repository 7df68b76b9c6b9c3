from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chat import database
from chat.features.search import indexing
from chat.models import SearchEntry
from tests.api.conftest import Door
from tests.cast import Cast
from tests.features.search.conftest import post_file
from tests.make import post


def said(pieces: list[dict[str, Any]]) -> str:
    return "".join(f"[{piece['text']}]" if piece["hit"] else piece["text"] for piece in pieces)


async def test_finds_come_with_their_message_and_what_was_found_in_it(door: Door, cast: Cast) -> None:
    message = await database.run(post, cast.room, cast.alice, "내일 회의실에서 봐요")
    found = (await door(cast.bob).get("search", params={"q": "회의"})).json()
    assert found["next"] is None
    assert found["behind"] is False
    (item,) = found["items"]
    assert (item["message"]["id"], item["message"]["sender"]["handle"]) == (message.pk, "alice")
    assert (item["message"]["room"], item["message"]["seq"]) == (cast.room.pk, message.seq)
    assert said(item["excerpt"]) == "내일 [회의]실에서 봐요"
    assert item["names"] == []


async def test_names_of_files_are_found(door: Door, cast: Cast) -> None:
    await database.run(post_file, cast.room, cast.alice, "", "회의록_final.pdf")
    (item,) = (await door(cast.bob).get("search", params={"q": "FINAL"})).json()["items"]
    assert [said(name) for name in item["names"]] == ["회의록_[final].pdf"]


async def test_fields_of_the_address_narrow_the_search(door: Door, cast: Cast) -> None:
    first = await database.run(post, cast.room, cast.alice, "a word")
    await database.run(post, cast.room, cast.bob, "a word")
    params: dict[str, Any] = {"q": "word", "room": cast.room.pk, "from": "alice", "after": "2020-01-01"}
    items = (await door(cast.bob).get("search", params=params)).json()["items"]
    assert [item["message"]["id"] for item in items] == [first.pk]
    items = (await door(cast.bob).get("search", params={"q": "", "from": "alice"})).json()["items"]
    assert [item["message"]["id"] for item in items] == [first.pk]


async def test_pages(door: Door, cast: Cast) -> None:
    for number in range(5):
        await database.run(post, cast.room, cast.alice, f"word {number}")
    bob = door(cast.bob)
    for sort in ("newest", "best"):
        seen: list[str] = []
        cursor = None
        while True:
            params: dict[str, str | int] = {"q": "word", "limit": 2, "sort": sort}
            params |= {"cursor": cursor} if cursor else {}
            page = (await bob.get("search", params=params)).json()
            seen += [item["message"]["body"] for item in page["items"]]
            if (cursor := page["next"]) is None:
                break
        assert seen == [f"word {number}" for number in reversed(range(5))]


async def test_page_of_long_messages_ends_earlier_and_goes_on(door: Door, cast: Cast) -> None:
    for number in range(25):
        await database.run(post, cast.room, cast.alice, f"word {number} " + "a" * 7_900)
    bob = door(cast.bob)
    first = (await bob.get("search", params={"q": "word", "limit": 50})).json()
    assert 1 < len(first["items"]) < 25
    rest = (await bob.get("search", params={"q": "word", "limit": 50, "cursor": first["next"]})).json()
    ids = [item["message"]["id"] for item in first["items"] + rest["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == len(first["items"]) + len(rest["items"])


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({}, 400, "empty"),
        ({"q": "a" * 201}, 413, "too_long"),
        ({"q": "has:nothing"}, 400, "bad_frame"),
        ({"q": "a\0"}, 400, "bad_text"),
        ({"q": "word", "room": "x"}, 400, "bad_frame"),
        ({"q": "word", "limit": 51}, 400, "bad_frame"),
        ({"q": "word", "sort": "worst"}, 400, "bad_frame"),
        ({"q": "word", "cursor": "?"}, 400, "bad_frame"),
        ({"q": "word", "from": "a\0b"}, 400, "bad_text"),
        ({"q": "word", "before": "x" * 41}, 400, "bad_frame"),
    ],
)
async def test_wrong_searches_are_refused(
    door: Door, cast: Cast, params: dict[str, Any], status: int, code: str
) -> None:
    response = await door(cast.bob).get("search", params=params)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_searches_need_sign_in(door: Door) -> None:
    assert (await door().get("search", params={"q": "word"})).status_code == 401


class TestAllowance:
    @pytest.fixture(autouse=True)
    def _few(self, configure: Callable[..., None]) -> None:
        configure(SEARCHES_PER_S=0.01, SEARCHES_BURST=2)

    async def test_of_one_account(self, door: Door, cast: Cast) -> None:
        bob, alice = door(cast.bob), door(cast.alice)
        answers = [await bob.get("search", params={"q": "word"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        error = answers[2].json()["error"]
        assert (error["code"], error["retry"]) == ("rate_limited", True)
        assert 0 < error["after_ms"] <= 100_001
        assert (await alice.get("search", params={"q": "word"})).status_code == 200


async def test_who_waits_too_long_for_a_turn_comes_again(
    door: Door, cast: Cast, runtime: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat.api import search

    monkeypatch.setattr(search, "_TURN_S", 0.01)
    turns = runtime.search_turns
    held = 0
    while not turns.locked():
        await turns.acquire()
        held += 1
    response = await door(cast.bob).get("search", params={"q": "word"})
    assert (response.status_code, response.json()["error"]["code"]) == (503, "busy")
    for _ in range(held):
        turns.release()
    monkeypatch.undo()
    answers = await asyncio.gather(*(door(cast.bob).get("search", params={"q": "word"}) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5


async def test_without_workers_whoever_asks_has_the_index_written(
    door: Door, cast: Cast, settings: Any
) -> None:
    message = await database.run(post, cast.room, cast.alice, "a word")
    settings.HAS_WORKERS = True
    await door(cast.bob).get("search", params={"q": "word"})
    assert await database.run(indexing.behind_count) > 0
    settings.HAS_WORKERS = False
    # One room at least each time, on however slow a machine.
    for _ in range(3):
        await door(cast.bob).get("search", params={"q": "word"})
    assert await database.run(indexing.behind_count) == 0
    assert await database.run(SearchEntry.objects.filter(pk=message.pk).exists)
