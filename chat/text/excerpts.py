"""The part of a text that is shown for what was found in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import TypedDict

from chat.text import grams
from chat.text.grams import Term

EXCERPT_MAX_CHARS = 240
# What is shown before the first hit, so that it stands in its sentence.
_BEFORE_CHARS = 60
# So far back or ahead the excerpt is cut at a space.
_SPACE_CHARS = 15
MORE = "…"


class Piece(TypedDict):
    """A part of a text; `hit` tells that it is what was looked for."""

    text: str
    hit: bool


def excerpt(text: str, terms: Sequence[Term], max_chars: int = EXCERPT_MAX_CHARS) -> list[Piece]:
    """Return the part of a text around the first hit, in pieces; without a hit its beginning."""
    text = text.strip()
    hits = spans(text, terms)
    start, end = _window(text, hits[0] if hits else (0, 0), max_chars)
    found = pieces(text[start:end], [(first - start, last - start) for first, last in hits])
    if start > 0:
        found.insert(0, {"text": MORE, "hit": False})
    if end < len(text):
        found.append({"text": MORE, "hit": False})
    return _joined(found)


def spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Return from where to where terms stand in a text, ascending, those that touch as one."""
    folded, places = grams.fold_with_places(text)
    found: list[tuple[int, int]] = []
    hits = sorted({hit for term in terms for hit in term.places(folded)})
    for first, last in hits:
        start, end = places[first][0], places[last - 1][1]
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def pieces(text: str, hits: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return a text in pieces; hits outside of it are cut off."""
    found: list[Piece] = []
    at = 0
    for start, end in hits:
        start, end = max(at, start), min(len(text), end)
        if start >= end:
            continue
        found += [{"text": text[at:start], "hit": False}, {"text": text[start:end], "hit": True}]
        at = end
    found.append({"text": text[at:], "hit": False})
    return [piece for piece in found if piece["text"]]


def _window(text: str, hit: tuple[int, int], max_chars: int) -> tuple[int, int]:
    if len(text) <= max_chars:
        return 0, len(text)
    start = max(0, min(hit[0] - _BEFORE_CHARS, len(text) - max_chars))
    if start > 0:
        space = text.find(" ", start, min(start + _SPACE_CHARS, hit[0]))
        start = space + 1 if space >= 0 else start
    end = min(len(text), start + max_chars)
    if end < len(text):
        space = text.rfind(" ", max(end - _SPACE_CHARS, hit[1]), end)
        end = space if space >= 0 else end
    return start, end


def _joined(found: Sequence[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in found:
        if joined and joined[-1]["hit"] == piece["hit"]:
            joined[-1]["text"] += piece["text"]
        else:
            joined.append(piece)
    return joined
