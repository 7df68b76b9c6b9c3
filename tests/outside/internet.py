"""A made-up internet on loopback: names and public addresses that lead to one server of ours, with and without TLS.

The rules of the guard stay as they are: only what lies behind it, name servers and the wire, is another one.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Given out to somebody, and never asked here.
PUBLIC, PUBLIC_6, OTHER = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "151.101.1.69"


@dataclass
class Asked:
    """A request as it came, its header names in lower case."""

    host: str
    path: str
    headers: dict[str, str]
    # The name in the TLS handshake; None without TLS.
    server_name: str | None = None


Page = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class SmallInternet:
    """What there is, and what was asked of it."""

    plain_port: int = 0
    tls_port: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    # Each lookup takes the next answer, the last one stays.
    names: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    lookups: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    # Addresses of this very machine; and those where nobody answers.
    own: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    authorities: ssl.SSLContext = field(default_factory=lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    # The one of them, for another process that is to believe it.
    authority: str = ""

    def serve(self, address: str, page: Page, *lookups: Sequence[str]) -> str:
        """Put a page at `host/path` and return its URL; the host is at PUBLIC unless it is told otherwise."""
        host = address.partition("/")[0]
        self.pages[address] = page
        self.names.setdefault(host, list(lookups) or [[PUBLIC]])
        return f"http://{address}"

    async def resolve(self, name: str, port: int) -> Sequence[str]:
        """Look a name up."""
        self.lookups.append(name)
        answers = self.names.get(name)
        if not answers:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def connect(self, address: str, port: int, timeout_s: float | None) -> httpcore.AsyncNetworkStream:
        """Connect to our server, whatever the address is."""
        self.connected.append((address, port))
        if address in self.dead:
            raise httpcore.ConnectError("nobody answers there")
        there = {80: self.plain_port, 443: self.tls_port}[port]
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", there, timeout_s)

    def is_own(self, address: str) -> bool:
        """Tell whether this machine is said to have the address."""
        return address in self.own

    def trust(self) -> ssl.SSLContext:
        """Believe the authority of this internet."""
        return self.authorities

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            path = first.split()[1]
            tls = writer.get_extra_info("ssl_object")
            name = getattr(tls, "asked_name", None)
            self.asked.append(Asked(headers["host"], path, headers, name))
            page = self.pages.get(headers["host"] + path.partition("?")[0], status(404))
            await page(writer)
            await writer.drain()


def html(text: str | bytes, kind: str = "text/html; charset=utf-8", **headers: str) -> Page:
    """Answer with a page."""
    return reply(text.encode() if isinstance(text, str) else text, kind, 200, **headers)


def reply(body: bytes, kind: str, code: int = 200, **headers: str) -> Page:
    """Answer with a body; a header `Content_Length` tells another length than it has."""
    told = {"Content-Type": kind, "Content-Length": str(len(body)), "Set-Cookie": "a=b"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}

    async def page(writer: asyncio.StreamWriter) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
        writer.write(f"HTTP/1.1 {code} Whatever\r\n{lines}Connection: close\r\n\r\n".encode("latin-1") + body)

    return page


def status(code: int) -> Page:
    """Answer with nothing but a status."""
    return reply(b"", "text/html", code)


def redirect(to: str, code: int = 302) -> Page:
    """Lead to somewhere else."""
    return reply(b"", "text/html", code, Location=to)


def dripping(parts: Callable[[], Iterator[bytes]], every_s: float = 0, kind: str = "text/html") -> Page:
    """Answer with parts, for as long as somebody reads."""

    async def page(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode())
        for part in parts():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(every_s)

    return page


async def silent(writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.sleep(3_600)


@contextmanager
def small_internet(folder: Path, *names: str, as_one: SmallInternet | None = None) -> Iterator[SmallInternet]:
    """Run one, in a thread; `names` are those that its certificate is for, `as_one` is one of a kind of its own."""
    internet = as_one or SmallInternet()
    loop = asyncio.new_event_loop()
    running = threading.Thread(target=loop.run_forever)
    running.start()

    servers: list[asyncio.Server] = []

    async def start() -> None:
        context = _certified(folder, names or ("site.example.com",), internet)
        plain = await asyncio.start_server(internet.answer, "127.0.0.1", 0)
        tls = await asyncio.start_server(internet.answer, "127.0.0.1", 0, ssl=context)
        internet.plain_port, internet.tls_port = (
            server.sockets[0].getsockname()[1] for server in (plain, tls)
        )
        servers.extend((plain, tls))

    async def stop() -> None:
        for server in servers:
            server.close()
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield internet
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        running.join(10)
        loop.close()


def _certified(folder: Path, names: Sequence[str], internet: SmallInternet) -> ssl.SSLContext:
    """Return the server's side, with a certificate for the names, and let the internet believe in it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a small internet")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    file = folder / "site.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + pem)
    internet.authority = pem.decode()
    internet.authorities.load_verify_locations(cadata=internet.authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    def note(tls: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        tls.asked_name = name  # type: ignore[attr-defined]

    context.sni_callback = note
    return context
