import json
from pathlib import Path

import pytest

from chat.text import emoji

PAGE = Path(__file__).resolve().parents[2] / "static" / "src" / "ui" / "common" / "shortNames.json"


@pytest.mark.parametrize(
    ("name", "char"),
    [
        ("thumbsup", "👍"),
        ("+1", "👍"),
        ("좋아요", "👍"),
        ("올린_엄지", "👍"),
        ("TADA", "🎉"),
        ("축하", "🎉"),
        ("kr", "🇰🇷"),
    ],
)
def test_an_emoji_has_names_in_both_languages(name: str, char: str) -> None:
    assert emoji.of(name) == char


@pytest.mark.parametrize(
    ("text", "name"),
    [(":Blob_1:", "blob_1"), (":파티:", "파티"), (":+1:", "+1"), ("blob", None), (":a b:", None), (":a::b:", None),
     ("x:a:", None), (":a:\n", None), ("::", None), (f":{'x' * 65}:", None)],
)  # fmt: skip
def test_what_stands_between_two_colons_is_a_name(text: str, name: str | None) -> None:
    assert emoji.named(text) == name


def test_the_page_offers_the_short_names_that_the_server_knows() -> None:
    assert json.loads(PAGE.read_text()) == emoji._SHORT_KOREAN
