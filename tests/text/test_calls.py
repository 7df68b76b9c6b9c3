import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text import calls
from chat.text.render import render, without_calls

KNOWN: dict[str, int | str] = {**calls.NAMES, "bob": 1, "design": "7", "디자인": "8"}


def called(body: str) -> list[str]:
    return calls.found(render(body, KNOWN))


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("@here look", ["here"]),
        ("@Here, @ROOM!", ["here", "room"]),
        ("@all", ["room"]),
        ("@channel @everyone @room", ["room"]),
        ("@여기 보세요", ["here"]),
        ("@모두에게 알려요", ["room"]),
        ("@전체", ["room"]),
        ("@room.", ["room"]),
        ("@design, @디자인에 물어봐요", ["7", "8"]),
        ("**@here** ~~@design~~", ["here", "7"]),
        ("- @room", ["room"]),
        ("||@room||", ["room"]),
    ],
)
def test_a_word_calls_many_in_both_languages(body: str, found: list[str]) -> None:
    assert called(body) == found


@pytest.mark.parametrize(
    "body",
    [
        "`@room`",
        "```\n@room\n```",
        "~~~\n@here\n~~~",
        "> @room",
        "> > - @here",
        "[@room](https://example.org)",
        "https://example.org/@room",
        "me@room.example",
        "@@room",
        "@rooms",
        "@all-hands",
        "@allan",
        "@here_now",
        "@room.txt",
        "room",
        "$@room$",
    ],
)
def test_code_quotes_links_and_other_words_call_nobody(body: str) -> None:
    assert called(body) == []


def test_what_follows_a_quote_calls_again() -> None:
    assert called("> @here\n\n@room") == ["room"]


def test_who_is_named_in_a_quote_still_is() -> None:
    assert 'data-user="1"' in (render("> @bob", KNOWN) or "")


def test_what_is_refused_stays_the_word_that_was_typed() -> None:
    body = "@room and @here: *now*"
    html = render(body, KNOWN)
    assert html is not None
    assert without_calls(body, html, ["room", "here"]) == render(body, {})
    assert calls.found(without_calls(body, html, ["room"])) == ["here"]


def test_a_plain_text_of_which_all_is_refused_is_plain() -> None:
    body = "@room a < b"
    html = render(body, KNOWN)
    assert html is not None
    assert without_calls(body, html, ["room"]) is None


WORDS = ["@here", "@room", "@all", "@모두에게", "@design", "@bob", "@nobody", "hi", "`", "```", "> ", "\n", "\n\n", "*",
         "[", "](https://a.example)", "<", "&", '"', '<span class="mention" data-call="room">', "||", "$", "- ", "~~~",
         "여기", "data-call"]  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=12).map(" ".join)


@given(TEXTS)
def test_without_its_calls_a_text_is_as_if_nobody_could_be_called(body: str) -> None:
    html = render(body, KNOWN)
    found = calls.found(html)
    people = {name: who for name, who in KNOWN.items() if isinstance(who, int)}
    assert (without_calls(body, html, found) if html is not None else None) == render(body, people)


@given(TEXTS)
def test_only_what_was_typed_behind_an_at_calls(body: str) -> None:
    for word in called(body):
        names = [name for name, means in KNOWN.items() if means == word]
        assert any(re.search(f"@{name}", body, re.IGNORECASE) for name in names)


@given(st.text())
def test_no_text_makes_the_mark_by_itself(body: str) -> None:
    assert calls.found(render(body, {})) == []


@given(TEXTS)
def test_the_quick_look_never_misses_who_is_here(body: str) -> None:
    assert calls.may_be_here(body) or "here" not in called(body)
