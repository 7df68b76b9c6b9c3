"""Which addresses of the web stand in a text, as its rendering links them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it.token import Token

from chat.text.render import parsed

# What the protocol takes (a test holds the two side by side).
LINK_MAX_CHARS = 2_000
_SCHEME = re.compile(r"https?://", re.IGNORECASE)


def may_have(body: str) -> bool:
    """Tell cheaply whether a text may hold a link: of nearly all messages, that they have none."""
    return "://" in body and _SCHEME.search(body) is not None


def found(body: str, max_count: int) -> tuple[str, ...]:
    """Return the first different http and https addresses that somebody wrote out, not those in code.

    Each in ASCII, as the browser would ask for it.
    """
    if not may_have(body):
        return ()
    links: dict[str, None] = {}
    for href in _hrefs(parsed(body)):
        if len(links) == max_count:
            break
        if href.isascii() and href.isprintable() and len(href) <= LINK_MAX_CHARS:
            links[href] = None
    return tuple(links)


def _hrefs(tokens: list[Token]) -> Iterator[str]:
    for block in tokens:
        children = block.children or []
        for index, token in enumerate(children):
            if token.type != "link_open":
                continue
            href = str(token.attrGet("href") or "")
            scheme = _SCHEME.match(href)
            # "example.com" becomes a link too; who meant one would have written it out.
            is_guessed = token.markup == "linkify" and not _SCHEME.match(children[index + 1].content)
            if scheme and not is_guessed:
                yield scheme[0].lower() + href[scheme.end() :]
