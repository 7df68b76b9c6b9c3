"""The one way out: a name is resolved once, all its addresses are checked, and the connection goes to one of them."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from functools import cache
from ipaddress import ip_address
from typing import Any, Protocol

import httpcore
import httpx

from chat.outside import guard
from chat.outside.guard import Forbidden

# Of a name with more of them the first ones; all of them are checked all the same.
_TRIES_COUNT = 3


class Network(Protocol):
    """What the guard stands before: name servers and the wire. Tests bring their own, no setting does."""

    async def resolve(self, name: str, port: int) -> Sequence[str]:
        """Return all addresses of a name. Raises OSError."""

    async def connect(self, address: str, port: int, timeout_s: float | None) -> httpcore.AsyncNetworkStream:
        """Connect to an address. Raises httpcore.ConnectError, httpcore.ConnectTimeout."""

    def is_own(self, address: str) -> bool:
        """Tell whether this machine answers at the address."""

    def trust(self) -> ssl.SSLContext:
        """Return whose certificates are believed."""


class Internet:
    """The network of this machine."""

    def __init__(self) -> None:
        self._wire = httpcore.AnyIOBackend()

    async def resolve(self, name: str, port: int) -> Sequence[str]:
        """Ask the resolver of this machine. Raises OSError."""
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(place[0]) for *_, place in found))

    async def connect(self, address: str, port: int, timeout_s: float | None) -> httpcore.AsyncNetworkStream:
        """Connect to an address. Raises httpcore.ConnectError, httpcore.ConnectTimeout."""
        return await self._wire.connect_tcp(address, port, timeout_s)

    def is_own(self, address: str) -> bool:
        """Tell whether it is the address of an interface: from there to itself, no other one is the sender's."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                # Nothing is sent: a datagram socket only notes where it would send to.
                probe.connect((address, 9))
                return ip_address(probe.getsockname()[0]) == ip_address(address)
        except OSError:
            return False

    def trust(self) -> ssl.SSLContext:
        """Return the usual authorities."""
        return _authorities()


@cache
def _authorities() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class Guarded(httpcore.AsyncNetworkBackend):
    """What the HTTP library connects with: whatever host it asks for, the rules are applied here."""

    def __init__(self, network: Network, own_names: Collection[str]) -> None:
        self._network = network
        self._own_names = own_names

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a host by one of its checked addresses. Raises Forbidden, httpcore.ConnectError."""
        if port not in (80, 443):
            raise Forbidden("port")
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in (await self._addresses(guard.host(host), port))[:_TRIES_COUNT]:
            try:
                return await self._network.connect(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: no link leads to a socket of this machine."""
        raise Forbidden("scheme")

    async def sleep(self, seconds: float) -> None:
        """Wait, for the library."""
        await asyncio.sleep(seconds)

    async def _addresses(self, name: str, port: int) -> Sequence[str]:
        """Resolve once and check all: one private address among public ones is meant for a second try."""
        if name in self._own_names:
            raise Forbidden("own")
        asked, *ours = await asyncio.gather(
            *(self._resolve(one, port) for one in (name, *self._own_names)), return_exceptions=True
        )
        if isinstance(asked, OSError):
            raise httpcore.ConnectError(f"the name does not resolve: {type(asked).__name__}") from asked
        if isinstance(asked, BaseException):
            raise asked
        found = [str(guard.check(address)) for address in asked]
        # By another name it is still the proxy in front of us.
        own = {address for one in ours if not isinstance(one, BaseException) for address in one}
        if any(address in own or self._network.is_own(address) for address in found):
            raise Forbidden("own")
        return found

    async def _resolve(self, name: str, port: int) -> Sequence[str]:
        is_address = ":" in name or name.rpartition(".")[2].isdigit()
        return [name] if is_address else await self._network.resolve(name, port)


class Transport(httpx.AsyncBaseTransport):
    """Connections that are made through the guard, each for one request."""

    def __init__(self, network: Network, own_names: Collection[str] = ()) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=network.trust(),
            max_connections=1,
            max_keepalive_connections=0,
            http1=True,
            http2=False,
            retries=0,
            network_backend=Guarded(network, own_names),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask. Raises Forbidden, httpcore's errors."""
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = await self._pool.handle_async_request(asked)
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Stream(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close what is open."""
        await self._pool.aclose()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._answer.aclose()
