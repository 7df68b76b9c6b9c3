import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text import links


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("see https://example.com/a?b=1#c.", ["https://example.com/a?b=1#c"]),
        ("[words](http://example.com/) and <https://auto.example.com>", ["http://example.com/", "https://auto.example.com"]),
        ("HTTPS://EXAMPLE.com/A", ["https://EXAMPLE.com/A"]),
        ("http://a.example.com http://a.example.com", ["http://a.example.com"]),
        ("http://한국.kr/문서", ["http://xn--3e0b707e.kr/%EB%AC%B8%EC%84%9C"]),
        ("> quoted http://a.example.com\n\n- item http://b.example.com", ["http://a.example.com", "http://b.example.com"]),
        ("| a |\n| - |\n| http://a.example.com |", ["http://a.example.com"]),
        ("`http://code.example.com`\n\n```\nhttp://block.example.com\n```", []),
        ("example.com and http://a.example.com", ["http://a.example.com"]),
        ("example.com", []),
        ("mailto:a@example.com ftp://example.com javascript://example.com", []),
        ("10:30, a://b, http:/c", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_was_written_out_is_a_link(body: str, found: list[str]) -> None:
    assert list(links.found(body, 5)) == found


def test_only_the_first_ones_are_returned() -> None:
    body = " ".join(f"http://{name}.example.com" for name in "abcdefg")
    assert links.found(body, 3) == ("http://a.example.com", "http://b.example.com", "http://c.example.com")


PIECES = ["http://", "https://a.example.com/", "[", "](", ")", "`", "<", ">", "x", " ", "\n"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_whatever_a_text_holds_its_links_can_be_stored(body: str) -> None:
    for link in links.found(body, 5):
        assert link.startswith(("http://", "https://"))
        assert link.isascii()
        assert len(link) <= links.LINK_MAX_CHARS
    assert links.may_have(body) or not links.found(body, 5)
