"""A disk that is small and gets full, and one that is slow.

A full disk is a tmpfs of its own: mounted by root, or in a private namespace of mounts where the kernel lets everybody
make one. A container without either gets Unavailable; there `file_limit` is what is left, whose error is another one
(EFBIG, which SQLite calls an I/O error and not a full disk).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path

from tests.faults.clocks import Unavailable

_FILLER = ".filler"
_PIECE_BYTES = 256 * 1024
_ANSWER_TIMEOUT_S = 10.0
# Both wait for their input to end, which it also does when the test is killed: no mount outlives it.
_AS_ROOT = (
    'mount -t tmpfs -o size={size},mode=1777 maru "{at}" && echo ready && cat; umount -l "{at}"; rmdir "{at}"'
)
_IN_NAMESPACE = 'mount -t tmpfs -o size={size},mode=1777 maru "{at}" && echo ready && cat'


class SmallDisk:
    """A directory, `path`, with room for `size_bytes` and no more."""

    def __init__(self, path: Path, size_bytes: int) -> None:
        self.path = path
        self.size_bytes = size_bytes

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def free_bytes(self) -> int:
        """How much room there is."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self, left_bytes: int = 0) -> None:
        """Fill it up but for `left_bytes`; may be called again when somebody has made room."""
        with (self.path / _FILLER).open("ab", buffering=0) as filler:
            while (more := self.free_bytes - left_bytes) > 0:
                try:
                    filler.write(bytes(min(more, _PIECE_BYTES)))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    return

    def free(self) -> None:
        """Give the room back that fill() took."""
        (self.path / _FILLER).unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk(size_bytes: int) -> Iterator[SmallDisk]:
    """Make a disk of that size, open to every user; it is gone afterwards, with all that is on it."""
    at = Path(tempfile.mkdtemp(prefix="maru-disk-"))
    is_root = os.geteuid() == 0
    if is_root:
        command = ["sh", "-c", _AS_ROOT.format(size=size_bytes, at=at)]
    else:
        command = ["unshare", "-Urm", "sh", "-c", _IN_NAMESPACE.format(size=size_bytes, at=at)]
    try:
        keeper = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    except FileNotFoundError:
        at.rmdir()
        raise Unavailable("a small disk needs root, or the program unshare") from None
    with keeper:
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        assert keeper.stderr is not None
        try:
            if keeper.stdout.readline() != "ready\n":
                raise Unavailable(f"this machine lets us mount nothing: {keeper.stderr.read().strip()}")
            # Another namespace's files are reached through a process that lives in it.
            path = at if is_root else Path(f"/proc/{keeper.pid}/root{at}")
            yield SmallDisk(path, size_bytes)
        finally:
            keeper.stdin.close()
            keeper.wait(_ANSWER_TIMEOUT_S)
            if at.exists():
                at.rmdir()


@contextlib.contextmanager
def file_limit(pid: int, size_bytes: int) -> Iterator[None]:
    """Let a process, not its children, write no file beyond that size."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextlib.asynccontextmanager
async def duty_cycle(
    pids: Iterable[int] | Callable[[], Iterable[int]], stopped_s: float, running_s: float
) -> AsyncIterator[None]:
    """Freeze and thaw processes in turn, as a disk does that is slow; a function is asked for them each time."""
    frozen: list[int] = []

    def thaw() -> None:
        while frozen:
            _signal(frozen.pop(), signal.SIGCONT)

    async def alternate() -> None:
        while True:
            for pid in pids() if callable(pids) else list(pids):
                frozen.append(pid)
                _signal(pid, signal.SIGSTOP)
            await asyncio.sleep(stopped_s)
            thaw()
            await asyncio.sleep(running_s)

    task = asyncio.create_task(alternate())
    try:
        yield
    finally:
        task.cancel()
        try:
            await asyncio.gather(task, return_exceptions=True)
        finally:
            thaw()


def family(pid: int) -> list[int]:
    """Return a process and its children now, as the backends of PostgreSQL are; none if it has ended."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except FileNotFoundError:
        return []
    return [pid, *map(int, children.split())]


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
