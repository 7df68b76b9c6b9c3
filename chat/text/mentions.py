"""Who is named with @ in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from chat.text import calls

# A handle in running text; what stands before the @ must not make it an address or a path.
AT = re.compile(r"(?<![\w@/.:+-])@([^\W_][\w.-]*)", re.UNICODE)
_CODE = re.compile(r"```.*?(?:```|\Z)|^ *~~~.*?(?:^ *~~~|\Z)|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_HANDLE_MAX_CHARS = 32
Who = TypeVar("Who")


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


def resolve(word: str, handles: Mapping[str, Who]) -> tuple[str, Who] | None:
    """Return the handle that an @word means and who that is, or None."""
    for spelling in spellings(word):
        if spelling in handles and (spelling not in calls.NAMES or calls.is_whole(word, spelling)):
            return spelling, handles[spelling]
    return None
