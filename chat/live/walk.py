"""The walk of one room: what was delivered is given to its followers, run by run, in as many steps as it takes."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Protocol

import structlog

from chat.live import run as runs
from chat.live.run import Run

_log = structlog.get_logger(__name__)

# What waits for the next walk; above it that is not put off.
_WAITING_COUNT = 512
_WAITING_BYTES = 256 * 1024
# A send of this many bytes takes about twice as long as a small one.
_SEND_BYTES = 8 * 1024


class Follower(Protocol):
    """A connection, as the hub sees it."""

    id: str
    user_id: int

    @property
    def proof(self) -> str:
        """Return a digest of the token or session with which it came in."""

    def offer(self, frame: bytes) -> None:
        """Queue a frame that must arrive."""

    def offer_change(self, room: int, seq: int, frame: bytes) -> bool:
        """Queue a change; False when it does not fit, and the follower reads on from the log by itself."""

    def offer_run(self, run: Run) -> bool:
        """Send or queue changes; False when they do not all fit, as with `offer_change`."""

    def offer_droppable(self, frame: bytes) -> None:
        """Queue a frame that may be lost."""

    def offer_events(self, events: Run) -> None:
        """Send or queue events that may be lost and that others are given too; they have no seq."""

    def room_joined(self, room: int) -> None:
        """Begin to follow a room in which the user is now."""

    def signed_out(self, *, is_disabled: bool = False) -> None:
        """End, because the proof is no longer good or the account is disabled."""

    def moved(self) -> None:
        """End and let the client come back: what it may see is to be read anew."""

    def room_left(self, room: int) -> None:
        """Take note that the hub has stopped following a room for this connection."""


class Walk:
    """What is to be given to the followers of a room, and how far that has come.

    Followers come and go between two steps: who has gone is given nothing, who has come holds what was delivered
    before.

    Attributes:
        followers: connection -> the seq that it held when it came; what is not above it is not given.
        is_queued, rests_until, alarm: of the flusher, which plans the steps: whether the walk stands in its
            queue; until when, by the loop's clock, the next one is put off; what wakes it then.
    """

    __slots__ = (
        "_last",
        "_place",
        "_readers",
        "_run",
        "_runs",
        "_waiting",
        "_waiting_bytes",
        "alarm",
        "followers",
        "is_queued",
        "rests_until",
        "room",
    )

    def __init__(self, room: int) -> None:
        self.room = room
        self.followers: dict[Follower, int] = {}
        # Encoded changes up to the seq `_last`, each with who leaves by it.
        self._waiting: list[tuple[bytes, int | None]] = []
        self._waiting_bytes = 0
        self._last = 0
        # The run that is being given, to whom, how far; and the runs after it.
        self._run: Run | None = None
        self._readers: list[Follower] = []
        self._place = 0
        self._runs: deque[Run] = deque()
        self.is_queued = False
        self.rests_until = 0.0
        self.alarm: asyncio.TimerHandle | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether it has begun and not ended."""
        return self._run is not None

    @property
    def has_waiting(self) -> bool:
        """Whether changes wait for the next one."""
        return bool(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether more changes wait than should."""
        return self._waiting_bytes > _WAITING_BYTES or len(self._waiting) > _WAITING_COUNT

    def add(self, seq: int, frame: bytes, leaver: int | None) -> None:
        """Have the next change of the room given; `leaver` is who leaves by it, 0 everybody, None nobody."""
        self._waiting.append((frame, leaver))
        self._waiting_bytes += len(frame)
        self._last = seq

    def begin(self) -> tuple[int, int]:
        """Begin with what waits; return how many followers and how many changes there are."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if self.followers and waiting:
            self._runs.extend(runs.cut(self.room, self._last - len(waiting) + 1, waiting))
            self._next_run()
        return len(self.followers), len(waiting)

    def step(self, sends: int) -> int:
        """Give runs to so many followers, large runs to fewer; return for how many sends that stands."""
        done = 0
        while done < sends and (run := self._run) is not None:
            weight = 1 + run.size_bytes // _SEND_BYTES
            end = min(len(self._readers), self._place + max(1, (sends - done) // weight))
            done += weight * (end - self._place)
            self._give(run, end)
            if self._place >= len(self._readers):
                self._next_run()
        return done

    def finish(self) -> None:
        """Give everything now."""
        while self.is_under_way or self.has_waiting:
            if not self.is_under_way:
                self.begin()
            self.step(len(self.followers) + 1)

    def put_out(self, follower: Follower, leaver: int) -> bool:
        """Tell a follower who leaves that it is out; False for everybody else."""
        if leaver not in (0, follower.user_id):
            return False
        follower.room_left(self.room)
        return True

    def _next_run(self) -> None:
        self._run = self._runs.popleft() if self._runs else None
        self._readers = list(self.followers) if self._run is not None else []
        self._place = 0

    def _give(self, run: Run, end: int) -> None:
        """Give a run to the readers up to a place. One that fails is sent away to come back; the others go on."""
        followers, first, leaver = self.followers, run.first, run.leaver
        readers, self._place = self._readers[self._place : end], end
        for reader in readers:
            holds = followers.get(reader)
            if holds is None:
                continue
            try:
                if holds >= first:
                    stays = self._give_rest(reader, run, holds)
                elif leaver is None:
                    stays = reader.offer_run(run)
                else:
                    stays = reader.offer_run(run) and not self.put_out(reader, leaver)
            except Exception:
                _log.exception("walk.reader_failed", room=self.room)
                stays = False
                with suppress(Exception):
                    reader.moved()
            if not stays:
                followers.pop(reader, None)

    def _give_rest(self, reader: Follower, run: Run, holds: int) -> bool:
        """Give what a reader does not hold; False when that was the last for it."""
        for seq, frame in enumerate(run.frames, run.first):
            if seq > holds and not reader.offer_change(self.room, seq, frame):
                return False
        # Who holds the leaving already has come back after it.
        return holds >= run.last or run.leaver is None or not self.put_out(reader, run.leaver)
