"""Formulas between dollars: found in the line, written as MathML of a short list of elements."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING

from latex2mathml.converter import convert_to_element
from markdown_it.rules_inline import StateInline

if TYPE_CHECKING:
    # Only the type: what is walked here was built in memory, no XML is parsed.
    from xml.etree.ElementTree import Element

# What stands in a message as a formula; more of them stay as they were typed.
FORMULAS_MAX_COUNT = 30
_SOURCE_MAX_CHARS = 500
_HTML_MAX_CHARS = 20_000
_DEPTH_MAX = 60
# Prices are no formulas: nothing may touch the dollars from outside, no space from inside.
_INLINE = re.compile(r"\$(?![\s$])((?:[^$\\\n]|\\.)+?)(?<!\s)\$(?![\w$])", re.ASCII)
_DISPLAY = re.compile(r"\$\$(?!\$)((?:[^$\\]|\\.)+?)\$\$(?!\$)", re.DOTALL)
# Commands that grow what they are given, lead elsewhere, or carry styles of their own.
_REFUSED = re.compile(
    r"\\(?:(?:re|provide)?newcommand|newenvironment|def|let|href|style|class|cssId|require|unicode|verb|DeclareMathOperator)(?![a-zA-Z])"
)
# What a formula may be made of; the sanitizer lets the same through.
ELEMENTS = frozenset({
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded",
    "mphantom", "menclose", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts",
    "mprescripts", "none", "mtable", "mtr", "mtd",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence", "form", "separator", "largeop",
    "movablelimits", "accent", "accentunder", "linethickness", "bevelled", "notation", "columnalign", "rowlines",
    "columnlines", "rowspacing", "columnspacing", "lspace", "rspace", "width", "height", "depth", "voffset", "minsize",
    "maxsize",
})  # fmt: skip
_CALCULATED = re.compile(r"[\\^_={}+*/]")
_WRITTEN = re.compile(r'<math alttext="([^"]*)"[^>]*>.*?</math>', re.DOTALL)
_VALUE = re.compile(r"[\w.%+ -]{1,60}", re.ASCII)
# A space of a kilometre would push everything else out of sight.
_LENGTH = re.compile(r"[+-]?\d{0,1}(?:\.\d{0,4})?(?:em|ex|px|pt|mu|%|cm|mm|in)?", re.ASCII)
_LENGTHS = frozenset({"width", "height", "depth", "voffset", "lspace", "rspace"})


def rule(state: StateInline, silent: bool) -> bool:
    """Make a token of `$…$` or `$$…$$` at this place; a rule of the parser."""
    start = state.pos
    if state.src[start] != "$" or (
        start and (state.src[start - 1].isalnum() or state.src[start - 1] in "$\\")
    ):
        return False
    is_display = state.src.startswith("$$", start)
    found = (_DISPLAY if is_display else _INLINE).match(state.src, start, start + _SOURCE_MAX_CHARS)
    count = state.env.setdefault("formulas", 0)
    if found is None or count >= FORMULAS_MAX_COUNT:
        return False
    html = None if _is_price(found[1]) else mathml(found[1].strip(), is_display=is_display)
    if html is None:
        return False
    if not silent:
        state.env["formulas"] = count + 1
        token = state.push("math", "", 0)
        token.content, token.meta = found[0], {"html": html}
    state.pos = found.end()
    return True


@lru_cache(256)
def mathml(source: str, *, is_display: bool) -> str | None:
    """Return a formula as MathML, with its source for who copies or hears it; None for what is no formula."""
    if not source or _REFUSED.search(source):
        return None
    try:
        root = convert_to_element(source, display="block" if is_display else "inline")
        written = "".join(_written(root, 0))
    except Exception:
        # Whatever the library raises (there are a dozen kinds, IndexError among them): it is no formula then.
        return None
    if len(written) > _HTML_MAX_CHARS:
        return None
    return written.replace("<math", f'<math alttext="{escape(source)}"', 1)


def as_typed(html: str) -> str:
    """Return a rendered text with formulas as they were typed, for mails: their readers show no MathML."""
    return _WRITTEN.sub(r"<code>\1</code>", html)


def _is_price(source: str) -> bool:
    """Tell whether it may be what stands between two prices: "$3 instead of 5$"."""
    return source[0].isdigit() and not _CALCULATED.search(source)


def _written(element: Element, depth: int) -> list[str]:
    """Write what is on the lists; of other elements remains their text."""
    if depth > _DEPTH_MAX:
        raise ValueError("too deep")
    tag = element.tag
    is_kept = tag in ELEMENTS
    said = "".join(
        f' {name}="{escape(value)}"' for name, value in element.attrib.items() if _is_kept(name, value)
    )
    parts = [f"<{tag}{said}>"] if is_kept else []
    # The library writes signs as character references into its text.
    parts.append(escape(unescape(element.text or "")))
    for child in element:
        parts += _written(child, depth + 1)
    if is_kept:
        parts.append(f"</{tag}>")
    return parts


def _is_kept(name: str, value: str) -> bool:
    if name in _LENGTHS:
        return _LENGTH.fullmatch(value) is not None
    return name in ATTRIBUTES and _VALUE.fullmatch(value) is not None
