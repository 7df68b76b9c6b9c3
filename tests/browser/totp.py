"""The codes of an authenticator app (RFC 6238), as a phone makes them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct


def code_of(secret: str, now: float) -> str:
    """Return the six digits of a moment."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(now) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"
