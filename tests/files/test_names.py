import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.files import names
from chat.protocol import limits


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("보고서 최종.pdf", "보고서 최종.pdf"),
        ("👩‍👩‍👧 family.png", "👩‍👩‍👧 family.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\bob\\notes.txt", "notes.txt"),
        ("/", "file"),
        ("", "file"),
        ("..", "file"),
        (" . ", "file"),
        ("\u200d\u200d", "file"),
        ("\u3164\u115f", "file"),
        (".htaccess", "htaccess"),
        ("a\0b\r\nSet-Cookie: x=1.txt", "abSet-Cookie_ x=1.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("\u2066\u200f\ufeffx\u200b.txt", "x.txt"),
        ('a"b<c>d|e?f*g.txt', "a_b_c_d_e_f_g.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("console.txt", "console.txt"),
        ("name.  ", "name"),
        ("a  \t b.txt", "a b.txt"),
        ("\ud800x.txt", "x.txt"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_name_is_made_safe(said: str, kept: str) -> None:
    assert names.safe(said) == kept


def test_pile_of_marks_is_worn_down() -> None:
    assert names.safe("a" + "\u0333" * 500 + ".txt") == "a" + "\u0333" * limits.MARKS_MAX_COUNT + ".txt"


@pytest.mark.parametrize("letter", ["a", "한", "👍"])
def test_long_name_keeps_its_ending(letter: str) -> None:
    name = names.safe(letter * 5_000 + ".pdf")
    assert name.endswith(f"{letter}.pdf")
    assert len(name) <= limits.FILE_NAME_MAX_CHARS
    assert len(name.encode()) <= limits.FILE_NAME_MAX_BYTES


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.PNG", "png"), ("a.tar.gz", "gz"), ("a", ""), (".png", ""), ("a.", ""), ("a." + "x" * 17, "")],
)
def test_ending_is_what_stands_behind_the_last_dot(name: str, ending: str) -> None:
    assert names.ending(name) == ending


@given(st.text(max_size=300))
def test_whatever_is_said_the_name_can_be_stored_and_shown(said: str) -> None:
    name = names.safe(said)
    assert name
    assert len(name) <= limits.FILE_NAME_MAX_CHARS
    assert len(name.encode()) <= limits.FILE_NAME_MAX_BYTES
    assert not set(name) & set('/\\<>:"|?*\0')
    assert not name.startswith(".")
    assert {unicodedata.category(char) for char in name if char != "\u200d"}.isdisjoint(
        {"Cc", "Cf", "Cs", "Zl"}
    )
