import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.features.previews import page
from chat.features.previews.fetch import MAX_BYTES, Answer
from chat.features.previews.page import Facts
from chat.protocol import limits

URL = "https://site.example.com/a/b"


def answer(body: str | bytes, charset: str = "utf-8") -> Answer:
    return Answer(URL, "text/html", charset, body if isinstance(body, bytes) else body.encode(), True)


def read(body: str | bytes, charset: str = "utf-8") -> Facts:
    return page.read(answer(body, charset))


def test_open_graph_comes_before_the_rest() -> None:
    facts = read("""<!doctype html><html><head><title>Plain</title>
        <meta name="description" content="plain words"><meta name="twitter:title" content="Twitter">
        <META PROPERTY='og:title' CONTENT='Graph &amp; &#x1F600; &quot;more&quot;'>
        <meta property=og:description content=words><meta property="og:site_name" content="Site">
        <meta property="og:image" content="../pic one.png">
        <link rel="alternate" type="application/json+oembed" href="/oembed?url=x&amp;format=json">""")
    assert facts == Facts(
        title='Graph & 😀 "more"',
        description="words",
        site="Site",
        image_url="https://site.example.com/pic%20one.png",
        oembed_url="https://site.example.com/oembed?url=x&format=json",
    )


def test_twitter_comes_before_the_plain_title() -> None:
    facts = read(
        '<title>Plain</title><meta name="twitter:title" content="T"><meta name="twitter:image" content="/i.png">'
    )
    assert (facts.title, facts.image_url) == ("T", "https://site.example.com/i.png")


def test_plain_page_has_its_title_and_description() -> None:
    facts = read(
        '<title lang="en">\n  Plain\n  words </title><meta name="Description" content=" about  it ">'
    )
    assert (facts.title, facts.description, facts.is_empty) == ("Plain words", "about it", False)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<",
        "<meta",
        "<title",
        "<title>",
        "<title></title>",
        "<meta property=og:title>",
        '<meta property="og:title" content="',
        "<!-- <title>Hidden</title>",
        "<!-- <title>Hidden</title> -->",
        "<script><title>Hidden</title></script>",
        "<SCRIPT>'<title>Hidden</title>'",
        "<style><title>Hidden</title></style>",
        "<body><title>Late</title>",
        "<head></head><title>Late</title>",
        "<svg><metadata>",
        "<metal property='og:title' content='No'>",
        "\0\0\0",
        "]]>",
        "<title>\u200b\u202e</title>",
    ],
)
def test_page_that_says_nothing_has_nothing(body: str) -> None:
    assert read(body).is_empty


def test_first_word_of_a_kind_counts() -> None:
    assert (
        read('<meta property="og:title" content="One"><meta property="og:title" content="Two">').title
        == "One"
    )
    assert read("<title>One</title><title>Two</title>").title == "One"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a\u202eb\u2066c\u200ed", "abcd"),
        ("a\0b\x07c\x1b[31m", "abc[31m"),
        ("  a \n\t b  ", "a b"),
        ("e" + "\u0301" * 40, ""),
        ("\ud800a", "a"),
        ("한" * 200, "한" * 159 + "…"),
        ("x" * 160, "x" * 160),
        ("<b>not a tag</b>", "<b>not a tag</b>"),
    ],
)
def test_text_is_one_clean_line(said: str, shown: str) -> None:
    assert page.clean(said, limits.PREVIEW_TITLE_MAX_CHARS) == shown


@pytest.mark.parametrize(
    ("encoded", "header", "title"),
    [
        ("안녕".encode("cp949"), "euc-kr", "안녕"),
        ("똠방".encode("cp949"), "EUC-KR".lower(), "똠방"),
        ("こんにちは".encode("shift_jis"), "shift_jis", "こんにちは"),
        ("é".encode("latin-1"), "iso-8859-1", "é"),
        ("안녕".encode(), "no-such-charset", "안녕"),
        ("안녕".encode(), "zlib", "안녕"),
        ("안녕".encode(), "unicode_escape", "안녕"),
        ("안녕".encode(), "", "안녕"),
        ("é".encode("latin-1"), "utf-8", "�"),
    ],
)
def test_charset_that_is_wrong_is_harmless(encoded: bytes, header: str, title: str) -> None:
    assert read(b"<title>" + encoded + b"</title>", header).title == title


def test_charset_may_stand_in_the_page() -> None:
    for told in (
        '<meta charset="euc-kr">',
        "<meta http-equiv=Content-Type content='text/html; charset=euc-kr'>",
    ):
        assert read(told.encode() + b"<title>" + "안녕".encode("cp949"), "").title == "안녕"
    assert read("<title>안녕</title>".encode("utf-16"), "euc-kr").title == "안녕"


def test_entities_of_a_document_mean_nothing() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    facts = read(bomb + '<title>&b;&c;</title><meta name="description" content="&c;">')
    assert facts.title == "&b;&c;"
    assert facts.description == "&c;"


# Written to be slow for a reader that goes back, or that keeps all of it.
HOSTILE = [
    "<meta>",
    "<meta property=og:title content=x>",
    "<meta ",
    "<title>",
    "<link rel=alternate",
    "<!--",
    "<!-- -->",
    "<",
    "<<",
    "</",
    "<a b='",
    "<script>",
    "</script>",
    '<meta content="',
    "<meta a=b ",
    "&#x41;",
    "&lt",
    "<![CDATA[",
    "<?",
    "<meta\n",
    "<div>",
    "\0",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_repeated_markup_costs_little(piece: str) -> None:
    body = (piece * (MAX_BYTES // len(piece)))[:MAX_BYTES]
    began = time.process_time()
    read(body)
    read("<title>" + body)
    read('<meta property="og:title" content="' + body)
    # A reader that goes back takes minutes.
    assert time.process_time() - began < 5


@given(
    st.lists(st.sampled_from([*HOSTILE, "og:title", "content=", '"', "'", ">", "x", " "]), max_size=60).map(
        "".join
    )
)
def test_whatever_a_page_holds_its_facts_are_clean(body: str) -> None:
    facts = read(body)
    for text, most in (
        (facts.title, limits.PREVIEW_TITLE_MAX_CHARS),
        (facts.description, limits.PREVIEW_DESCRIPTION_MAX_CHARS),
        (facts.site, limits.PREVIEW_SITE_MAX_CHARS),
    ):
        assert len(text) <= most
        assert text.isprintable()


@given(st.binary(max_size=2_000), st.text(max_size=20))
def test_whatever_comes_is_read_without_an_error(body: bytes, charset: str) -> None:
    read(body, charset.lower())
    page.read_oembed(answer(body))


def test_oembed_says_what_it_is_about() -> None:
    said = (
        b'{"title": "A\\u202e film", "author_name": "Mina", "provider_name": "Tube", '
        b'"thumbnail_url": "/t.jpg", "html": "<b>"}'
    )
    assert page.read_oembed(answer(said)) == Facts(
        title="A film", description="Mina", site="Tube", image_url="https://site.example.com/t.jpg"
    )


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"{",
        b"null",
        b'{"title": 5, "thumbnail_url": {}}',
        b"[" * 100_000,
        b'{"title": "\\ud800"}',
    ],
)
def test_oembed_that_says_nothing_has_nothing(said: bytes) -> None:
    assert page.read_oembed(answer(said)).is_empty
