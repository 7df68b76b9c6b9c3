from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text import excerpts, grams
from chat.text.excerpts import MORE


def marked(text: str, *typed: str, max_chars: int = excerpts.EXCERPT_MAX_CHARS) -> str:
    terms = [term for one in typed if (term := grams.term(one)) is not None]
    found = excerpts.excerpt(text, terms, max_chars)
    return "".join(f"[{piece['text']}]" if piece["hit"] else piece["text"] for piece in found)


@pytest.mark.parametrize(
    ("text", "typed", "shown"),
    [
        ("내일 회의실에서", ["회의"], "내일 [회의]실에서"),
        ("Deploy the deployment", ["DEPLOY"], "[Deploy] the [deploy]ment"),
        ("at the cafe\u0301 now", ["café"], "at the [cafe\u0301] now"),
        ("ﾐｰﾃｨﾝｸﾞ です", ["ミーティング"], "[ﾐｰﾃｨﾝｸﾞ] です"),
        ("hello\n  world", ["hello world"], "[hello\n  world]"),
        ("one two", ["one", "ne two"], "[one two]"),
        ("the good go", ["go"], "the good [go]"),
        ("nothing", ["else"], "nothing"),
        ("", ["else"], ""),
    ],
)
def test_what_was_found_is_marked_in_the_text_as_it_was_written(
    text: str, typed: list[str], shown: str
) -> None:
    assert marked(text, *typed) == shown


def test_long_text_is_cut_around_the_first_hit() -> None:
    text = "before " * 100 + "needle " + "after " * 100
    shown = marked(text, "needle")
    assert "[needle]" in shown
    assert shown.startswith(f"{MORE}before ")
    assert shown.endswith(MORE)
    assert len(shown) <= excerpts.EXCERPT_MAX_CHARS + 4


@given(st.text(max_size=80), st.text(min_size=1, max_size=3), st.integers(10, 60))
def test_pieces_are_a_part_of_the_text_and_hits_are_hits(text: str, typed: str, max_chars: int) -> None:
    term = grams.term(typed)
    if term is None:
        return
    found = excerpts.excerpt(text, [term], max_chars)
    joined = "".join(piece["text"] for piece in found)
    assert joined.strip(MORE).strip() in text
    assert all(piece["text"] for piece in found)
    folded = grams.fold(text)
    assert any(piece["hit"] for piece in found) <= term.is_in(folded)
    if len(text) <= max_chars:
        assert any(piece["hit"] for piece in found) == term.is_in(grams.fold(text.strip()))
