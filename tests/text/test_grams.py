from __future__ import annotations

import pytest

from chat.text import grams
from chat.text.grams import Term


def term(text: str) -> Term:
    found = grams.term(text)
    assert found is not None
    return found


def finds(typed: str, text: str) -> bool:
    folded, asked = grams.fold(text), term(typed)
    is_in = asked.is_in(folded)
    if is_in:
        # What stands in a text must be found by the index.
        assert asked.grams <= grams.grams(folded)
    return is_in


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("회의", "내일회의실에서 봐요"),
        ("회", "회"),
        ("의", "회의실"),
        ("東京", "明日は東京へ行きます"),
        ("ミーティング", "定例ﾐｰﾃｨﾝｸﾞの件"),
        ("会议", "我们明天开会议吧"),
        ("猫", "我的猫"),
        ("ploy", "the deployment has ended"),
        ("DEPLOY", "deploy"),
        ("user_id", "WHERE room.user_id = 5"),
        ("getElementById", "document.getElementById('x')"),
        ("std::vector", "a std::vector<int> of them"),
        ("API", "API를 고쳤어요"),
        ("를", "API를 고쳤어요"),
        ("go", "I go home"),
        ("v2", "release v2 is out"),
        ("C++", "we write c++ here"),
        ("café", "at the cafe\u0301 today"),
        ("ｈｅｌｌｏ", "Hello"),
        ("straße", "STRASSE"),
        ("hello world", "hello,\nhello \t world"),
        ("🎉", "done 🎉🎉"),
        ("상태", "\u1109\u1161\u11bc\u1110\u1162 점검"),
        ("deployment", "de\u00adploy\u200bment"),
        ("สวัสดี", "สวัสดีครับ"),
        ("नमस्ते", "नमस्ते दुनिया"),
    ],
)
def test_found(typed: str, text: str) -> None:
    assert finds(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("회의", "의회"),
        ("회의", "회 의"),
        ("go", "good morning, ego"),
        ("go", "the good"),
        ("a-b", "ba-bb"),
        ("hello world", "world hello"),
        ("cafe", "tea"),
    ],
)
def test_not_found(typed: str, text: str) -> None:
    assert not finds(typed, text)


def test_nothing_to_see_is_no_term() -> None:
    assert grams.term(" \n\u200b") is None
    assert term("->").grams == frozenset()


def test_whole_words_are_told_from_parts() -> None:
    folded = grams.fold("the redeployment of deploy")
    assert term("deploy").is_word_in(folded)
    assert not term("ploy").is_word_in(folded)


@pytest.mark.parametrize(
    "text",
    [
        "plain and short",
        "회의록 \u1112\u116c\u110b\u1174 끝",
        "cafe\u0301  ﾐｰﾃｨﾝｸﾞ ﬁne İstanbul ΐ",
        "a\u00adb\u200bc\n\n d",
        "e\u0301\u0323\u0301 \u0344 x",
    ],
)
def test_places_lead_back_to_the_text(text: str) -> None:
    folded, places = grams.fold_with_places(text)
    assert folded == grams.fold(text)
    assert len(places) == len(folded)
    for char, (start, end) in zip(folded, places, strict=True):
        assert 0 <= start < end <= len(text)
        assert char in grams.fold(text[start:end])


def test_numbers_stay_as_they_are() -> None:
    # They are kept: with others, what was indexed before would not be found.
    numbers = [grams.number(gram) for gram in ("회의", "dep", "a", "🎉")]
    assert numbers == [41486632, 50119728, 34520643, 39129143]
