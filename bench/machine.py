"""What the figures were measured on, and who runs on which core."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from scripts import node
from scripts.steps import ROOT

_PACKAGES = ("django", "channels", "channels-redis", "daphne", "websockets")
_NODE_PACKAGES = ("socket.io", "@socket.io/redis-adapter", "redis", "ws")


@dataclass(frozen=True)
class Cores:
    """Whose core is which: the server alone on one; generator, Redis, PostgreSQL and nginx on another."""

    server: int
    others: int
    # A second web process; the first one's where there are only two cores.
    second_server: int

    @property
    def are_shared(self) -> bool:
        """Whether server and generator have to share one core, which spoils every figure."""
        return self.server == self.others


def cores() -> Cores:
    """Choose among the cores that this process may use."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[1 % len(allowed)], allowed[2] if len(allowed) > 2 else allowed[0])


@contextmanager
def on_core(number: int) -> Iterator[None]:
    """Keep this process, and for good whatever it starts meanwhile, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {number})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def facts(node_modules: Path, load_before: float) -> dict[str, object]:
    """Describe this machine, the programs on it, and what else it did: the load average before the run."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "kernel": platform.release(),
        "load_before": load_before,
        "python": platform.python_version(),
        "node": node.version(),
        "packages": {name: version(name) for name in _PACKAGES}
        | {name: _node_version(node_modules / name / "package.json") for name in _NODE_PACKAGES},
    }


def commit() -> str:
    """Return the commit that is measured, with a + where files differ from it."""
    head = _git("rev-parse", "--short=12", "HEAD")
    return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "") if head else ""


def cpu_s(pid: int) -> float:
    """Return the CPU time, user and system, of a process with all its children, those that have ended included."""
    try:
        stat = (
            Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        )
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except (FileNotFoundError, ProcessLookupError):
        # Ended meanwhile: its parent has its time.
        return 0.0
    own_s = sum(map(int, stat[11:15])) / os.sysconf("SC_CLK_TCK")
    return own_s + sum(cpu_s(int(child)) for child in children)


def load_average() -> float:
    """Return how many processes ran or waited in the last minute: what else the machine does."""
    return round(os.getloadavg()[0], 2)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _cpu_model() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _node_version(path: Path) -> str:
    found = re.search(r'"version":\s*"([^"]+)"', path.read_text(encoding="utf-8")) if path.exists() else None
    return found[1] if found else ""
