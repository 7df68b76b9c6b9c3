from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text.plain import plain


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("just words", "just words"),
        (
            "## Release\n\nIt is **done**, _really_ ~~not~~:\n\n- one\n- two",
            "Release It is done, really not: one two",
        ),
        ("- [x] sign-in\n- [ ] invoices", "sign-in invoices"),
        ("> said before\n\nanswered", "said before answered"),
        (
            "see [the page](https://example.org/a) or https://example.org/b",
            "see the page or https://example.org/b",
        ),
        ("`a*b*c` and\n```python\nx = 1\n```", "a*b*c and x = 1"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a b 1 2"),
        ("the end: ||everybody **dies**||, so", "the end: ▒▒▒▒, so"),
        ("회의 :birthday_cake:", "회의 🎂"),
        ("@alice, 안녕", "@alice, 안녕"),
        ("", ""),
    ],
)
def test_words_are_left_and_marks_are_not(body: str, words: str) -> None:
    assert plain(body) == words


@given(st.text(max_size=200))
def test_any_text_becomes_one_line(body: str) -> None:
    assert plain(body) == " ".join(plain(body).split())


@given(st.from_regex(r"[a-z]{3,12}", fullmatch=True))
def test_what_is_hidden_is_not_said(secret: str) -> None:
    assert secret not in plain(f"before ||{secret}|| AFTER")
