"""What a text may hold, by kind of text; the one table that both databases and every door share."""

from __future__ import annotations

import unicodedata

from chat.protocol import limits
from chat.protocol.errors import ErrorCode, ProtocolError

_KEPT_CONTROLS = frozenset("\n\t")
# Dropped silently: controls other than newline and tab, the byte order mark and noncharacters carry no meaning
# in a chat, and PostgreSQL, browsers and terminals disagree about them.
_DROPPED = dict.fromkeys(
    [code for code in (*range(0x01, 0x20), *range(0x7F, 0xA0)) if chr(code) not in _KEPT_CONTROLS]
    + [0xFEFF, 0xFFFE, 0xFFFF, *range(0xFDD0, 0xFDF0)]
    + [plane + low for plane in range(0x10000, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF)]
)
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\u180e\u00ad\u034f\u115f\u1160\u3164\uffa0")
_JOINERS = frozenset("\u200b\u200c\u200d\u2060")
_DIRECTION = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def check_storable(text: str, field: str) -> None:
    """Raise bad_text for what a database or an encoder cannot hold: NUL and lone surrogates."""
    if "\0" in text:
        raise ProtocolError(ErrorCode.BAD_TEXT, f"{field} holds a NUL at character {text.index(chr(0))}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        detail = f"{field} holds a lone surrogate at character {error.start}"
        raise ProtocolError(ErrorCode.BAD_TEXT, detail) from None


def check_marks(text: str, field: str) -> None:
    """Raise bad_text for a character under a pile of marks, which would paint over the lines around it.

    Counted are nonspacing and enclosing marks (Mn, Me) in a row; joiners between them do not begin a new row.
    Variation selectors are marks too, the parts of emoji, flags and syllables are not.
    """
    if text.isascii():
        return
    count = 0
    for index, char in enumerate(text):
        if unicodedata.category(char) in ("Mn", "Me"):
            count += 1
            if count > limits.MARKS_MAX_COUNT:
                detail = f"{field} has more than {limits.MARKS_MAX_COUNT} combining marks in a row at {index}"
                raise ProtocolError(ErrorCode.BAD_TEXT, detail)
        elif char not in _JOINERS:
            count = 0


def is_blank(text: str) -> bool:
    """Tell whether nothing of the text can be seen."""
    return all(
        char.isspace() or char in _INVISIBLE or unicodedata.category(char) in ("Cf", "Cc") for char in text
    )


def clean_body(text: str) -> str:
    """Return a message body as it is stored.

    Raises:
        ProtocolError: bad_text, empty, too_long.
    """
    if text.isascii() and text.isprintable() and text.strip() and len(text) <= limits.BODY_MAX_CHARS:
        # Nothing that is looked for below can be in it.
        return text
    check_storable(text, "body")
    if len(text) > limits.BODY_MAX_CHARS:
        detail = f"body is {len(text):,} characters, at most {limits.BODY_MAX_CHARS:,}"
        raise ProtocolError(ErrorCode.TOO_LONG, detail)
    size = len(text.encode())
    if size > limits.BODY_MAX_BYTES:
        detail = f"body is {size:,} bytes, at most {limits.BODY_MAX_BYTES:,}"
        raise ProtocolError(ErrorCode.TOO_LONG, detail)
    cleaned = text.replace("\r\n", "\n").replace("\r", "\n").translate(_DROPPED)
    if is_blank(cleaned):
        raise ProtocolError(ErrorCode.EMPTY, "body holds nothing that can be seen")
    check_marks(cleaned, "body")
    return cleaned


def clean_said(text: str) -> str:
    """Return the body of a message that may consist of files alone; nothing to be seen is the empty text.

    Raises:
        ProtocolError: bad_text, too_long.
    """
    try:
        return clean_body(text)
    except ProtocolError as error:
        if error.code is ErrorCode.EMPTY:
            return ""
        raise


def clean_line(text: str, field: str, max_chars: int, *, may_be_empty: bool = False) -> str:
    """Return a name or topic: one line, NFC, without invisible or direction-changing characters.

    Raises:
        ProtocolError: bad_text, empty, too_long.
    """
    check_storable(text, field)
    if len(text) > max_chars:
        raise ProtocolError(ErrorCode.TOO_LONG, f"{field} is {len(text):,} characters, at most {max_chars:,}")
    cleaned = unicodedata.normalize("NFC", text).translate(_DROPPED).translate(_DIRECTION)
    cleaned = " ".join(cleaned.split())
    if is_blank(cleaned):
        if may_be_empty:
            return ""
        raise ProtocolError(ErrorCode.EMPTY, f"{field} holds nothing that can be seen")
    check_marks(cleaned, field)
    return cleaned
