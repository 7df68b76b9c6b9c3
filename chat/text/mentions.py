"""Who is named with @ in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

# A handle in running text; what stands before the @ must not make it an address or a path.
AT = re.compile(r"(?<![\w@/.:+-])@([^\W_][\w.-]*)", re.UNICODE)
_CODE = re.compile(r"```.*?(?:```|\Z)|^ *~~~.*?(?:^ *~~~|\Z)|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_HANDLE_MAX_CHARS = 32


def spellings(word: str) -> Iterator[str]:
    """Yield the handles that an @word may mean, longest first.

    Korean writes particles and titles without a space (@bob에게, @지우님), and a full stop may follow.
    """
    word = word.casefold()[:_HANDLE_MAX_CHARS]
    yield word
    for end in range(len(word) - 1, 0, -1):
        if "가" <= word[end] <= "힣" or word[end] in ".-_":
            yield word[:end]


def named(body: str, max_count: int) -> list[str]:
    """Return the @words of a text outside of code, each once, in order, at most `max_count`."""
    if "@" not in body:
        return []
    words = dict.fromkeys(match.group(1).casefold() for match in AT.finditer(_CODE.sub(" ", body)))
    return list(words)[:max_count]


def resolve(word: str, handles: Mapping[str, int]) -> tuple[str, int] | None:
    """Return the handle and user id that an @word means, or None."""
    for spelling in spellings(word):
        if spelling in handles:
            return spelling, handles[spelling]
    return None
