"""The order of one room in one process: pure, so that any arrival order can be tried."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from chat.live.envelope import RoomChanges

_RING_COUNT = 64
_RING_BYTES = 128 * 1024
# What lies further ahead is read from the database when its turn has come.
_HELD_COUNT = 512


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

    def offer_droppable(self, frame: bytes) -> None:
        """Queue a frame that may be lost."""

    def room_joined(self, room: int) -> None:
        """Begin to follow a room in which the user is now."""

    def signed_out(self, *, is_disabled: bool = False) -> None:
        """End, because the proof is no longer good or the account is disabled."""

    def moved(self) -> None:
        """End and let the client come back: what it may see is to be read anew."""

    def room_left(self, room: int) -> None:
        """Take note that the hub has stopped following a room for this connection."""


@dataclass(slots=True)
class _Held:
    frame: bytes
    # Who comes or goes with this change: user id (0 = everybody goes), has joined.
    move: tuple[int, bool] | None


class RoomTrack:
    """Followers of one room and how far they have been served.

    `delivered` is None until the room's head has been read once; until then changes are only held.
    """

    __slots__ = ("_heard", "_held", "_ring", "_ring_bytes", "delivered", "followers", "room")

    def __init__(self, room: int) -> None:
        self.room = room
        self.delivered: int | None = None
        # connection -> the seq that it holds already; what is not above it is not sent.
        self.followers: dict[Follower, int] = {}
        self._held: dict[int, _Held] = {}
        # The highest seq that anybody has told of.
        self._heard = 0
        self._ring: deque[tuple[int, _Held]] = deque()
        self._ring_bytes = 0

    @property
    def has_hole(self) -> bool:
        """Tell whether something is missing of what is known to be there."""
        return self.delivered is not None and self._heard > self.delivered

    @property
    def hole_end(self) -> int:
        """Return the last seq that is missing before the first held change."""
        return min(self._held) - 1 if self._held else self._heard

    def begin(self, head: int) -> None:
        """Set where the room stands; what was held up to there is old."""
        if self.delivered is None:
            self.delivered = head
            self._spread()

    def accept(self, changes: RoomChanges) -> None:
        """Take a run of changes in any order, repeats included, and serve what is in order now."""
        moves = {seq: (user, joined) for seq, user, joined in changes.moves}
        for seq, frame in enumerate(changes.frames, changes.first):
            if self.delivered is None or seq > self.delivered:
                self._held.setdefault(seq, _Held(frame, moves.get(seq)))
                self._heard = max(self._heard, seq)
        self._spread()
        # The nearest are kept: with the furthest in their place nothing could ever be served again.
        for seq in sorted(self._held)[_HELD_COUNT:]:
            del self._held[seq]

    def hear(self, seq: int) -> None:
        """Take note of how far the room has come, as somebody tells who could not tell the changes."""
        self._heard = max(self._heard, seq)

    def disbelieve(self) -> None:
        """Forget what was heard of changes that the log does not have."""
        self._held.clear()
        self._heard = self.delivered or 0

    def serve(self, follower: Follower, holds: int) -> bool:
        """Give a follower what was delivered after the seq that it holds, and all that comes.

        Who has left in between is given only what came up to there.

        Returns:
            False when that goes too far back: nothing was given, read it from the log first.
        """
        delivered = self.delivered or 0
        if holds < delivered and (not self._ring or self._ring[0][0] > holds + 1):
            return False
        for seq, held in self._ring:
            if seq > holds and not self._give(follower, seq, held):
                return True
        self.followers[follower] = max(holds, delivered)
        return True

    def recent(self, after: int, limit: int) -> tuple[bytes, ...] | None:
        """Return the encoded changes after a seq, ascending; None when the ring does not have all of them."""
        delivered = self.delivered or 0
        if after > delivered or (after < delivered and (not self._ring or self._ring[0][0] > after + 1)):
            return None
        return tuple(islice((held.frame for seq, held in self._ring if seq > after), limit))

    def _spread(self) -> None:
        if self.delivered is None:
            return
        for seq in [seq for seq in self._held if seq <= self.delivered]:
            del self._held[seq]
        while (held := self._held.pop(self.delivered + 1, None)) is not None:
            self.delivered += 1
            self._remember(self.delivered, held)
            # A follower that holds this seq already, and has left with it, has come back after it.
            behind = [follower for follower, holds in self.followers.items() if self.delivered > holds]
            for follower in behind:
                if not self._give(follower, self.delivered, held):
                    self.followers.pop(follower, None)

    def _give(self, follower: Follower, seq: int, held: _Held) -> bool:
        """Offer one change; False when it is the last one: the follower leaves by it, or it did not fit."""
        if not follower.offer_change(self.room, seq, held.frame):
            return False
        if held.move is not None and not held.move[1] and held.move[0] in (0, follower.user_id):
            follower.room_left(self.room)
            return False
        return True

    def _remember(self, seq: int, held: _Held) -> None:
        self._ring.append((seq, held))
        self._ring_bytes += len(held.frame)
        while len(self._ring) > _RING_COUNT or self._ring_bytes > _RING_BYTES:
            self._ring_bytes -= len(self._ring.popleft()[1].frame)
