"""A connection as the hub sees it, which remembers what it was given."""

from __future__ import annotations

import asyncio
from typing import Any

from chat.live.run import Run
from chat.protocol import codec

_WAIT_S = 10.0


class Reader:
    """Takes everything, unless told that only so many changes fit."""

    def __init__(self, user_id: int, fits: int | None = None) -> None:
        self.id = f"reader-{user_id}-{id(self)}"
        self.user_id = user_id
        self.proof = f"proof-{user_id}"
        self.known_users: frozenset[int] | None = None
        self.fits = fits
        self.frames: list[dict[str, Any]] = []
        self.runs: list[Run] = []
        self.droppable: list[dict[str, Any]] = []
        self.joined: list[int] = []
        self.left: list[int] = []
        # As after a resume that told of nothing.
        self.told: dict[int, tuple[int, int]] | None = {}
        self.missing: list[int] = []
        self.is_signed_out = False
        self.is_moved = False
        self.is_disabled = False
        # What did not fit: room and the seq held.
        self.behind: list[tuple[int, int]] = []
        self._changed = asyncio.Event()

    def offer(self, frame: bytes) -> None:
        """Remember a frame."""
        self.frames.append(codec.decode_own(frame))
        self._changed.set()

    def offer_change(self, room: int, seq: int, frame: bytes) -> bool:
        """Remember a change, if it fits."""
        if self.fits is not None and len(self.frames) >= self.fits:
            self.behind.append((room, seq - 1))
            self._changed.set()
            return False
        self.offer(frame)
        return True

    def offer_run(self, run: Run) -> bool:
        """Remember changes, as many as fit."""
        self.runs.append(run)
        return all(self.offer_change(run.room, seq, frame) for seq, frame in enumerate(run.frames, run.first))

    def offer_droppable(self, frame: bytes) -> None:
        """Remember an event."""
        self.droppable.append(codec.decode_own(frame))
        self._changed.set()

    def offer_events(self, events: Run) -> None:
        """Remember events."""
        for frame in events.frames:
            self.offer_droppable(frame)

    def notice(self, frame: bytes) -> None:
        """Remember word of the server."""
        self.offer_droppable(frame)

    def room_joined(self, room: int) -> None:
        """Remember a room."""
        self.joined.append(room)
        self._changed.set()

    def moved(self) -> None:
        """Note that the hub wants it to come back."""
        self.is_moved = True

    def room_missing(self, room: int) -> None:
        """Remember a room."""
        self.missing.append(room)

    def room_left(self, room: int) -> None:
        """Remember a room."""
        self.left.append(room)
        self._changed.set()

    def signed_out(self, *, is_disabled: bool = False) -> None:
        """Remember the end."""
        self.is_signed_out = True
        self.is_disabled = is_disabled

    def look_after(self, now: float) -> None:
        """Have nothing that ends by itself."""

    def seqs(self) -> list[int]:
        """Return the seqs of the changes in order of arrival."""
        return [frame["seq"] for frame in self.frames]

    async def has(self, count: int) -> None:
        """Wait until so many frames have come."""
        await self._until(lambda: len(self.frames) >= count)

    async def has_droppable(self, count: int) -> None:
        """Wait until so many events have come."""
        await self._until(lambda: len(self.droppable) >= count)

    async def _until(self, holds: Any) -> None:
        async with asyncio.timeout(_WAIT_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()
