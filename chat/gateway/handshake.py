"""Which requests the server answers itself, before an application sees them: a status, or None to go on."""

import re
from urllib.parse import unquote_to_bytes, urlsplit

from twisted.web.http_headers import Headers

_KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")
# A ticket is among them.
_SUBPROTOCOLS_BYTES = 2_048


def request_problem(method: bytes, version: bytes, headers: Headers) -> int | None:
    """Return the status for a request that no application should get."""
    if method in (b"TRACE", b"CONNECT"):
        return 405
    hosts = headers.getRawHeaders(b"Host") or []
    if len(hosts) > 1 or (version == b"HTTP/1.1" and not hosts):
        return 400
    return None


def upgrade_problem(method: bytes, version: bytes, path: bytes, headers: Headers) -> int | None:
    """Return the status for a WebSocket handshake that cannot succeed.

    autobahn checks most of this too, but answers with what the client sent in the status line, and joins
    repeated headers before it looks at them.
    """
    if method != b"GET":
        return 405
    if version != b"HTTP/1.1":
        return 505
    if headers.hasHeader(b"Transfer-Encoding") or _only(headers, b"Content-Length") not in (None, b"0"):
        return 400
    tokens = b",".join(headers.getRawHeaders(b"Connection") or []).lower().split(b",")
    if b"upgrade" not in [token.strip() for token in tokens]:
        return 400
    if _only(headers, b"Sec-WebSocket-Version") != b"13":
        return 426
    if not _KEY.fullmatch(_only(headers, b"Sec-WebSocket-Key") or b""):
        return 400
    offered = b",".join(headers.getRawHeaders(b"Sec-WebSocket-Protocol") or [])
    if not offered.isascii() or len(offered) > _SUBPROTOCOLS_BYTES:
        return 400
    if not _is_origin(headers):
        return 403
    return None if is_plain_path(path) else 404


def is_plain_path(path: bytes) -> bool:
    """Say whether a path is a text without control characters, spelled in the one way that is routed.

    The router takes a second slash off the front and takes `%2f` for a slash: a proxy's rules see another path.
    """
    try:
        text = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        return False
    is_one_spelling = path.startswith(b"/") and not path.startswith(b"//") and b"%2f" not in path.lower()
    return is_one_spelling and text.isprintable()


def _only(headers: Headers, name: bytes) -> bytes | None:
    values = headers.getRawHeaders(name) or []
    if len(values) > 1:
        return b""
    return values[0].strip() if values else None


def _is_origin(headers: Headers) -> bool:
    # whether it is an allowed one is for the application to say; without any, it is not a browser
    values = headers.getRawHeaders(b"Origin") or []
    if not values:
        return True
    text = values[0].decode("latin-1")
    if len(values) > 1 or not text.isascii():
        return False
    if text.lower() == "null":
        return True
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
