"""One run of the load generator: what it is to do, to whom, and what it found."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench import machine, tools

# About a hundred bytes with its marker, as a line in a chat is.
BODY = "{mark} hello, this is a chat message of quite an ordinary length."
_CONNECT_S = 260.0
_LATE_S = 60.0
# What a server still does on the coming of a thousand is not part of the first load.
_SETTLE_S = 2.0


@dataclass(frozen=True)
class Target:
    """How to speak to a server that runs, and which processes are its own.

    `processes` are the web processes, whose CPU counts; `helpers` are told beside them.
    """

    ports: tuple[int, ...]
    path: str
    template: str
    processes: Mapping[str, int]
    helpers: Mapping[str, int] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    headers_file: Path | None = None
    hello: str = ""
    ready: str = ""
    is_engine_io: bool = False
    # Every message is answered, so that what was refused is told from what was lost.
    has_replies: bool = False
    room_base: int = 0
    source_addresses: int = 0
    # Where our own accounts are: which of the two kinds, and the very copy.
    database: str = ""
    database_url: str = ""

    def with_(self, **fields: Any) -> Target:
        """Return the same with other values."""
        return replace(self, **fields)


@dataclass(frozen=True)
class Crowd:
    """Who connects: connection i is in room i modulo `rooms`; the first `publishers` of them write."""

    connections: int
    rooms: int = 1
    publishers: int = 0


@dataclass(frozen=True)
class Load:
    """What a crowd does: `window` messages under way (closed loop), or `rate` a second (open loop), or nothing."""

    window: int = 0
    rate: float = 0
    seconds: float = 2
    warmup_s: float = 0.5
    # Done as soon as all has come; given up when nothing has come for so long.
    drain_s: float = 3

    def __str__(self) -> str:
        kind = f"W {self.window}" if self.window else f"R {self.rate:g}" if self.rate else "H 0"
        return f"{kind} {self.warmup_s:g} {self.seconds:g} {self.drain_s:g}"


class Failed(RuntimeError):
    """A run that measured nothing; the text is for people."""


def command(target: Target, crowd: Crowd) -> list[str]:
    """Return the generator's command line, without what it is to do with the connections."""
    words = [str(tools.WSLOAD), "-p", ",".join(map(str, target.ports)), "-u", target.path]
    words += ["-n", str(crowd.connections), "-r", str(crowd.rooms), "-S", str(crowd.publishers)]
    words += ["-b", str(target.room_base), "-m", target.template, "-s", f"{_SETTLE_S:g}"]
    words += ["-A"] if target.has_replies else []
    words += ["-e"] if target.is_engine_io else []
    words += ["-g", target.hello] if target.hello else []
    words += ["-w", target.ready] if target.ready else []
    words += ["-a", str(target.source_addresses)] if target.source_addresses else []
    words += ["-F", str(target.headers_file)] if target.headers_file else []
    for header in target.headers:
        words += ["-H", header]
    for name, pid in {**target.processes, **target.helpers}.items():
        words += ["-i", f"{name}={pid}"]
    return words


class Session:
    """Connections that are up: `connected` is the report on their coming, `play` puts one load on them."""

    def __init__(self, generator: subprocess.Popen[str], crowd: Crowd) -> None:
        self._generator = generator
        self._crowd = crowd
        self.connected = self._report(_CONNECT_S)
        if self.connected["failed"] or self.connected["up"] < crowd.connections:
            raise Failed(f"{self.connected['up']} of {crowd.connections} connections came up")

    def play(self, load: Load) -> dict[str, Any]:
        """Return what the generator found.

        Raises:
            Failed: connections were cut, nothing was delivered, or it did not end.
        """
        assert self._generator.stdin is not None
        self._generator.stdin.write(f"{load}\n")
        self._generator.stdin.flush()
        found = self._report(load.warmup_s + load.seconds + _LATE_S)
        if found["up"] < self._crowd.connections:
            cut, code = self._crowd.connections - found["up"], found["last_close_code"]
            raise Failed(f"the server closed {cut} connections, the last with {code}")
        # All refused is a figure; silence is a fault.
        if (load.window or load.rate) and not found["deliveries"] and not found.get("answered"):
            raise Failed("nothing was delivered")
        return found

    def _report(self, limit_s: float) -> dict[str, Any]:
        stdout = self._generator.stdout
        assert stdout is not None
        is_there, _, _ = select.select([stdout], [], [], limit_s)
        line = stdout.readline() if is_there else ""
        if not line:
            raise Failed(f"the load generator said nothing within {limit_s:.0f} s")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def session(target: Target, crowd: Crowd) -> Iterator[Session]:
    """Connect a crowd, from the generator's core, for as long as the context lasts. Raises Failed."""
    with machine.on_core(machine.cores().others):
        generator = subprocess.Popen(
            [*command(target, crowd), "-I"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    try:
        yield Session(generator, crowd)
    finally:
        generator.kill()
        generator.communicate()


def churn(target: Target, slots: int, seconds: float, warmup_s: float = 0.5) -> dict[str, Any]:
    """Shake hands and leave, again and again, in so many slots, and return what came of it. Raises Failed."""
    words = [*command(target, Crowd(slots)), "-C", "-D", f"{seconds:g}", "-U", f"{warmup_s:g}"]
    with machine.on_core(machine.cores().others):
        done = subprocess.run(
            words, stdout=subprocess.PIPE, text=True, timeout=_LATE_S + seconds, check=False
        )
    found: dict[str, Any] = json.loads(done.stdout or "{}")
    if not found.get("handshakes"):
        raise Failed("no handshake succeeded")
    return found
