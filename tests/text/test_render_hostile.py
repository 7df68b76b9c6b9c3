import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.text import mentions
from chat.text.render import render

TAGS = {
    "p", "br", "strong", "em", "s", "a", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "span",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "input",
    # What a formula is made of: none of these leads anywhere or runs anything.
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded",
    "mphantom", "menclose", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts",
    "mprescripts", "none", "mtable", "mtr", "mtd",
}  # fmt: skip
ATTRIBUTES = {"href", "title", "class", "target", "rel", "data-user", "start", "type", "checked", "disabled"} | {
    "data-call", "data-emoji", "alttext", "display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence",
    "form", "separator", "largeop", "movablelimits", "accent", "accentunder", "linethickness",
    "notation", "columnalign", "rowlines", "columnlines", "rowspacing", "columnspacing", "lspace", "rspace",
    "width", "height", "depth", "voffset", "minsize", "maxsize",
}  # fmt: skip
HREF = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
HANDLES: dict[str, int | str] = {"bob": 1, "room": "room"}


class Inspector(HTMLParser):
    """Collects what a browser would make of the HTML, and what of it could act."""

    def __init__(self) -> None:
        super().__init__()
        self.elements = 0
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is not on the lists."""
        self.elements += 1
        if tag not in TAGS:
            self.bad.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES or (name == "href" and not HREF.match(value or "")):
                self.bad.append(f"{tag} {name}={value}")


def inspect(body: str) -> Inspector:
    inspector = Inspector()
    inspector.feed(render(body, HANDLES) or "")
    inspector.close()
    return inspector


HOSTILE = [
    "<script>alert(1)</script>",
    "**x** <script>alert(1)</script>",
    "**x** <img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)> *a*",
    "<iframe srcdoc='<script>alert(1)</script>'> *a*",
    "<a href=javascript:alert(1)>x</a> *a*",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](java&#9;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/logout)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://a.example "t\\" onclick=alert(1)")',
    "[x](https://a.example 't\" onmouseover=\"alert(1)')",
    'https://a.example/"onmouseover="alert(1)',
    "https://a.example/<script>alert(1)</script>",
    '```"><script>alert(1)</script>\ncode\n```',
    "```html\n<script>alert(1)</script>\n```",
    '```py" onclick="alert(1)\nx\n```',
    "`<img src=x onerror=alert(1)>`",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "- [x] <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "**<script>**alert(1)**</script>**",
    "@bob<script>alert(1)</script>",
    "<!--> <script>alert(1)</script> --> *a*",
    "<![CDATA[<script>alert(1)</script>]]> *a*",
    "*a* <style>*{display:none}</style>",
    "*a* <base href=//evil.example>",
    "*a* <form action=//evil.example><input type=password>",
    "&lt;script&gt;alert(1)&lt;/script&gt; *a*",
    "\u202e*gpj.exe*",
    "||<script>alert(1)</script>||",
    r"$\text{</mtext></math><img src=x onerror=alert(1)>}$",
    r"$\text{<!--}$ $\text{--><script>alert(1)</script>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\style{position:fixed}{x}$ $\class{x}{y}$ $\unicode{60}$",
    r'$x" onmouseover="alert(1)$',
    "$$&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e;$$",
    ':parrot" onclick="alert(1): :parrot:',
    "@room<script>alert(1)</script>",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_markup_is_inert(body: str) -> None:
    assert inspect(body).bad == []


@settings(max_examples=300)
@given(st.text(st.sampled_from(list("<>[]()!*_`~#|\\\"'&;:/@ \n\tax1-.=javscriptho${}^"))))
def test_no_text_makes_anything_that_acts(body: str) -> None:
    assert inspect(body).bad == []


def test_the_host_of_a_link_is_shown_as_it_was_typed() -> None:
    html = render("http://xn--80ak6aa92e.com/ https://good.example@evil.example/", {})
    assert html is not None
    assert ">http://xn--80ak6aa92e.com/<" in html
    assert ">https://good.example@evil.example/<" in html


def test_an_address_has_an_end() -> None:
    fits = "https://a.example/" + "x" * 1_900
    assert f'href="{fits}"' in (render(fits, {}) or "")
    assert "href" not in (render(fits + "x" * 6_000, {}) or "")


@pytest.mark.parametrize("target", ["/logout", "//evil.example", "logout", "?a", "#a", ""])
def test_a_link_without_a_host_leads_nowhere(target: str) -> None:
    assert "href" not in (render(f"*a* [x]({target})", {}) or "")


DENSE = {
    "stars": "*", "emphasis": "*a", "underscores": "_a", "backticks": "`", "ticks of two": "`a``b", "brackets": "[",
    "links": "[a](", "urls": "http://a.example/(", "schemes": "http://", "quotes": "> ", "nested lists": "- ",
    "lists": "- a\n", "tables": "|a|b|\n|-|-|\n", "angles": "<", "backslashes": "\\", "entities": "&amp;",
    "mentions": "@bob ", "domains": "a.", "strikes": "~~a ", "fences": "```py\nx\n```\n", "headings": "# a\n",
    "spoilers": "||a||", "spoiler marks": "||", "formulas": "$x_1^2$ ", "dollars": "$", "displays": "$$x",
    "fractions": "$\\frac{", "matrices": "$\\begin{matrix}", "emoji": ":+1: ", "colons": ":a",
}  # fmt: skip


@pytest.mark.parametrize("unit", DENSE.values(), ids=DENSE.keys())
def test_work_grows_with_the_length_and_not_faster(unit: str) -> None:
    body = (unit * 8_000)[:8_000]
    found = inspect(body)
    assert found.bad == []
    # Each character of the text opens at most one element, so output and work stay in proportion to it.
    assert found.elements <= len(body)
    assert len(render(body, HANDLES) or "") <= 60 * len(body)


def test_nesting_has_an_end() -> None:
    html = render(">" * 1_000 + " a", {})
    assert html is not None
    assert html.count("<blockquote>") <= 20


@pytest.mark.parametrize(
    "source",
    [
        r"\newcommand{\a}{xxxxxxxxxx}\newcommand{\b}{\a\a\a\a\a}\b\b\b",
        r"\def\a{\a\a}\a",
        r"\DeclareMathOperator{\a}{b}\a",
        "{" * 240 + "}" * 240,
        "x" * 600,
        r"\text{&#xD800;}",
    ],
    ids=["macros", "a macro of itself", "an operator", "nesting", "length", "half a character"],
)
def test_a_formula_that_asks_for_too_much_stays_as_it_was_typed(source: str) -> None:
    html = render(f"${source}$", {})
    assert html is None or "<math" not in html or "\ufffd" in html
    (html or "").encode()


def test_formulas_have_an_end() -> None:
    html = render("$x$ " * 100, {})
    assert html is not None
    assert html.count("<math") == 30
    assert html.count("$x$") == 70


def test_a_thousand_mentions_name_fifty_people() -> None:
    body = " ".join(f"@user{number}" for number in range(1_000))
    assert mentions.named(body, 50) == [f"user{number}" for number in range(50)]
