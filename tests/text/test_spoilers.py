import pytest

from chat.text import maths, spoilers
from chat.text.render import render


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("it was ||the butler||.", "it was ▒▒▒▒."),
        ("||a||, ||b||", "▒▒▒▒, ▒▒▒▒"),
        ("a || b", "a || b"),
        ("plain", "plain"),
    ],
)
def test_what_is_hidden_is_not_in_the_text(text: str, masked: str) -> None:
    assert spoilers.masked(text) == masked


@pytest.mark.parametrize("body", ["||the @bob **did** it||", "||a ||the|| did||", "x ||the did|| ||did||"])
def test_what_is_hidden_is_not_in_the_html(body: str) -> None:
    html = render(body, {"bob": 1})
    assert html is not None
    masked = spoilers.masked_html(html)
    assert "did" not in masked
    assert "▒▒▒▒" in masked
    assert masked.count("<span") == masked.count("</span")


def test_a_formula_in_a_mail_stands_as_it_was_typed() -> None:
    html = render("*a* $x < 2$ b", {})
    assert html is not None
    assert maths.as_typed(html) == "<p><em>a</em> <code>x &lt; 2</code> b</p>"
