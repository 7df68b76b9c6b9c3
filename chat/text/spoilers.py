"""What is hidden until somebody asks for it: ||the end of the film||."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter

_BAR = ord("|")
_MARK = "||"
_IN_TEXT = re.compile(r"\|\|(?=\S)(.+?)(?<=\S)\|\|", re.DOTALL)
_OPENING = '<span class="spoiler">'
HIDDEN = "▒▒▒▒"


def rule(state: StateInline, silent: bool) -> bool:
    """Note `||` as what may open or close; a rule of the parser, in the manner of its own for `~~`."""
    if silent or not state.src.startswith(_MARK, state.pos):
        return False
    scanned = state.scanDelims(state.pos, True)
    token = state.push("text", "", 0)
    token.content = "|" * scanned.length
    if scanned.length == len(_MARK):
        here = len(state.tokens) - 1
        state.delimiters.append(Delimiter(_BAR, 0, here, -1, scanned.can_open, scanned.can_close))
    state.pos += scanned.length
    return True


def pair(state: StateInline) -> None:
    """Make elements of the marks that found each other; the second pass of the rule."""
    _pair(state, state.delimiters)
    for meta in state.tokens_meta:
        if meta and "delimiters" in meta:
            _pair(state, meta["delimiters"])


def masked(text: str) -> str:
    """Return a text as typed without what is hidden in it, for places where nobody can ask for it."""
    return _IN_TEXT.sub(HIDDEN, text) if _MARK in text else text


def masked_html(html: str) -> str:
    """Return a rendered text without what is hidden in it."""
    while (start := html.find(_OPENING)) >= 0:
        depth, at = 1, start + len(_OPENING)
        while depth:
            found = re.compile(r"</?span").search(html, at)
            if found is None:
                return html[:start] + HIDDEN
            depth += -1 if found[0].startswith("</") else 1
            at = found.end()
        html = html[:start] + HIDDEN + html[html.index(">", at) + 1 :]
    return html


def _pair(state: StateInline, delimiters: list[Delimiter]) -> None:
    for delimiter in delimiters:
        if delimiter.marker != _BAR or delimiter.end == -1:
            continue
        opening = state.tokens[delimiter.token]
        closing = state.tokens[delimiters[delimiter.end].token]
        opening.type, opening.tag, opening.nesting, opening.content = "spoiler_open", "span", 1, ""
        opening.attrSet("class", "spoiler")
        closing.type, closing.tag, closing.nesting, closing.content = "spoiler_close", "span", -1, ""
