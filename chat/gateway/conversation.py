"""What a client of the full protocol and the hub tell each other: resume, rooms that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from chat import conf, database
from chat.gateway.admission import Admitted
from chat.gateway.connection import Connection
from chat.live.publish import move_of
from chat.models import User
from chat.pipeline.runtime import Runtime
from chat.protocol import codec, shapes
from chat.protocol.changes import Change
from chat.protocol.commands import Resume
from chat.protocol.errors import CloseCode, ErrorCode, Refused
from chat.protocol.replies import accepted
from chat.queries import changes, rooms, snapshot

_log = structlog.get_logger(__name__)
_PAGE_COUNT = 200


class Conversation(Connection):
    """A connection with its cursors."""

    def __init__(self, runtime: Runtime, admitted: Admitted) -> None:
        super().__init__(admitted)
        self._runtime = runtime
        self._user: User = admitted.user
        self._is_resumed = False
        self._has_asked = False
        # Rooms joined while the resume was under way.
        self._joined_meanwhile: set[int] = set()
        self._opening = asyncio.Lock()

    async def resume(self, ref: codec.Ref, command: Resume) -> None:
        """Answer with the snapshot, replay what is missing, and go live.

        The rooms are watched before they are read: a change committed after the read arrives live.

        Raises:
            Refused: conflict, at the second time.
            ProtocolError: bad_frame, too_many.
        """
        cursors = command.cursors()
        if self._has_asked:
            raise Refused(ErrorCode.CONFLICT, "this connection has resumed already")
        self._has_asked = True
        hub, limit = self._runtime.hub, conf.get().RESUME_MAX_CHANGES
        try:
            watched = await database.run(rooms.ids_of, self._user)
            await hub.watch(watched)
            taken = await database.run(snapshot.take, self._user, command.epoch, cursors, limit)
            await hub.watch([state["id"] for state in taken.rooms])
        except Exception:
            self._has_asked = False
            raise
        self._runtime.presence.fill_in(taken.users)
        result: dict[str, Any] = {
            "epoch": taken.epoch,
            "rooms": taken.rooms,
            "users": taken.users,
            "reset": taken.reset,
        }
        await self.answer(codec.encode(accepted(ref, result)))
        try:
            for state in taken.rooms:
                room, holds = state["id"], state["last_seq"]
                if missed := taken.replay.get(room):
                    if not await self._replay(room, missed):
                        continue
                    holds = missed[-1]["seq"]
                # A room joined between the two reads was not watched when it was read.
                await self._follow(room, holds, is_read=room in watched)
        except Exception:
            # Answered already: the client must not wait for what does not come.
            _log.warning("conversation.resume_failed", exc_info=True)
            self.close(CloseCode.MOVED)
            return
        self.offer(codec.encode({"type": "synced"}))
        self._is_resumed = True
        for room in self._joined_meanwhile - self.rooms:
            self.spawn(self._open(room))
        self._joined_meanwhile.clear()

    def offer_droppable(self, frame: bytes) -> None:
        """Queue what may be lost; before the resume nothing of it is asked for."""
        if self._is_resumed:
            super().offer_droppable(frame)

    def room_joined(self, room: int) -> None:
        """Tell the client of a room in which the user is now, and follow it."""
        if not self._is_resumed:
            self._joined_meanwhile.add(room)
        else:
            self.spawn(self._open(room))

    def room_left(self, room: int) -> None:
        """Tell the client that the user is out; the change that says why went before."""
        super().room_left(room)
        self.offer(codec.encode({"type": "room.closed", "room": room}))

    async def _open(self, room: int) -> None:
        # One after the other: who comes, goes and comes again gets each room in the order of the facts.
        async with self._opening:
            await self._open_now(room)

    async def _open_now(self, room: int) -> None:
        try:
            await self._runtime.hub.watch([room])
            found = await database.run(_room_and_users, self._user, room)
        except Exception:
            # The client learns of the room at its next resume.
            _log.warning("conversation.open_failed", room=room, exc_info=True)
            return
        if found is None:
            return
        state, users = found
        self._runtime.presence.fill_in(users)
        if self.known_users is not None:
            self.known_users |= {user["id"] for user in users}
        await self.answer(codec.encode({"type": "room.opened", "room": state, "users": users}))
        await self.fell_behind(room, state["last_seq"])

    async def fell_behind(self, room: int, holds: int) -> None:
        """Follow a room again from the seq that the client holds, as fast as it reads."""
        await self.drained()
        try:
            await self._follow(room, holds)
        except Exception:
            # A room that stays silent would look whole: better the client resumes.
            _log.warning("conversation.follow_failed", room=room, exc_info=True)
            self.close(CloseCode.MOVED)

    async def _follow(self, room: int, holds: int, *, is_read: bool = True) -> None:
        """Follow a room live from the seq that the client holds; read what the hub has forgotten already."""
        self.rooms.add(room)
        while not (is_read and self._runtime.hub.follow(self, room, holds)):
            await self._runtime.hub.watch([room])
            while page := await database.run(changes.since, room, holds, _PAGE_COUNT):
                if not await self._replay(room, page):
                    return
                holds = page[-1]["seq"]
            is_read = True

    async def _replay(self, room: int, missed: Sequence[Change]) -> bool:
        """Send changes of the log as fast as the client reads; False when they end with the user's leaving."""
        leaving = None
        for change in missed:
            user, has_joined = move_of(change) or (None, True)
            if user in (0, self.user_id):
                leaving = None if has_joined else change
        for change in missed:
            self.offer(codec.encode(change))
            await self.drained()
            if change is leaving:
                self.room_left(room)
                return False
        return True


def _room_and_users(user: User, room: int) -> tuple[shapes.RoomState, list[shapes.User]] | None:
    found = rooms.mine(user, [room])
    return (found[0], snapshot.users_of_room(room)) if found else None
