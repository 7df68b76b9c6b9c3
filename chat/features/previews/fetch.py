"""One guarded request: redirects, time, size, type. What comes back is bytes that nobody has looked into."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from urllib.parse import quote, urljoin

import httpcore
import httpx

from chat.outside import guard
from chat.outside.guard import Forbidden
from chat.outside.network import Network, Transport

# For a request with its redirects, from the name to the last byte.
WITHIN_S = 5.0
MAX_BYTES = 512 * 1024
REDIRECTS_MAX_COUNT = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = {
    "User-Agent": "Maru link preview",
    "Accept-Language": "en, *;q=0.5",
    # Asked for, not believed: some servers compress all the same.
    "Accept-Encoding": "identity",
}
_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
# Of an answer that breaks off, what came is used.
_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError)

HTML = frozenset({"text/html", "application/xhtml+xml"})
JSON = frozenset({"application/json", "application/json+oembed", "text/json"})
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Failed(Exception):
    """There is nothing to be had; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS = ("unreachable", "slow", "status", "type", "encoding", "large", "empty", "image")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address has answered in the end: at most MAX_BYTES of its body, and whether that is all of it."""

    url: str
    kind: str
    charset: str
    body: bytes
    is_whole: bool


async def get(url: str, kinds: Collection[str], network: Network, own_names: Collection[str] = ()) -> Answer:
    """Ask for an address whose answer is of one of these content types.

    Raises:
        Forbidden: it, or one that it leads to, may not be asked for; nothing was sent there.
        Failed: unreachable, slow, status, type, encoding.
    """
    try:
        async with asyncio.timeout(WITHIN_S):
            return await _follow(url, kinds, network, own_names)
    except TimeoutError:
        raise Failed("slow") from None
    except (httpcore.TimeoutException, httpx.TimeoutException):
        raise Failed("slow") from None
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ConnectionNotAvailable,
        OSError,
        ssl.SSLError,
    ):
        raise Failed("unreachable") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpcore.UnsupportedProtocol, ValueError):
        raise Forbidden("url") from None


async def _follow(url: str, kinds: Collection[str], network: Network, own_names: Collection[str]) -> Answer:
    for _ in range(REDIRECTS_MAX_COUNT + 1):
        target = guard.target(url)
        # One for each step: no connection, and nothing that a server has said, goes along to the next one.
        async with Transport(network, own_names) as transport:
            request = httpx.Request(
                "GET", target.url, headers=_HEADERS | {"Accept": ", ".join(sorted(kinds))}
            )
            if request.url.host.strip("[]") != target.host:
                raise Forbidden("url")
            response = await transport.handle_async_request(request)
            try:
                location = response.headers.get("Location")
                if response.status_code not in _REDIRECTS or location is None:
                    return await _read(target.url, response, kinds)
            finally:
                await response.aclose()
        url = joined(target.url, location)
    raise Forbidden("redirects")


def joined(base: str, address: str) -> str:
    """Return an address that a server has written, in full, as a browser would ask for it; empty if it is none.

    It may hold anything; what is not plain in its host is not made so, and is refused.
    """
    try:
        return urljoin(base, quote(address.strip(), safe=":/?#[]@!$&'()*+,;=%~\\"))
    except ValueError:
        return ""


async def _read(url: str, response: httpx.Response, kinds: Collection[str]) -> Answer:
    if response.status_code != 200:
        raise Failed("status")
    kind, _, rest = response.headers.get("Content-Type", "").partition(";")
    kind = kind.strip().lower()
    if kind not in kinds:
        raise Failed("type")
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", *_WINDOWS):
        raise Failed("encoding")
    raw = response.stream
    assert isinstance(raw, httpx.AsyncByteStream)
    parts = aiter(raw)
    body, is_whole = await _bounded(parts if encoding == "identity" else _unpacked(parts, _WINDOWS[encoding]))
    return Answer(url, kind, _charset(rest), body, is_whole)


async def _bounded(parts: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """Return what comes, up to MAX_BYTES, and whether it came to its end."""
    found = bytearray()
    try:
        async for part in parts:
            found += part[: MAX_BYTES + 1 - len(found)]
            if len(found) > MAX_BYTES:
                return bytes(found[:MAX_BYTES]), False
    except (*_BROKEN, zlib.error):
        return bytes(found), False
    return bytes(found), True


async def _unpacked(parts: AsyncIterator[bytes], window: int) -> AsyncIterator[bytes]:
    """Unpack in bounded pieces: a kilobyte can hold a megabyte, and what is packed is bounded as well."""
    unpack = zlib.decompressobj(window)
    taken = 0
    async for part in parts:
        taken += len(part)
        left = part
        while left and not unpack.eof:
            yield unpack.decompress(left, 64 * 1024)
            left = unpack.unconsumed_tail
        if unpack.eof or taken > MAX_BYTES:
            return


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";")[:8]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower()[:32]
    return ""
