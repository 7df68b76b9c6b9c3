import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text.mentions import named, resolve, spellings

HANDLES = {"bob": 1, "지우": 2, "bob.smith": 3, "김": 4, "김민수": 5}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("hi @bob", ["bob"]),
        ("@Bob @BOB @bob", ["bob"]),
        ('(@bob) "@carol"', ["bob", "carol"]),
        ("@지우야, @bob에게 물어봐", ["지우야", "bob에게"]),
        ("안녕@bob", []),
        ("bob@example.com", []),
        ("https://example.com/@bob", []),
        ("@@bob", []),
        ("@", []),
        ("@ bob", []),
        ("@_bob", []),
        ("nothing", []),
        ("`@bob` and @carol", ["carol"]),
        ("```\n@bob\n``` @carol", ["carol"]),
        ("```\n@bob", []),
        ("~~~\n@bob\n~~~\n@carol", ["carol"]),
        ("`unclosed @bob", ["bob"]),
    ],
)
def test_words_after_an_at_are_named_outside_of_code(body: str, words: list[str]) -> None:
    assert named(body, 50) == words


def test_at_most_so_many_are_named() -> None:
    assert named("@a1 @b1 @c1", 2) == ["a1", "b1"]


@pytest.mark.parametrize(
    ("word", "user"),
    [
        ("bob", ("bob", 1)),
        ("bob에게", ("bob", 1)),
        ("bob에게서는", ("bob", 1)),
        ("지우님", ("지우", 2)),
        ("지우님이랑", ("지우", 2)),
        ("bob.", ("bob", 1)),
        ("bob.smith", ("bob.smith", 3)),
        ("bob.smith이", ("bob.smith", 3)),
        ("김민수가", ("김민수", 5)),
        ("김민", ("김", 4)),
    ],
)
def test_the_longest_handle_before_particles_and_stops_is_meant(word: str, user: tuple[str, int]) -> None:
    assert resolve(word, HANDLES) == user


@pytest.mark.parametrize("word", ["bobby", "bo", "carol", "smith"])
def test_a_longer_latin_word_is_somebody_else(word: str) -> None:
    assert resolve(word, HANDLES) is None


def test_spellings_go_from_the_whole_word_to_the_shortest() -> None:
    assert list(spellings("Bob에게")) == ["bob에게", "bob에", "bob"]


@given(st.text())
def test_spellings_are_few_and_each_begins_the_word(word: str) -> None:
    found = list(spellings(word))
    assert len(found) <= 32
    assert all(found[0].startswith(spelling) for spelling in found)


@given(st.text())
def test_any_text_can_be_looked_through(body: str) -> None:
    assert len(named(body, 5)) <= 5
