"""What our processes ask when follow-up work is measured: mail server, push service and web pages, all on loopback.

A worker that includes this module finds the whole internet here: no setting of ours leads there.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scripts.services import free_port

# In the environment of that worker: which port of ours stands for which.
PORTS = "FOLLOW_UP_PORTS"
_PAGE = b"<html><head><title>A page</title><meta name=description content='What it is about'></head></html>"


class Outside:
    """All of them; `arrivals` says when what came first: addresses of mail, paths of requests."""

    def __init__(self) -> None:
        self.arrivals: dict[str, float] = {}
        self.ports: dict[str, int] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        for address in envelope.rcpt_tos:
            self.arrivals.setdefault(address, time.monotonic())
        return "250 OK"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a push, or show a page."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        method, path, _ = head.split(maxsplit=2)
        length = next((line[15:] for line in head.split("\r\n") if line.startswith("content-length:")), "0")
        await reader.readexactly(int(length))
        self.arrivals.setdefault(path, time.monotonic())
        body, status = (b"", "201 Created") if method == "post" else (_PAGE, "200 OK")
        told = f"Content-Type: text/html\r\nContent-Length: {len(body)}\r\nConnection: close"
        writer.write(f"HTTP/1.1 {status}\r\n{told}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    async def serve(self, certificate: Path) -> None:
        """Listen, with and without TLS."""
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        for port, context in (("80", None), ("443", tls)):
            server = await asyncio.start_server(self.answer, "127.0.0.1", 0, ssl=context)
            self.ports[port] = server.sockets[0].getsockname()[1]


class _Loopback:
    """The internet of the worker: every name is at one public address, which leads to this machine."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports

    async def resolve(self, name: str, port: int) -> Sequence[str]:
        return ["93.184.215.14"]

    async def connect(self, address: str, port: int, timeout_s: float | None) -> httpcore.AsyncNetworkStream:
        return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self._ports[str(port)], timeout_s)

    def is_own(self, address: str) -> bool:
        return False

    def trust(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


@contextmanager
def running(folder: Path) -> Iterator[Outside]:
    """Run all of them; `folder` takes the certificate."""
    outside, loop = Outside(), asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    asyncio.run_coroutine_threadsafe(outside.serve(_certificate(folder)), loop).result(10)
    outside.ports["25"] = free_port()
    mail = Controller(outside, hostname="127.0.0.1", port=outside.ports["25"])
    mail.start()
    try:
        yield outside
    finally:
        mail.stop()
        loop.call_soon_threadsafe(loop.stop)


def _certificate(folder: Path) -> Path:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = made.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "bench.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


if PORTS in os.environ:
    from chat.features.notifications.push import sending
    from chat.features.previews import service

    sending.network = service.network = _Loopback(json.loads(os.environ[PORTS]))
