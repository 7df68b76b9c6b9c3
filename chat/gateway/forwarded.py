"""Who the client is when a proxy stands in front: its headers count only when the proxy is trusted."""

import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

Header = tuple[bytes, bytes]

_PROXY_HEADERS = frozenset({b"forwarded", b"x-real-ip", b"x-script-name"})


def apply(scope: dict[str, Any], trust_proxy: bool) -> None:
    """Set the scope's client and scheme from the proxy's headers, or drop those headers.

    Of several X-Forwarded-For values the last one counts: it is what the nearest proxy wrote, all others can
    be the client's invention. A value that is not an address leaves the peer as it is.
    """
    headers: list[Header] = scope["headers"]
    if not trust_proxy:
        scope["headers"] = [header for header in headers if not _is_from_proxy(header[0])]
        return
    address = _last(headers, b"x-forwarded-for")
    with suppress(ValueError):
        scope["client"] = [str(ipaddress.ip_address(address)), 0]
    secure = _last(headers, b"x-forwarded-proto")
    if secure in ("http", "https"):
        kind = "ws" if scope["type"] == "websocket" else "http"
        scope["scheme"] = kind + secure[4:]


def _is_from_proxy(name: bytes) -> bool:
    return name.startswith(b"x-forwarded-") or name in _PROXY_HEADERS


def _last(headers: Iterable[Header], name: bytes) -> str:
    values = [value for key, value in headers if key == name]
    return values[-1].rpartition(b",")[2].strip().decode("latin-1") if values else ""
