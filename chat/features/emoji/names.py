"""What an emoji of the workspace's own may be called."""

from __future__ import annotations

import re
import unicodedata

from chat.protocol import limits
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.text import emoji

_NAME = re.compile(r"[a-z0-9가-힣_+-]+\Z")


def cleaned(text: str) -> str:
    """Return a name in its one spelling.

    Raises:
        ProtocolError: bad_text, too_long, bad_frame.
        Refused: conflict, for a name that Unicode's own emoji have.
    """
    if "\0" in text:
        raise ProtocolError(ErrorCode.BAD_TEXT, "name holds a NUL")
    name = unicodedata.normalize("NFC", text).casefold()
    if len(name) > limits.EMOJI_NAME_MAX_CHARS:
        detail = f"name is {len(name):,} characters, at most {limits.EMOJI_NAME_MAX_CHARS}"
        raise ProtocolError(ErrorCode.TOO_LONG, detail)
    if not _NAME.match(name):
        raise ProtocolError(ErrorCode.BAD_FRAME, "name needs small letters, digits, Hangul, _, + or -")
    if emoji.of(name) is not None:
        raise Refused(ErrorCode.CONFLICT, "every workspace has an emoji of this name")
    return name
