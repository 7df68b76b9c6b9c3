import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.protocol import limits
from chat.protocol.errors import ErrorCode, ProtocolError
from chat.protocol.text_rules import clean_body, clean_line, is_blank

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\u180e\u00ad"
HANGUL_FILLERS = "\u115f\u1160\u3164\uffa0"


def body_refusal(text: str) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        clean_body(text)
    return caught.value


def line_refusal(text: str) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        clean_line(text, "name", 80)
    return caught.value


KEPT = [
    "안녕하세요",
    "tab\tand\nline",
    "👩‍👩‍👧",
    "e\u0301",
    "a\u2028b",
    "\u202eabc",
    "x" * 8_000,
    "  indented",
]


@pytest.mark.parametrize("text", KEPT)
def test_a_body_keeps_what_people_write(text: str) -> None:
    assert clean_body(text) == text


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x07b\x1b[31mc", "ab[31mc"),
        ("a\x85b\x9fc", "abc"),
        ("\ufeffa\ufffeb\uffff", "ab"),
        ("a\ufdd0b\U0001fffec", "abc"),
    ],
)
def test_a_body_loses_controls_marks_and_noncharacters(text: str, stored: str) -> None:
    assert clean_body(text) == stored


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t ", ZERO_WIDTH, HANGUL_FILLERS, "\x07\x1b", "\u200e\u202e", "\ufeff"]
)
def test_a_body_of_nothing_visible_is_empty(text: str) -> None:
    assert body_refusal(text).code is ErrorCode.EMPTY


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("a\0", "body holds a NUL at character 1"),
        ("ab\ud800", "body holds a lone surrogate at character 2"),
        ("\udc00\ud800", "body holds a lone surrogate at character 0"),
    ],
)
def test_a_body_that_no_database_can_hold_is_bad_text(text: str, detail: str) -> None:
    error = body_refusal(text)
    assert (error.code, error.detail) == (ErrorCode.BAD_TEXT, detail)


def test_a_body_is_counted_in_characters() -> None:
    assert clean_body("한" * limits.BODY_MAX_CHARS)
    error = body_refusal("x" * 8_001)
    assert (error.code, error.detail) == (ErrorCode.TOO_LONG, "body is 8,001 characters, at most 8,000")


def test_a_body_of_four_byte_characters_fits_as_long_as_its_characters_do() -> None:
    assert limits.BODY_MAX_CHARS * 4 <= limits.BODY_MAX_BYTES
    assert clean_body("😀" * limits.BODY_MAX_CHARS)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("  two   words ", "two words"),
        ("line\nbreak\tand tab", "line break and tab"),
        ("e\u0301", "\u00e9"),
        ("\u202egpj.exe\u202c", "gpj.exe"),
        ("\u2066a\u2069", "a"),
        ("마루 팀", "마루 팀"),
    ],
)
def test_a_line_is_one_normal_line_in_one_direction(text: str, stored: str) -> None:
    assert clean_line(text, "name", 80) == stored


@pytest.mark.parametrize("text", ["", "   ", ZERO_WIDTH, "\u202e"])
def test_a_line_of_nothing_visible_is_empty_unless_it_may_be(text: str) -> None:
    assert line_refusal(text).code is ErrorCode.EMPTY
    assert clean_line(text, "topic", 500, may_be_empty=True) == ""


def test_a_line_is_told_its_name_and_both_numbers() -> None:
    error = line_refusal("x" * 81)
    assert (error.code, error.detail) == (ErrorCode.TOO_LONG, "name is 81 characters, at most 80")
    assert line_refusal("\0").detail == "name holds a NUL at character 0"


def test_what_is_blank_can_not_be_seen() -> None:
    assert is_blank("")
    assert is_blank(" \u3000" + ZERO_WIDTH + HANGUL_FILLERS)
    assert not is_blank(".")


@given(st.text())
def test_a_cleaned_body_stays_as_it_is(text: str) -> None:
    try:
        cleaned = clean_body(text)
    except ProtocolError:
        return
    assert clean_body(cleaned) == cleaned


@given(st.text(max_size=80))
def test_a_cleaned_line_stays_as_it_is(text: str) -> None:
    try:
        cleaned = clean_line(text, "name", 80)
    except ProtocolError:
        return
    assert clean_line(cleaned, "name", 240) == cleaned
    assert "\n" not in cleaned


SCRIPTS = [
    "Tiếng Việt có dấu: ường ẫ ở ợ",
    "ที่ผู้ใหญ่น้ำเก็บทั้งนี้ปั๊มป์กู้",
    "क्षत्रिय स्त्री र्त्स्न्य ज़्यादा हैं",
    "བརྒྱུད་བསྒྲུབས་ཧཱུྃ",
    "שְׁמַ֣ע יִשְׂרָאֵ֑ל",
    "بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ",
    "ကြွယ်ဝမှု မြွှေ",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "👩🏽\u200d🚀 👨\u200d👩\u200d👧\u200d👦 🏳️\u200d🌈",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f 1️⃣ 🇰🇷",
    "👩🏽\u200d❤️\u200d💋\u200d👨🏿" * 100,
]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", SCRIPTS)
def test_no_written_language_and_no_emoji_has_too_many_marks(text: str, form: Any) -> None:
    written = unicodedata.normalize(form, text)
    assert clean_body(written) == written
    assert clean_line(written[:80], "name", 80)


@pytest.mark.parametrize("pile", ["\u0301", "\u20dd", "\ufe0f", "\u0301\u200d", "\u0489\u200b\u0316"])
def test_a_pile_of_marks_is_refused_with_both_numbers(pile: str) -> None:
    for text, refusal in (("q" + pile * 9, body_refusal), ("q" + pile * 9, line_refusal)):
        refused = refusal(text)
        assert refused.code is ErrorCode.BAD_TEXT
        assert "has more than 8 combining marks in a row at " in refused.detail


def test_eight_marks_are_kept_and_another_character_begins_anew() -> None:
    text = ("q" + "\u0317" * 8) * 50
    assert clean_body(text) == text
    assert body_refusal("q" + "\u0317" * 9).detail == "body has more than 8 combining marks in a row at 9"


@given(st.text(alphabet=st.characters(categories=["Lo", "Mn", "Me", "Cf", "So"]), min_size=1, max_size=60))
def test_what_is_kept_has_no_pile(text: str) -> None:
    try:
        kept = clean_body(text)
    except ProtocolError:
        return
    row = 0
    for char in kept:
        if unicodedata.category(char) in ("Mn", "Me"):
            row += 1
        elif char not in "\u200b\u200c\u200d\u2060":
            row = 0
        assert row <= 8
