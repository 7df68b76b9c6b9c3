"""A thousand clients in a process of their own: `with Crowd() as crowd: crowd.open("readers", ...)`.

They are raw sockets that count (crowd_member.py); the test only gives orders and asks for the counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from scripts.services.process import ROOT, until
from tests.faults.sizes import size


@dataclass(frozen=True, slots=True)
class State:
    """What a group of the crowd has seen so far; `codes` and `refused` by close code and HTTP status."""

    connected: int
    synced: int
    # Messages of the group's room: of who got the fewest and the most.
    posted_least: int
    posted_most: int
    cursor_least: int
    holes: int
    repeats: int
    resets: int
    # Resumes that were answered with "later".
    refusals: int
    bytes: int
    opened: int
    opened_most: int
    codes: dict[str, int]
    refused: dict[str, int]
    # In the busiest second.
    begun_per_s: int
    let_in_per_s: int
    delay_p50_ms: float
    delay_p99_ms: float


class Crowd:
    """Speaks with the process of the crowd; every call returns when it is done there."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.crowd_program"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._lock = threading.Lock()
        self._people_count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.communicate()

    def open(
        self,
        group: str,
        tokens: Sequence[str],
        *,
        port: int,
        room: int,
        cursor: int | None = None,
        pace_per_s: float = 150.0,
        comes_back: bool = False,
        has_small_buffer: bool = False,
        is_scattered: bool = True,
    ) -> None:
        """Let a new group connect, one client for each token, each from its own address of this machine."""
        first = self._people_count + 1
        self._people_count += len(tokens)
        self._order(
            "open", group, tokens=list(tokens), host="127.0.0.1", port=port, room=room, cursor=cursor,
            pace_per_s=pace_per_s, comes_back=comes_back, has_small_buffer=has_small_buffer,
            is_scattered=is_scattered, first=first,
        )  # fmt: skip

    def stop(self, group: str) -> None:
        """Have nobody of a group read any more."""
        self._order("stop", group)

    def go_on(self, group: str) -> None:
        """Have them read again, or come back."""
        self._order("go_on", group)

    def drop(self, group: str) -> None:
        """Cut all their connections at once; they come back if they are such."""
        self._order("drop", group)

    def leave(self, group: str) -> None:
        """Have them all go at once and for good."""
        self._order("leave", group)

    def forget_delays(self, group: str) -> None:
        """Measure anew how late messages come."""
        self._order("forget_delays", group)

    def state(self, group: str) -> State:
        """Return what a group has seen so far."""
        return State(**self._order("state", group))

    def reaches(self, group: str, wanted: Callable[[State], bool], timeout_s: float) -> State:
        """Wait until a group has seen something and return its state; AssertionError when it has not in time."""
        state = self.state(group)

        def has_come() -> bool:
            nonlocal state
            state = self.state(group)
            return wanted(state)

        assert until(has_come, timeout_s), state
        return state

    def synced(self, group: str, count: int, timeout_s: float = size(60, 240)) -> State:
        """Wait until so many have resumed."""
        return self.reaches(group, lambda state: state.synced >= count, timeout_s)

    def _order(self, command: str, group: str, **fields: Any) -> Any:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        with self._lock:
            self._child.stdin.write(json.dumps({"do": command, "group": group, **fields}).encode() + b"\n")
            self._child.stdin.flush()
            answer = self._child.stdout.readline()
        assert answer, "the process of the crowd has ended"
        return json.loads(answer)
