from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from chat.text import grams

_WRITTEN = st.text(
    st.one_of(
        st.sampled_from("abcXYZ019__  \n.,-:/(){}#"),
        st.sampled_from("가나다회의록을를ㅋㅎ\u1100\u1161\u11a8"),
        st.sampled_from("東京会议ミーティングのがｶﾞ々"),
        st.sampled_from("éß\u0301\u0323İıſﬁΐ\u00ad\u200b🎉👍🏽→"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


@given(_WRITTEN, st.data())
def test_every_part_of_a_text_is_found_by_its_grams(text: str, data: st.DataObject) -> None:
    folded = grams.fold(text)
    start = data.draw(st.integers(0, len(folded)))
    part = folded[start : data.draw(st.integers(start, len(folded)))]
    term = grams.term(part)
    # A cut may have parted what is one character together.
    if term is None or term.text not in folded:
        return
    if term.begins_word or term.ends_word:
        # Short words are looked for as a whole.
        assert not term.is_in(folded) or term.grams <= grams.grams(folded)
    else:
        assert term.is_in(folded)
        assert term.grams <= grams.grams(folded)


@given(_WRITTEN)
def test_two_of_hangul_kana_and_chinese_and_three_of_others_have_grams(text: str) -> None:
    term = grams.term(text)
    if term is not None and grams.grams(term.text) and not term.begins_word and not term.ends_word:
        assert term.grams


@given(_WRITTEN)
def test_folding_twice_is_folding_once(text: str) -> None:
    folded = grams.fold(text)
    assert grams.fold(folded) == folded


@given(_WRITTEN)
@example("e\u0301\u0323\u0301")
@example("\u1100\u200b\u1161")
def test_places_of_a_folded_text_ascend_and_cover_what_they_stand_for(text: str) -> None:
    folded, places = grams.fold_with_places(text)
    assert folded == grams.fold(text)
    assert [start for start, _ in places] == sorted(start for start, _ in places)
    assert all(0 <= start < end <= len(text) for start, end in places)
