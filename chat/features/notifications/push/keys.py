"""Our own keys: by the public one a browser lets us push, with the private one we sign each request (RFC 8292)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode

# A push service refuses more than a day.
_HOLDS = timedelta(hours=12)


def is_on() -> bool:
    """Tell whether this installation pushes: it has a key, and workers to send."""
    return bool(settings.WEB_PUSH)


def public() -> str:
    """Return the public key in base64url, as a browser wants it; only where there is a private one."""
    return public_of(settings.VAPID_PRIVATE_KEY)


def public_of(private: str) -> str:
    """Return the public key of a private one, both in base64url."""
    key = _key(private).public_key
    return str(b64urlencode(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)))


def make() -> tuple[str, str]:
    """Make a pair: the private and the public key, both in base64url."""
    key = Vapid02()
    key.generate_keys()
    number = key.private_key.private_numbers().private_value
    private = str(b64urlencode(number.to_bytes(32, "big")))
    return private, public_of(private)


def authorization(origin: str, now: datetime) -> str:
    """Return the header that says to one push service, for half a day, that it is us."""
    claims = {"aud": origin, "exp": int((now + _HOLDS).timestamp()), "sub": settings.VAPID_SUBJECT}
    return str(_key(settings.VAPID_PRIVATE_KEY).sign(claims)["Authorization"])


@lru_cache(2)
def _key(private: str) -> Vapid02:
    key = Vapid02.from_raw(private.encode())
    # Its own rule for a subject knows no port; ours was checked at the start.
    key.conf = {"no-strict": True}
    return key
