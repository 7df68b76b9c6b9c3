"""Who is typing: a hint to the readers of a room that expires by itself."""

from __future__ import annotations

import asyncio

from chat.live.envelope import RoomEvent
from chat.live.hub import Hub
from chat.protocol import codec
from chat.protocol.ephemeral import Typing as TypingEvent

# Clients repeat it while a person types; without a repeat it is over.
EXPIRES_S = 6.0
_AT_MOST_EVERY_S = 2.0


class Typing:
    """The typing users of this process's connections."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._ends: dict[tuple[int, int], asyncio.TimerHandle] = {}
        self._told_at: dict[tuple[int, int], float] = {}

    def start(self, room: int, user: int) -> None:
        """Tell the room that a user types, and that it is over when no repeat comes."""
        loop, key = asyncio.get_running_loop(), (room, user)
        if (end := self._ends.pop(key, None)) is not None:
            end.cancel()
        self._ends[key] = loop.call_later(EXPIRES_S, self.stop, room, user)
        if loop.time() - self._told_at.get(key, -EXPIRES_S) >= _AT_MOST_EVERY_S:
            self._told_at[key] = loop.time()
            self._tell(room, user, is_typing=True)

    def stop(self, room: int, user: int) -> None:
        """Tell the room that a user has stopped."""
        end = self._ends.pop((room, user), None)
        self._told_at.pop((room, user), None)
        if end is not None:
            end.cancel()
            self._tell(room, user, is_typing=False)

    def _tell(self, room: int, user: int, *, is_typing: bool) -> None:
        event: TypingEvent = {"type": "typing", "room": room, "user": user, "is_typing": is_typing}
        self._hub.publish([RoomEvent(room, codec.encode(event), but_user=user)])
