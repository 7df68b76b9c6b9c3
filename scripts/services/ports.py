"""Addresses on this machine: free ports, and socket paths short enough for the kernel."""

import contextlib
import hashlib
import os
import random
import socket
import tempfile
from pathlib import Path

# sun_path has 108 bytes with the closing zero; a suffix like "/.s.PGSQL.5432" must still fit.
_SOCKET_PATH_MAX_BYTES = 100


# Below the ports that the kernel gives to connections that go out: one of those would be taken again by any client
# before a server listens there.
_PORTS = range(12_000, 32_000)


def free_port() -> int:
    """Find a TCP port of 127.0.0.1 that nobody listens on now."""
    for port in random.sample(_PORTS, 1_000):
        if not is_taken("127.0.0.1", port):
            return port
    raise OSError("no port is free")


def is_taken(host: str, port: int) -> bool:
    """Tell whether a server could not listen there now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return True
    with socket.socket(found[0][0]) as probe:
        # As servers do: connections of an earlier server that are still closing are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(found[0][4])
            probe.listen(1)
        except OSError:
            return True
    return False


def can_connect(address: str | tuple[str, int]) -> bool:
    """Tell whether somebody accepts connections at a socket path or (host, port)."""
    with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as probe:
        probe.settimeout(1)
        with contextlib.suppress(OSError):
            probe.connect(address)
            return True
    return False


def socket_folder(folder: Path, longest_name: str) -> Path:
    """Choose where sockets of `folder` live: there, or in a short private folder if its path is too long."""
    folder = folder.absolute()
    if len(os.fsencode(folder / longest_name)) <= _SOCKET_PATH_MAX_BYTES:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"maru-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        raise PermissionError(f"{short} belongs to somebody else")
    return short
