"""What a message says without its markup, in one line: for places that show a part of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from chat.text import spoilers
from chat.text.render import parsed


def plain(body: str) -> str:
    """Return the words of a text, with what is hidden in it masked and every gap one space."""
    return " ".join("".join(_words(parsed(body))).split())


def _words(blocks: Sequence[Token]) -> Iterator[str]:
    for block in blocks:
        yield " "
        if block.type == "inline":
            yield from _of_line(block.children or [])
        else:
            # Code is what it says; everything else that is no line has no words of its own.
            yield block.content


def _of_line(tokens: Sequence[Token]) -> Iterator[str]:
    depth = 0
    for token in tokens:
        if token.type == "spoiler_open":
            depth += 1
            yield spoilers.HIDDEN if depth == 1 else ""
        elif token.type == "spoiler_close":
            depth -= 1
        elif depth == 0 and token.type != "html_inline":
            # The boxes of task lists are HTML of the parser's own.
            yield " " if token.type in ("softbreak", "hardbreak") else token.content
