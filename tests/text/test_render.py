import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.text import render as render_module
from chat.text.render import render

HANDLES = {"bob": 1, "지우": 2, "bob.smith": 3}
LINK = ' target="_blank" rel="noopener noreferrer nofollow"'

PLAIN = [
    "hi",
    "안녕하세요!",
    "two\nlines",
    "a paragraph\n\nand another",
    "a < b && c > d",
    "5 * 3 * 2",
    "snake_case_name",
    "@carol is not here",
    "mail me: bob@example.com",
    "#general",
    "&lt;",
    "👍",
    "$5 and $10, US$3, $HOME/bin:$PATH",
    "$3 instead of 5$",
    "5$ or 6$",
    "a || b || c",
    "a::b: and 10:30:20",
]
MARKED_UP = {
    "**b** *i* ~~s~~": "<p><strong>b</strong> <em>i</em> <s>s</s></p>",
    "`<b>`": "<p><code>&lt;b&gt;</code></p>",
    "a *b*\nc": "<p>a <em>b</em><br>\nc</p>",
    "> quote": "<blockquote>\n<p>quote</p>\n</blockquote>",
    "- a\n- b": "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
    "3. c": '<ol start="3">\n<li>c</li>\n</ol>',
    "# T": "<h1>T</h1>",
    "---": "<hr>",
    "```\nx < 1\n```": "<pre><code>x &lt; 1\n</code></pre>",
    "[a](https://b.example/c)": f'<p><a href="https://b.example/c"{LINK}>a</a></p>',
    "https://b.example/c?d=e&f=g": (
        f'<p><a href="https://b.example/c?d=e&amp;f=g"{LINK}>https://b.example/c?d=e&amp;f=g</a></p>'
    ),
    "see b.example.com.": f'<p>see <a href="http://b.example.com"{LINK}>b.example.com</a>.</p>',
    "||the *butler*||": '<p><span class="spoiler">the <em>butler</em></span></p>',
    "||a||b||": '<p><span class="spoiler">a</span>b||</p>',
    "`||a||`": "<p><code>||a||</code></p>",
    "$x^2$는": (
        '<p><math alttext="x^2" display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>는</p>'
    ),
    "$$x$$": '<p><math alttext="x" display="block"><mrow><mi>x</mi></mrow></math></p>',
    "`$x$`": "<p><code>$x$</code></p>",
    ":thumbsup: :+1: :좋아요: :heart:": "<p>👍 👍 👍 ❤️</p>",
    "`:+1:`": "<p><code>:+1:</code></p>",
    "<a@b.example>": f'<p><a href="mailto:a@b.example"{LINK}>a@b.example</a></p>',
}


@pytest.mark.parametrize("body", PLAIN)
def test_plain_text_has_no_html(body: str) -> None:
    assert render(body, HANDLES) is None


@pytest.mark.parametrize(("body", "html"), MARKED_UP.items())
def test_markup_becomes_html(body: str, html: str) -> None:
    assert render(body, HANDLES) == html


def test_plain_words_beside_markup_are_escaped() -> None:
    assert render("a & <b> **c**", {}) == "<p>a &amp; &lt;b&gt; <strong>c</strong></p>"


def test_code_of_a_known_language_is_coloured_and_of_an_unknown_one_is_not() -> None:
    coloured = render("```python\nreturn 1\n```", {})
    assert coloured is not None
    assert '<span class="tok-k">return</span>' in coloured
    assert (
        render("```klingon\nreturn 1\n```", {})
        == '<pre><code class="language-klingon">return 1\n</code></pre>'
    )


def test_much_code_is_shown_without_colours() -> None:
    html = render("```python\n" + "return 1\n" * 600 + "```", {})
    assert html is not None
    assert "tok-" not in html


def test_a_table_and_a_task_list_are_shown() -> None:
    table = render("| a | b |\n|---|---|\n| 1 | 2 |", {})
    assert table is not None
    assert "<td>2</td>" in table
    tasks = render("- [x] done", {})
    assert tasks is not None
    assert 'checked="checked" disabled="disabled" type="checkbox"' in tasks


def test_the_columns_of_a_table_are_set_as_they_were_asked_for() -> None:
    html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |", {})
    assert html is not None
    assert '<th class="align-center">a</th>' in html
    assert '<td class="align-right">2</td>' in html


def test_names_that_may_be_the_workspaces_own_emoji_are_marked_where_they_are_text() -> None:
    html = render("**hi** :tada: :party_blob: `:code:` 10:30:20 :Party_Blob:", {})
    assert html == (
        '<p><strong>hi</strong> 🎉 <span class="emoji" data-emoji="party_blob">:party_blob:</span> '
        '<code>:code:</code> 10:30:20 <span class="emoji" data-emoji="party_blob">:Party_Blob:</span></p>'
    )
    assert render("```\n:code:\n```", {}) == "<pre><code>:code:\n</code></pre>"


def test_the_name_of_an_emoji_carries_no_markup() -> None:
    assert render(':"><img/src=x>:', {}) is None
    html = render(":a_b_c: [:link:](https://example.org)", {})
    assert html is not None
    assert '<span class="emoji" data-emoji="a_b_c">:a_b_c:</span>' in html
    assert ">:link:</a>" in html


def test_many_are_called_by_a_word() -> None:
    html = render("@room: @here and @design", {"room": "room", "design": "7"})
    assert html == (
        '<p><span class="mention" data-call="room">@room</span>: @here and '
        '<span class="mention" data-call="7">@design</span></p>'
    )


def test_an_image_of_a_foreign_host_is_a_link_and_nothing_is_fetched() -> None:
    html = render("![cat](https://b.example/cat.png)", {})
    assert html == f'<p>!<a href="https://b.example/cat.png"{LINK}>cat</a></p>'


def test_indented_text_is_no_code() -> None:
    assert render("    a log line", {}) == "<p>a log line</p>"


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("@bob hi", '<span class="mention" data-user="1">@bob</span> hi'),
        ("@Bob: hi", '<span class="mention" data-user="1">@Bob</span>: hi'),
        ("@bob에게 물어봐요", '<span class="mention" data-user="1">@bob</span>에게 물어봐요'),
        (
            "@지우님, @bob",
            '<span class="mention" data-user="2">@지우</span>님, <span class="mention" data-user="1">@bob</span>',
        ),
        ("@bob.smith.", '<span class="mention" data-user="3">@bob.smith</span>.'),
        ("**@bob**", '<strong><span class="mention" data-user="1">@bob</span></strong>'),
    ],
)
def test_a_known_handle_is_marked(body: str, html: str) -> None:
    assert render(body, HANDLES) == f"<p>{html}</p>"


@pytest.mark.parametrize(
    "body", ["`@bob`", "```\n@bob\n```", "[@bob](https://b.example)", "https://b.example/@bob"]
)
def test_a_handle_in_code_or_a_link_stays_text(body: str) -> None:
    html = render(body, HANDLES)
    assert html is not None
    assert "mention" not in html


# What is near to meaning something, so that the short way is tempted.
SNIPPETS = [
    "a", "b1", "12", "안", "é", "x", "w", "-", "+", "=", "#", ">", ".", ":", ",", "(", ")", "'", '"', "/", "!", ";",
    "%", "$", "€", " ", " - ", "...", "10:30", "v1.2", "1)", "www.", "http", "ftp:", ".com", ".de", ".рф", "xn--", "://",
    "localhost:80", "10.0.0.1", "a > b", "#3", "👍", "\u200b", "\u00ad", "\u3000", "\t", "\n", "&", "@", "*", "_", "|",
    "||", "$", "$x$", ":+1:",
]  # fmt: skip


@given(st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=3), max_size=8).map("".join))
def test_the_short_way_for_quiet_texts_leads_to_the_same_as_the_whole(body: str) -> None:
    # Without any sign of markup a text was never given to Markdown: it is shown as it is.
    expected = render_module._whole(body, HANDLES) if render_module._MARKUP.search(body) else None
    assert render(body, HANDLES) == expected


@pytest.mark.parametrize("body", ["at 10:30", "v1.2 is out", "a > b", "see #3", "50-60 (about)", "e.g. this"])
def test_a_quiet_text_is_not_given_to_markdown(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_module, "_whole", None)
    assert render(body, HANDLES) is None
