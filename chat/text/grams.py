"""Texts as search compares them, and the small pieces of them that an index can hold. Pure.

A piece (gram) is two neighbours of a run of Hangul, kana or Chinese characters, and each of these alone; three of any
other run of letters and digits, or the whole run where it is shorter; a sign or an emoji alone. So the index needs no
dictionary and no language: whoever has all grams of a term may hold it, and `Term.places` tells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

# What is not seen does not keep words apart: soft hyphens, zero-width spaces and joiners.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_SPACES = re.compile(r"\s+")
_CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
# Marks that stand on letters are none by themselves; of scripts that are made of both, all is taken.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0711\u0730-\u074a"
    "\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
)
_SIGNS = "\u2190-\u2bff\U0001f000-\U0001faff"
_RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|(?P<word>(?:(?![{_CJK}{_SIGNS}])[\w{_MARKS}])+)|(?P<sign>[{_SIGNS}])")
_LETTER = re.compile(rf"(?![{_CJK}{_SIGNS}])[\w{_MARKS}]")
# Nothing before them changes them, so most texts need no closer look.
_ALONE = re.compile("[ -~\uac00-\ud7a3\u4e00-\u9fff\u3041-\u3096\u30a1-\u30fa]+")
_WORD_GRAM_CHARS = 3
# Five digits of the base 36: enough that hardly two grams share a number, and short as a word of a text.
NUMBERS_COUNT = 36**5


def fold(text: str) -> str:
    """Return a text as it is compared: without case, width, ways of writing one character, and numbers of spaces."""
    return _SPACES.sub(" ", _folded(text))


def fold_with_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the folded text, and for each of its characters from where to where it stands in the text."""
    chars: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        for char in _folded(text[start:end]):
            if char.isspace():
                if chars and chars[-1] == " ":
                    continue
                char = " "
            chars.append(char)
            places.append((start, end))
    return "".join(chars), places


def grams(folded: str) -> set[str]:
    """Return the grams of a folded text."""
    found: set[str] = set()
    for run in _RUN.finditer(folded):
        text = run[0]
        if run.lastgroup == "cjk":
            found.update(text)
            found.update(map("".join, pairwise(text)))
        elif run.lastgroup == "word" and len(text) > _WORD_GRAM_CHARS:
            found.update(text[at : at + _WORD_GRAM_CHARS] for at in range(len(text) - _WORD_GRAM_CHARS + 1))
        else:
            found.add(text)
    return found


def number(gram: str) -> int:
    """Return the number by which the index knows a gram, below `NUMBERS_COUNT`; two may share one."""
    return crc32(gram.encode("utf-8", "surrogatepass")) % NUMBERS_COUNT


@dataclass(frozen=True, slots=True)
class Term:
    """What somebody looks for: a word, a part of one, or a phrase, folded.

    A run of one or two letters is looked for as a whole word where nothing longer stands beside it: as a part it would
    be in nearly every text, and no gram tells.
    """

    text: str
    grams: frozenset[str]
    begins_word: bool
    ends_word: bool

    def places(self, folded: str) -> Iterator[tuple[int, int]]:
        """Yield where the term stands in a folded text."""
        start = folded.find(self.text)
        while start >= 0:
            end = start + len(self.text)
            if not (self.begins_word and _is_letter(folded, start - 1)) and not (
                self.ends_word and _is_letter(folded, end)
            ):
                yield start, end
                start = folded.find(self.text, end)
            else:
                start = folded.find(self.text, start + 1)

    def is_in(self, folded: str) -> bool:
        """Tell whether the term stands in a folded text."""
        return next(self.places(folded), None) is not None

    def is_word_in(self, folded: str) -> bool:
        """Tell whether it stands there with nothing of the same run before and behind it."""
        return any(
            not (_is_letter(folded, start) and _is_letter(folded, start - 1))
            and not (_is_letter(folded, end - 1) and _is_letter(folded, end))
            for start, end in self.places(folded)
        )


def term(text: str) -> Term | None:
    """Return the term of what somebody has typed, None where nothing of it can be seen."""
    folded = fold(text).strip()
    if not folded:
        return None
    runs = list(_RUN.finditer(folded))
    short = [run for run in runs if run.lastgroup == "word" and len(run[0]) < _WORD_GRAM_CHARS]
    has_long = len(short) < len(runs)
    found: set[str] = set()
    for run in runs:
        if run not in short:
            found |= _grams_of_query(run)
        elif not has_long or (run.start() > 0 and run.end() < len(folded)):
            # At an end of what was typed it may be the beginning or the end of a longer one.
            found.add(run[0])
    is_short = bool(short) and not has_long
    return Term(
        folded,
        frozenset(found),
        begins_word=is_short and short[0].start() == 0,
        ends_word=is_short and short[-1].end() == len(folded),
    )


def _grams_of_query(run: re.Match[str]) -> set[str]:
    # The single characters of a longer run say nothing that its pairs do not.
    return {gram for gram in grams(run[0]) if run.lastgroup != "cjk" or len(gram) == 2 or len(run[0]) == 1}


def _is_letter(folded: str, at: int) -> bool:
    return 0 <= at < len(folded) and _LETTER.match(folded, at) is not None


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    # Once more behind: of some characters the small form is one that NFKC writes in another way.
    folded = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).casefold()
    return unicodedata.normalize("NFKC", folded)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where characters stand that fold together, such as a letter and its accents."""
    at = 0
    for run in _ALONE.finditer(text):
        yield from _joined(text, at, run.start())
        # What comes behind may belong to the last one.
        for at in range(run.start(), run.end() - 1):
            yield at, at + 1
        at = run.end() - 1
    yield from _joined(text, at, len(text))


def _joined(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    before = _folded(text[start : start + 1])
    for at in range(start + 1, end):
        alone, together = _folded(text[at]), _folded(text[start : at + 1])
        # A mark may be moved past another one, so what is joined need not be shorter.
        if alone and together == before + alone and not unicodedata.combining(alone[0]):
            yield start, at
            start, before = at, alone
        else:
            before = together
    if start < end:
        yield start, end
