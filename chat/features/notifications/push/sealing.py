"""Encryption for one browser, so that a push service sees a length and nothing else (RFC 8291)."""

from __future__ import annotations

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid.utils import b64urldecode

# Push services take 4,096 bytes.
SEALED_MAX_BYTES = 3_000


def check_key(p256dh: str) -> None:
    """Check that a browser's public key is a point of the curve. Raises ValueError."""
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b64urldecode(p256dh.encode()))


def seal(plain: bytes, p256dh: str, auth: str) -> bytes:
    """Encrypt for a browser, under a key that is used this one time. Raises ValueError for what is too long."""
    sealed: bytes = http_ece.encrypt(
        plain,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=b64urldecode(p256dh.encode()),
        auth_secret=b64urldecode(auth.encode()),
        version="aes128gcm",
    )
    if len(sealed) > SEALED_MAX_BYTES:
        raise ValueError(f"a push has {len(sealed):,} bytes, at most {SEALED_MAX_BYTES:,}")
    return sealed
