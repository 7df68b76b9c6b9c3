"""What one connection still has to receive, bounded."""

from __future__ import annotations

from itertools import islice

from chat.live.run import FRAME_TARGET_BYTES
from chat.protocol import codec

# Events that may be lost are not queued when this part of the bound is taken.
_DROP_AT = 0.25
# An answer above this is let in one at a time beside the bound: who asked for it must not be cut by it.
_LARGE_BYTES = 64 * 1024


class SendQueue:
    """Encoded objects in the order in which they leave; above `max_bytes` nothing more is taken.

    Without `joins` each leaves alone, for readers who know no arrays.
    """

    __slots__ = ("_frames", "_joins", "_large_bytes", "_max_bytes", "_peeked_count", "waiting_bytes")

    def __init__(self, max_bytes: int, *, joins: bool = True) -> None:
        # Not a deque: an empty one takes 0.7 kB, and nearly all are empty.
        self._frames: list[bytes] = []
        self._joins = joins
        self._max_bytes = max_bytes
        self._peeked_count = 0
        self._large_bytes = 0
        self.waiting_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._frames)

    def has_room(self, frame: bytes) -> bool:
        """Tell whether `offer` would take an encoded object now."""
        if len(frame) > _LARGE_BYTES:
            return not self._large_bytes
        return self.waiting_bytes - self._large_bytes + len(frame) <= self._max_bytes

    def offer(self, frame: bytes) -> bool:
        """Append one encoded object; False when the queue is full and the reader must be cut."""
        if not self.has_room(frame):
            return False
        self._frames.append(frame)
        self.waiting_bytes += len(frame)
        if len(frame) > _LARGE_BYTES:
            self._large_bytes = len(frame)
        return True

    def offer_droppable(self, frame: bytes) -> None:
        """Append an event that may be lost, unless the reader is behind already."""
        if self.waiting_bytes + len(frame) <= self._max_bytes * _DROP_AT:
            self.offer(frame)

    def peek(self) -> bytes:
        """Return what fits into one frame, an object or an array of them in order; it stays queued until `drop`."""
        size = count = 0
        for frame in self._frames:
            if count and (not self._joins or size + len(frame) > FRAME_TARGET_BYTES):
                break
            size += len(frame)
            count += 1
        self._peeked_count = count
        return codec.join(islice(self._frames, count))

    def drop(self) -> None:
        """Remove what the last `peek` returned; frames offered since stay."""
        for frame in islice(self._frames, self._peeked_count):
            self.waiting_bytes -= len(frame)
            if len(frame) > _LARGE_BYTES:
                self._large_bytes = 0
        del self._frames[: self._peeked_count]
        self._peeked_count = 0

    def clear(self) -> None:
        """Forget everything."""
        self._frames.clear()
        self._peeked_count = 0
        self._large_bytes = 0
        self.waiting_bytes = 0
