"""One child process that is stopped in time and does not outlive the process that started it."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from scripts.services.errors import NotReady

ROOT = Path(__file__).resolve().parents[2]
_POLL_S = 0.02
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Process:
    """A program with its own process group, its output in a file or a pipe.

    Args:
        name: how people call it.
        command: program and arguments, or one text for the shell.
        log: file that takes its output; without one it goes where ours goes.
        grace_s: how long it may take to stop by itself.
    """

    start_timeout_s = 30.0
    stop_signal = signal.SIGTERM

    def __init__(
        self,
        name: str,
        command: Sequence[str] | str,
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        cwd: Path = ROOT,
        user: str | None = None,
        grace_s: float = 10.0,
    ) -> None:
        self.name = name
        self.command = command
        self.env = dict(os.environ if env is None else env)
        self.log = log
        self.cwd = cwd
        self.user = user
        self.grace_s = grace_s
        self.child: subprocess.Popen[bytes] | None = None
        self._is_swept = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id; only while it is, or was, started."""
        if self.child is None:
            raise NotReady(f"{self.name} was never started")
        return self.child.pid

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self.child is not None and self.child.poll() is None

    @property
    def returncode(self) -> int | None:
        """Its exit code; None while it runs."""
        return None if self.child is None else self.child.poll()

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.spawn()
        self.wait_ready()

    def spawn(self, stdout: int | None = None) -> None:
        """Start it and do not wait. A given `stdout` goes before the log."""
        if self.is_running:
            raise NotReady(f"{self.name} is running already (pid {self.pid})")
        sink = None
        if stdout is None and self.log is not None:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            sink = self.log.open("ab")
        # A function in the child before exec is the only way to ask for the death signal after the change of
        # user; it calls nothing but libc.
        self.child = subprocess.Popen(
            self.command,
            shell=isinstance(self.command, str),
            env=self.env,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=sink if sink is not None else stdout,
            stderr=subprocess.STDOUT if sink is not None or stdout is not None else None,
            start_new_session=True,
            user=self.user,
            extra_groups=[] if self.user else None,
            preexec_fn=_die_with_parent(os.getpid()),
        )
        self._is_swept = False
        if sink is not None:
            sink.close()

    def is_ready(self) -> bool:
        """Tell whether it answers; a plain process is ready when it runs."""
        return self.is_running

    def wait_ready(self, timeout_s: float | None = None) -> None:
        """Wait until it answers; a process that ends meanwhile, or takes too long, raises NotReady."""
        limit_s = self.start_timeout_s if timeout_s is None else timeout_s

        def is_over() -> bool:
            return not self.is_running or self.is_ready()

        if not until(is_over, limit_s):
            lines = self.last_lines()
            self.kill()
            raise NotReady(f"{self.name} did not answer within {limit_s:g} s{lines}")
        if not self.is_running:
            raise NotReady(f"{self.name} ended at its start with code {self.returncode}{self.last_lines()}")

    def stop(self) -> None:
        """Ask it to end, wait, and kill what is left."""
        if self.is_running and self.child is not None:
            self.child.send_signal(self.stop_signal)
            # Sent after the request to end, so that a frozen process hears it.
            self._signal_group(signal.SIGCONT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(self.grace_s)
        self.kill()

    def kill(self) -> None:
        """End it and its children at once, as a crash would."""
        if self.child is not None:
            self._signal_group(signal.SIGKILL)
            self.child.wait()
            self._is_swept = True

    def freeze(self) -> None:
        """Stop it and its children in their tracks."""
        self._signal_group(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on after freeze()."""
        self._signal_group(signal.SIGCONT)

    def last_lines(self, count: int = 15) -> str:
        """Return the end of its log, indented, for an error text."""
        if self.log is None or not self.log.exists():
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
        return ":" + "".join(f"\n    {line}" for line in lines)

    def _signal_group(self, number: int) -> None:
        # Once it is swept its number may belong to somebody else.
        if self.child is None or self._is_swept:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, number)


def until(check: Callable[[], bool], timeout_s: float) -> bool:
    """Ask again and again until `check` says yes or the time is over; return its last answer."""
    end = time.monotonic() + timeout_s
    while not check():
        if time.monotonic() >= end:
            return False
        time.sleep(_POLL_S)
    return True


def die_with_parent() -> None:
    """Make this very process end (SIGTERM) when the one that started it ends, even by kill -9. Linux only."""
    _die_with_parent(os.getppid())()


def _die_with_parent(parent: int) -> Callable[[], None]:
    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != parent:
                # It ended before we asked; nobody would tell us.
                os.kill(os.getpid(), signal.SIGTERM)

    return ask
