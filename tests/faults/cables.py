"""A cable that can be pulled out between a client and our servers: nobody is told, packets just end (root only).

The client lives in a network namespace of its own, behind a second one that forwards its packets. Pulled, that one
forwards nothing: no RST, no ICMP, and no link that goes down on either end. Where there are no namespaces,
`Proxy.drop()` is the nearest thing; it differs in that a new connection is accepted before nothing follows.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.clocks import Unavailable

_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


class Cable:
    """A way from a client to `server_address`, where servers have to listen to be reached."""

    def __init__(self, name: str, net: str) -> None:
        self.name = name
        self.server_address = f"{net}.1"
        self.client_address = f"{net}.6"

    def pull(self) -> None:
        """Let nothing through any more."""
        self._forward(is_on=False)

    def plug(self) -> None:
        """Let everything through again."""
        self._forward(is_on=True)

    def command(self, arguments: Sequence[str]) -> list[str]:
        """Return the command that runs a program at the client's end."""
        return [_ip(), "netns", "exec", f"{self.name}-c", *arguments]

    def socket(self) -> socket.socket:
        """Make an unconnected TCP socket at the client's end, for use in this very process."""
        made: list[socket.socket] = []

        def make() -> None:
            # The namespace is one of the thread, and its sockets stay where they were made.
            with Path(f"/run/netns/{self.name}-c").open("rb") as place:
                if _LIBC.setns(place.fileno(), _CLONE_NEWNET) == 0:
                    made.append(socket.socket())

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if not made:
            raise Unavailable("the kernel does not let a thread change its network namespace")
        made[0].setblocking(False)
        return made[0]

    def _forward(self, *, is_on: bool) -> None:
        text = f"echo {is_on:d} > /proc/sys/net/ipv4/ip_forward"
        _run("netns", "exec", f"{self.name}-r", "sh", "-c", text)


@contextlib.contextmanager
def cable(number: int = 0) -> Iterator[Cable]:
    """Lay a cable; `number` tells apart those of one process."""
    if os.geteuid() != 0 or shutil.which("ip", path=_PATH) is None:
        raise Unavailable("a cable needs root and the program ip (Debian: apt install iproute2)")
    # From the range for measurements, which no real network has; four processes in a thousand share theirs.
    net = f"198.18.{(os.getpid() + number * 97) % 250}"
    made = Cable(f"maru-{os.getpid()}-{number}", net)
    client, router, outside = f"{made.name}-c", f"{made.name}-r", f"mw{os.getpid()}-{number}"[:15]
    try:
        for namespace in (client, router):
            _run("netns", "add", namespace)
        _run("link", "add", outside, "type", "veth", "peer", "name", "server", "netns", router)
        _run("-n", router, "link", "add", "client", "type", "veth", "peer", "name", "eth", "netns", client)
        _run("addr", "add", f"{net}.1/30", "dev", outside)
        _run("-n", router, "addr", "add", f"{net}.2/30", "dev", "server")
        _run("-n", router, "addr", "add", f"{net}.5/30", "dev", "client")
        _run("-n", client, "addr", "add", f"{net}.6/30", "dev", "eth")
        _run("link", "set", outside, "up")
        for namespace, device in ((router, "server"), (router, "client"), (client, "eth"), (client, "lo")):
            _run("-n", namespace, "link", "set", device, "up")
        _run("-n", client, "route", "add", "default", "via", f"{net}.5")
        _run("route", "add", f"{net}.4/30", "via", f"{net}.2")
        made.plug()
        yield made
    finally:
        # The other devices go with their namespaces, but only some time later.
        if Path(f"/sys/class/net/{outside}").exists():
            _run("link", "del", outside)
        for namespace in (client, router):
            if Path(f"/run/netns/{namespace}").exists():
                _run("netns", "del", namespace)


def _ip() -> str:
    return shutil.which("ip", path=_PATH) or "ip"


def _run(*arguments: str) -> None:
    done = subprocess.run([_ip(), *arguments], capture_output=True, text=True, check=False, timeout=20)
    if done.returncode:
        raise Unavailable(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
