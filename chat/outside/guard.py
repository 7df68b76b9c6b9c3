"""What may be asked on behalf of somebody who gave an address: which URLs, names and addresses. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

URL_MAX_CHARS = 2_000
_PORTS = {"http": 80, "https": 443}
# What any parser could take for the end of the name or for a name and password: everything up to the first slash.
_AUTHORITY = re.compile(r"https?://([^/]*)", re.IGNORECASE)
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\Z")
_NAME_MAX_CHARS = 253
# Names that mean something only inside of a network, metadata services of clouds among them (RFC 6761, 6762, 8375).
_INNER = frozenset(
    {"localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "arpa", "test",
     "invalid", "example", "onion", "alt"}
)  # fmt: skip
# Ways to write an IPv4 address into an IPv6 one, besides ::ffff:0:0/96: NAT64, 6to4.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")
# The only part of IPv6 that is given out. Of it, Teredo, ORCHID and documentation are sorted out below.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
# Not public, and not known as that to every version of `ipaddress`.
_NOT_PUBLIC = [
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32",
        "3fff::/20", "5f00::/16",
    )
]  # fmt: skip


class Forbidden(Exception):
    """This is not asked for. `reason` is one of REASONS; no connection was made for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# For the figures: few, and known beforehand.
REASONS = ("url", "scheme", "port", "userinfo", "name", "address", "own", "redirects")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be asked for, as far as that can be told without asking a name server."""

    url: str
    scheme: str
    host: str
    port: int


def target(url: str) -> Target:
    """Read a URL.

    Raises:
        Forbidden: url, scheme, port, userinfo, name, address.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > URL_MAX_CHARS:
        raise Forbidden("url")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden("url") from None
    if parts.scheme not in _PORTS:
        raise Forbidden("scheme")
    authority = _AUTHORITY.match(url)
    if authority is None or "@" in authority[1]:
        raise Forbidden("userinfo")
    # Port 443 without TLS, or 80 with it, is nobody's web page.
    if port not in (None, _PORTS[parts.scheme]):
        raise Forbidden("port")
    found = host(parts.hostname or "")
    # What goes on is put together of what was read: no other parser may find another host in it.
    shown = f"[{found}]" if ":" in found else found
    path = parts.path or "/"
    if not path.startswith("/"):
        raise Forbidden("url")
    whole = f"{parts.scheme}://{shown}{path}" + (f"?{parts.query}" if parts.query else "")
    return Target(whole, parts.scheme, found, _PORTS[parts.scheme])


def host(name: str) -> str:
    """Return a host as it is asked for: lower case, without the dot at the end; an address as it is usually written.

    Raises:
        Forbidden: name, or address for one that is not public.
    """
    if ":" in name:
        # No zone: it would name an interface of this very machine.
        if "%" in name:
            raise Forbidden("address")
        return str(check(name))
    name = name.lower().removesuffix(".")
    last = name.rpartition(".")[2]
    # A last label that is a number, also in hex, is an address to browsers and to the C library, however short.
    if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last):
        return str(check(name))
    if last in _INNER or len(name) > _NAME_MAX_CHARS or not _NAME.match(name):
        raise Forbidden("name")
    return name


def names_of(origins: Iterable[str]) -> tuple[str, ...]:
    """Return the names by which people reach an installation, of its web origins; each once."""
    names = []
    for origin in origins:
        try:
            names.append(host(urlsplit(origin).hostname or ""))
        except Forbidden:
            continue
    return tuple(dict.fromkeys(names))


def check(address: str) -> IPv4Address | IPv6Address:
    """Return an address that is global unicast. Only the canonical way to write it is known.

    Raises:
        Forbidden: address.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        raise Forbidden("address") from None
    if not is_public(found):
        raise Forbidden("address")
    return found


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address, and the one inside of it if there is one, belongs to the public internet."""
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
        if address not in _GIVEN_OUT:
            return False
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return False
    return not any(address.version == network.version and address in network for network in _NOT_PUBLIC)


def _inner(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that a packet to this one would reach."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    if address in _6TO4:
        return address.sixtofour
    return None
