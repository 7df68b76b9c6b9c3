from __future__ import annotations

from urllib.parse import quote

import pytest

from chat.models import Message
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture
def message(cast: Cast) -> Message:
    return post(cast.room, cast.alice, "hello")


@pytest.mark.parametrize("emoji", ["👍", "👩‍👩‍👧‍👦", "🇰🇷", "❤️", "tada"])
async def test_reaction_is_put_once_and_taken_back(
    door: Door, cast: Cast, message: Message, emoji: str
) -> None:
    bob, path = door(cast.bob), f"messages/{message.pk}/reactions/{quote(emoji)}"
    first = (await bob.put(path)).json()
    assert first == {"room": cast.room.pk, "seq": message.seq + 1}
    assert (await bob.put(path)).json() == first
    shown = (await bob.get(f"messages/{message.pk}")).json()
    assert shown["reactions"] == [{"emoji": emoji, "users": [cast.bob.pk]}]
    gone = (await bob.delete(path)).json()
    assert gone == {"room": cast.room.pk, "seq": message.seq + 2}
    assert (await bob.delete(path)).json() == gone
    assert (await bob.get(f"messages/{message.pk}")).json()["reactions"] == []


@pytest.mark.parametrize(
    ("word", "status", "code"),
    [("%20", 400, "bad_frame"), ("a%00b", 400, "bad_text"), ("x" * 65, 413, "too_long"),
     ("%E2%80%8B", 400, "bad_frame")],
)  # fmt: skip
async def test_bad_emoji_is_refused(
    door: Door, cast: Cast, message: Message, word: str, status: int, code: str
) -> None:
    assert error_of(await door(cast.bob).put(f"messages/{message.pk}/reactions/{word}")) == (status, code)
