"""Names of files, made safe to store, to show and to put into a header. Pure, and never refuses one."""

from __future__ import annotations

import re
import unicodedata

from chat.protocol import limits

NAMELESS = "file"
# What no system takes in a name, and what other programs read as something else.
_FORBIDDEN = re.compile(r'[<>:"|?*\x7f]')
# Devices on Windows, with whatever ending.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)", re.IGNORECASE)
# Controls, what changes direction or cannot be seen, halves of characters, what has no meaning yet.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"})
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Between the parts of one emoji.
_JOINER = "\u200d"
_ENDING_MAX_CHARS = 16


def safe(name: str) -> str:
    """Return a name without path, controls and direction marks, not too long, with its ending kept."""
    last = re.split(r"[/\\]", name)[-1]
    seen = "".join(char for char in unicodedata.normalize("NFC", last) if _is_seen(char))
    shown = " ".join(_FORBIDDEN.sub("_", _without_piles(seen)).split()).strip(". ")
    if not shown.replace(_JOINER, ""):
        return NAMELESS
    if _RESERVED.match(shown):
        shown = f"_{shown}"
    return _shortened(shown)


def ending(name: str) -> str:
    """Return what stands behind the last dot, in small letters; empty where there is nothing."""
    stem, dot, end = name.rpartition(".")
    return end.lower() if dot and stem and len(end) <= _ENDING_MAX_CHARS else ""


def _is_seen(char: str) -> bool:
    return char == _JOINER or (unicodedata.category(char) not in _UNSEEN and char not in _BLANKS)


def _without_piles(text: str) -> str:
    """Drop marks beyond what a written language needs, which would paint over the lines around."""
    kept, count = [], 0
    for char in text:
        count = count + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if count <= limits.MARKS_MAX_COUNT:
            kept.append(char)
    return "".join(kept)


def _shortened(name: str) -> str:
    end = ending(name)
    tail = f".{end}" if end else ""
    stem = name[: len(name) - len(tail)][: limits.FILE_NAME_MAX_CHARS - len(tail)]
    while len((stem + tail).encode()) > limits.FILE_NAME_MAX_BYTES:
        stem = stem[:-1]
    return stem.rstrip(". ") + tail
