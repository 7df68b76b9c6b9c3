"""Changes of one room that leave together: what they become on the wire is made once for all who get them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

# How most changes begin; what they say is the client's affair alone.
_TALK = (b'{"type":"message.', b'{"type":"reaction.')
# One frame holds at most about this much, so that a reader on a slow line sees progress.
FRAME_TARGET_BYTES = 48 * 1024


class Run:
    """Consecutive changes of a room, seq ascending, at most about one frame of them; or events, whose seq is 0.

    Attributes:
        leaver: who leaves with the last change: a user id, 0 for everybody, None for nobody.
        is_talk: only messages and reactions, no change that gives or takes a right.
        forms: the bytes that a reader of a dialect is sent, by the dialect's name; made by the first reader.
    """

    __slots__ = ("first", "forms", "frames", "is_talk", "last", "leaver", "room", "size_bytes")

    def __init__(self, room: int, first: int, frames: tuple[bytes, ...], leaver: int | None = None) -> None:
        self.room = room
        self.first = first
        self.last = first + len(frames) - 1
        self.frames = frames
        self.leaver = leaver
        self.size_bytes = sum(map(len, frames))
        self.is_talk = all(frame.startswith(_TALK) for frame in frames)
        self.forms: dict[str, bytes] = {}


def cut(room: int, first: int, changes: Iterable[tuple[bytes, int | None]]) -> Iterator[Run]:
    """Cut encoded changes and who leaves with each into runs; who leaves does so at the end of one."""
    begin, size, frames = first, 0, list[bytes]()
    for seq, (frame, leaver) in enumerate(changes, first):
        if frames and size + len(frame) > FRAME_TARGET_BYTES:
            yield Run(room, begin, tuple(frames))
            begin, size, frames = seq, 0, []
        size += len(frame)
        frames.append(frame)
        if leaver is not None:
            yield Run(room, begin, tuple(frames), leaver)
            begin, size, frames = seq + 1, 0, []
    if frames:
        yield Run(room, begin, tuple(frames))
