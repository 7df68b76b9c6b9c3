"""Where somebody may type, kept in memory: a hint must not cost a visit to the database."""

from __future__ import annotations

import time
from datetime import datetime
from functools import lru_cache

from chat.protocol import codec
from chat.protocol.changes import Change
from chat.protocol.shapes import RoomPosting, RoomRole, RoomState

# Each `frozenset()` is another, of 0.2 kB.
_NOTHING: frozenset[int] = frozenset()
# How the changes begin that may take a voice or give it back; all others pass unread.
_TELLING = (b'{"type":"member.changed"', b'{"type":"room.changed"')


class Voice:
    """The rooms of one connection in which its user is muted, moderators alone write, or nobody does.

    The same answers as the table of permissions gives, from the facts that the client itself is told.
    """

    __slots__ = ("_announcing", "_archived", "_is_admin", "_muted_until", "_ruled", "_user")

    def __init__(self, user: int, *, is_admin: bool = False) -> None:
        self._user = user
        self._is_admin = is_admin
        # By the wall clock, in seconds.
        self._muted_until: dict[int, float] = {}
        # Nearly everybody's is empty, and the empty one is the same for all.
        self._archived = _NOTHING
        # Where moderators alone begin a message; and which rooms the user moderates or owns.
        self._announcing = _NOTHING
        self._ruled = _NOTHING

    def may_type(self, room: int) -> bool:
        """Tell whether the user may type in a room that the user is in."""
        until = self._muted_until.get(room)
        is_closed = room in self._archived or (
            room in self._announcing and room not in self._ruled and not self._is_admin
        )
        return not is_closed and (until is None or until <= time.time())

    def read(self, state: RoomState) -> None:
        """Take a room as it was read."""
        self._mute(state["id"], state["muted_until"])
        self._archive(state["id"], is_archived=state["archived"])
        self._announce(state["id"], state["posting"])
        self._rule(state["id"], state["role"])

    def hear(self, change: Change) -> None:
        """Take a change of the log."""
        if change["type"] == "member.changed" and change["user"]["id"] == self._user:
            self._mute(change["room"], change["muted_until"])
            self._rule(change["room"], change["role"])
        elif change["type"] == "room.changed":
            self._archive(change["room"], is_archived=change["fields"]["archived"])
            self._announce(change["room"], change["fields"]["posting"])

    def hear_frame(self, frame: bytes) -> None:
        """Take a change as it is sent."""
        if frame.startswith(_TELLING):
            self.hear(_decoded(frame))

    def _mute(self, room: int, until: str | None) -> None:
        if until is None:
            self._muted_until.pop(room, None)
        else:
            self._muted_until[room] = datetime.fromisoformat(until).timestamp()

    def _archive(self, room: int, *, is_archived: bool) -> None:
        if is_archived != (room in self._archived):
            self._archived ^= {room}

    def _announce(self, room: int, posting: RoomPosting) -> None:
        if (posting != "everyone") != (room in self._announcing):
            self._announcing ^= {room}

    def _rule(self, room: int, role: RoomRole | None) -> None:
        if (role in ("owner", "moderator")) != (room in self._ruled):
            self._ruled ^= {room}


@lru_cache(maxsize=64)
def _decoded(frame: bytes) -> Change:
    # Every reader of a room gets the same bytes.
    return codec.decode_own(frame)  # type: ignore[return-value]
