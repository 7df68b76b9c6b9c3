"""Several processes as one: started in order, their output on one screen, stopped together."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import IO, Self

from scripts.services.errors import NotReady
from scripts.services.process import Process, die_with_parent, until

# Altogether a stop must take less than ten seconds.
_GRACE_S = 6.0
_LAST_GRACE_S = 2.0
_POLL_S = 0.1


class Crew:
    """The processes of one installation on this machine.

    A context manager: leaving it, for whatever reason, stops all of them. Processes started with `is_ground`
    (databases) are stopped after the others.
    """

    def __init__(self) -> None:
        self._processes: list[Process] = []
        self._ground: list[Process] = []
        self._pumps: list[threading.Thread] = []
        self._is_stopping = False

    def __enter__(self) -> Self:
        die_with_parent()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._leave)
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        self._stop_all([process for process in self._processes if process not in self._ground], _GRACE_S)
        self._stop_all(self._ground, _LAST_GRACE_S)
        for pump in self._pumps:
            pump.join(timeout=1)

    def start(self, process: Process, *, is_ground: bool = False) -> None:
        """Start a process and copy what it says to the screen, each line after its name."""
        process.spawn(stdout=subprocess.PIPE)
        self._processes.append(process)
        if is_ground:
            self._ground.append(process)
        stream = process.child.stdout if process.child else None
        if stream is not None:
            pump = threading.Thread(target=_copy, args=(process.name, stream), daemon=True)
            pump.start()
            self._pumps.append(pump)

    def wait_ready(self, process: Process, timeout_s: float) -> None:
        """Wait until it answers; meanwhile any of the crew that ends raises NotReady."""

        def is_over() -> bool:
            return self._ended() is not None or process.is_ready()

        if not until(is_over, timeout_s):
            raise NotReady(f"{process.name} did not answer within {timeout_s:g} s")
        ended = self._ended()
        if ended is not None:
            raise NotReady(f"{ended.name} ended at its start with code {ended.returncode}")

    def watch(self) -> Process:
        """Wait until one of them ends by itself, and return it."""
        while (ended := self._ended()) is None:
            time.sleep(_POLL_S)
        return ended

    def _ended(self) -> Process | None:
        return next((process for process in self._processes if not process.is_running), None)

    def _leave(self, number: int, _frame: object) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            raise SystemExit(128 + number)

    def _stop_all(self, processes: list[Process], grace_s: float) -> None:
        for process in processes:
            if process.is_running:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, process.stop_signal)
        until(lambda: not any(process.is_running for process in processes), grace_s)
        late = [process.name for process in processes if process.is_running]
        if late:
            print(f"maru: {', '.join(late)} did not end within {grace_s:g} s, killed", file=sys.stderr)
        for process in processes:
            process.kill()


def _copy(name: str, stream: IO[bytes]) -> None:
    for line in stream:
        text = line.decode("utf-8", errors="replace").rstrip()
        # One write a line, so that two processes do not mix within it.
        with contextlib.suppress(OSError):
            sys.stdout.write(f"{name:<8} | {text}\n")
            sys.stdout.flush()
