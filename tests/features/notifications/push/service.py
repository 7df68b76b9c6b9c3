"""A push service of our own, and browsers that subscribe there.

It checks and decrypts by the RFCs alone, with nothing of what the sender uses but primitives.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.outside.internet import PUBLIC, SmallInternet, small_internet

HOST = "push.example.com"
ORIGIN = f"https://{HOST}"
# Instead of a status: no answer at all.
SLOW = 0
_DAY_S = 86_400


def decoded(text: str) -> bytes:
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(value: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class Browser:
    """One that has subscribed: it alone can read what is sent to it."""

    path: str
    secret: bytes = b"0123456789abcdef"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def body(self) -> dict[str, str]:
        """Return what the page sends to the server."""
        return {
            "endpoint": f"{ORIGIN}{self.path}",
            "p256dh": encoded(self.point),
            "auth": encoded(self.secret),
        }

    def read(self, sealed: bytes) -> bytes:
        """Decrypt one record of aes128gcm (RFC 8188) for Web Push (RFC 8291)."""
        salt, size, length = sealed[:16], int.from_bytes(sealed[16:20], "big"), sealed[20]
        sender, record = sealed[21 : 21 + length], sealed[21 + length :]
        assert len(record) <= size
        shared = self.key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        )
        info = b"WebPush: info\0" + self.point + sender
        material = _derived(32, self.secret, info, shared)
        key = _derived(16, salt, b"Content-Encoding: aes128gcm\0", material)
        nonce = _derived(12, salt, b"Content-Encoding: nonce\0", material)
        padded = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert padded[-1:] == b"\2"
        return padded[:-1]


def _derived(length: int, salt: bytes, info: bytes, material: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


@dataclass
class Received:
    """One push: to whom, with which headers (names in lower case), what its sender claims, what it says."""

    browser: Browser
    headers: Mapping[str, str]
    claims: dict[str, Any]
    said: dict[str, Any]
    size_bytes: int


@dataclass
class PushService(SmallInternet):
    """A server at HOST, over TLS; what comes to it is checked as a real one does."""

    public_key: str = ""
    browsers: dict[str, Browser] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    # What is answered next, by path, each a status or one with headers; then 201.
    answers: dict[str, list[int | tuple[int, dict[str, str]]]] = field(default_factory=dict)
    # What was wrong with what came: nothing may be.
    faults: list[str] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)
    _news: Condition = field(default_factory=Condition)

    def subscribe(self, name: str, *answers: int | tuple[int, dict[str, str]]) -> Browser:
        """Return a browser that has subscribed, and say what its next pushes are answered."""
        browser = Browser(f"/{name}")
        self.browsers[browser.path] = browser
        self.answers[browser.path] = list(answers)
        self.names.setdefault(HOST, [[PUBLIC]])
        return browser

    def has(self, count: int, within_s: float) -> bool:
        """Wait until so many pushes have been taken."""
        with self._news:
            return self._news.wait_for(lambda: len(self.received) >= count, within_s)

    def bodies(self, browser: Browser) -> list[str]:
        """Return what a browser shows of its pushes."""
        return [push.said["body"] for push in self.received if push.browser is browser]

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            method, path, _ = first.split()
            self.tries.append(path)
            chosen: int | tuple[int, dict[str, str]] = 201
            try:
                received = self._check(method, path, headers, body)
            except (AssertionError, InvalidSignature, ValueError, KeyError) as error:
                self.faults.append(f"{type(error).__name__}: {error}")
                chosen = 403
            else:
                left = self.answers[path]
                chosen = left.pop(0) if left else 201
                if chosen == 201:
                    with self._news:
                        self.received.append(received)
                        self._news.notify_all()
            code, more = chosen if isinstance(chosen, tuple) else (chosen, {})
            if code == SLOW:
                await asyncio.sleep(3_600)
            text = b"" if code == 201 else b"the push service\tsays no"
            told = {"Content-Length": str(len(text)), "Connection": "close", **more}
            shown = "".join(f"{name}: {value}\r\n" for name, value in told.items())
            writer.write(f"HTTP/1.1 {code} Whatever\r\n{shown}\r\n".encode() + text)
            await writer.drain()

    def _check(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Received:
        browser = self.browsers[path]
        assert (method, headers["host"]) == ("POST", HOST)
        assert headers["content-encoding"] == "aes128gcm"
        assert int(headers["ttl"]) > 0
        assert headers["urgency"] in ("very-low", "low", "normal", "high")
        assert len(headers["topic"]) <= 32
        assert headers["topic"].replace("-", "").replace("_", "").isalnum()
        assert len(body) <= 4_096
        assert "cookie" not in headers
        claims = self._claims(headers["authorization"])
        return Received(browser, headers, claims, json.loads(browser.read(body)), len(body))

    def _claims(self, authorization: str) -> dict[str, Any]:
        """Check the signature of the sender (RFC 8292) and return what it covers."""
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert (scheme, parts["k"]) == ("vapid", self.public_key)
        signed, _, signature = parts["t"].rpartition(".")
        r_and_s = decoded(signature)
        assert len(r_and_s) == 64
        r, s = (int.from_bytes(half, "big") for half in (r_and_s[:32], r_and_s[32:]))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(parts["k"]))
        key.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))
        header, claims = (json.loads(decoded(part)) for part in signed.split("."))
        assert header == {"typ": "JWT", "alg": "ES256"}
        assert claims["aud"] == ORIGIN
        assert 0 < claims["exp"] - datetime.now(UTC).timestamp() <= _DAY_S
        assert claims["sub"].startswith(("mailto:", "https://"))
        found: dict[str, Any] = claims
        return found


@contextmanager
def push_service(folder: Path, public_key: str) -> Iterator[PushService]:
    """Run one; it takes pushes that are signed with this key."""
    service = PushService(public_key=public_key)
    with small_internet(folder, HOST, as_one=service):
        yield service
