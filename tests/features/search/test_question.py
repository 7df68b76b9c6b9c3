from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from chat.features.search import question
from chat.features.search.question import Question
from chat.protocol.errors import ErrorCode, ProtocolError

NOW = datetime(2026, 11, 22, 1, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")


def read(text: str) -> Question:
    return question.read(text, SEOUL, NOW)


def words(text: str) -> list[str]:
    return [term.text for term in read(text).terms]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("회의 notes", ["회의", "notes"]),
        ('"release plan" today', ["release plan", "today"]),
        ('an "open end', ["an", "open end"]),
        ("http://site.example.com/a?b=c", ["http://site.example.com/a?b=c"]),
        ("std::vector key:value note:", ["std::vector", "key:value", "note:"]),
        ("회의 회의", ["회의"]),
        ("  \t ", []),
        ('""', []),
    ],
)
def test_words_and_phrases(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_operators_are_taken_out_of_the_words() -> None:
    asked = read('from:@Alice from:me in:"Maru  team" has:file is:thread plan')
    assert [term.text for term in asked.terms] == ["plan"]
    assert asked.senders == {"alice", "me"}
    assert asked.rooms == {"maru team"}
    assert (asked.has, asked.kinds) == ({"file"}, {"thread"})


def test_operators_in_korean_say_the_same() -> None:
    asked = read("보낸이:지우 방:잡담 포함:사진 종류:언급 이전:2026-11-01")
    assert (asked.senders, asked.rooms) == ({"지우"}, {"잡담"})
    assert (asked.has, asked.kinds) == ({"image"}, {"mention"})
    assert asked.below == datetime(2026, 10, 31, 15, tzinfo=UTC)


def test_days_are_those_of_the_person() -> None:
    asked = read("after:2026-11-01 before:2026-11-03")
    assert asked.at_least == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert asked.below == datetime(2026, 11, 2, 15, tzinfo=UTC)
    asked = read("on:today")
    assert (asked.at_least, asked.below) == (
        datetime(2026, 11, 21, 15, tzinfo=UTC),
        datetime(2026, 11, 22, 15, tzinfo=UTC),
    )


def test_day_with_a_change_of_the_clocks_is_a_day() -> None:
    start, end = question.day("on", "2026-10-25", ZoneInfo("Europe/Berlin"), NOW)
    assert (end - start).total_seconds() == 25 * 3_600


def test_several_times_narrow_each_other() -> None:
    asked = read("after:2026-01-01 after:2026-02-01 before:2026-12-01 before:2026-11-01")
    assert asked.at_least is not None
    assert asked.below is not None
    assert (asked.at_least.month, asked.below.month) == (1, 10)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (
            "has:nothing",
            "has: needs link, file, image, video, audio, code, preview or reaction, not 'nothing'",
        ),
        ("is:late", "is: needs thread, mention or dm, not 'late'"),
        ("before:soon", "before: needs a date like 2026-11-01, not 'soon'"),
        ("after:2026-13-01", "after: needs a date like 2026-11-01, not '2026-13-01'"),
        ("on:9999-12-31", "on: needs a date like 2026-11-01, not '9999-12-31'"),
        ("on:0001-01-01", "on: needs a date like 2026-11-01, not '0001-01-01'"),
        ("from:", "from: needs a handle, or me"),
        ('in:""', "in: needs a room"),
    ],
)
def test_wrong_values_are_named(text: str, detail: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        read(text)
    assert (refused.value.code, refused.value.detail) == (ErrorCode.BAD_FRAME, detail)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a" * 201, ErrorCode.TOO_LONG),
        (" ".join("abcdefghijklmnopq"), ErrorCode.TOO_MANY),
        ("a\0b", ErrorCode.BAD_TEXT),
        ("a\ud800b", ErrorCode.BAD_TEXT),
    ],
)
def test_what_is_too_much_or_no_text_is_refused(text: str, code: ErrorCode) -> None:
    with pytest.raises(ProtocolError) as refused:
        read(text)
    assert refused.value.code is code
