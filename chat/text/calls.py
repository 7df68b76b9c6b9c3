"""What calls many at once: @here, @room and groups of people, as they stand in a rendered text."""

from __future__ import annotations

import re
from collections.abc import Iterable

HERE, ROOM = "here", "room"
# In both languages, and as people know them from elsewhere; handles of people cannot be any of these.
NAMES = {
    "here": HERE, "여기": HERE,
    "room": ROOM, "all": ROOM, "channel": ROOM, "everyone": ROOM, "모두": ROOM, "전체": ROOM,
}  # fmt: skip
# As the renderer writes it. A text cannot hold this: there < is escaped.
_MARK = '<span class="mention" data-call="'
_CALLED = re.compile(r'<span class="mention" data-call="(here|room|\d{1,16})">([^<]*)</span>')


def is_whole(word: str, name: str) -> bool:
    """Tell whether an @word is one of `NAMES`: what may follow is a particle or a full stop, not another name."""
    rest = word[len(name) :]
    return not rest or "가" <= rest[0] <= "힣" or not rest.strip(".-_")


def may_be_here(body: str) -> bool:
    """Tell whether a text might call those who are here; a quick look that is sometimes wrong about yes."""
    return "@" in body and ("@여기" in body or "@here" in body.casefold())


def found(html: str | None) -> list[str]:
    """Return what a rendered text calls, each once, in order: here, room, and the ids of groups."""
    if html is None or _MARK not in html:
        return []
    return list(dict.fromkeys(match.group(1) for match in _CALLED.finditer(html)))


def has_any(html: str | None) -> bool:
    """Tell whether a rendered text calls anybody."""
    return html is not None and _MARK in html


def without(html: str, refused: Iterable[str]) -> str:
    """Return the same with some calls as plain words."""
    gone = set(refused)
    return _CALLED.sub(lambda match: match.group(2) if match.group(1) in gone else match.group(), html)
