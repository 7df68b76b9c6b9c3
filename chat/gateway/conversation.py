"""What a client of the full protocol and the hub tell each other: resume, rooms that come and go."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from chat import conf, database, database_link, failpoints
from chat.gateway.connection import NOTHING, Connection
from chat.gateway.voice import Voice
from chat.live.envelope import RoomChanges
from chat.live.publish import encode_run
from chat.live.run import Run
from chat.models import User
from chat.pipeline.runtime import Runtime
from chat.protocol import codec, shapes
from chat.protocol.commands import Resume
from chat.protocol.errors import CloseCode, ErrorCode, Refused
from chat.protocol.replies import accepted
from chat.queries import changes, rooms, sign_in, snapshot
from chat.queries.sign_in import SignIn
from chat.queries.standing import Mark

_log = structlog.get_logger(__name__)


class Conversation(Connection):
    """A connection with its cursors."""

    def __init__(self, runtime: Runtime, signed: SignIn) -> None:
        super().__init__(signed)
        self._runtime = runtime
        self.user: User = signed.user
        self.voice = Voice(signed.user.pk, is_admin=signed.user.is_admin)
        self.is_proven = signed.is_proven
        # Whether it has been told how things are, so that news mean something; and whether it is up to date.
        self._is_told = False
        self._is_resumed = False
        self._has_asked = False
        # Since when the client could have resumed and has not.
        self._waits_since = asyncio.get_running_loop().time()
        # The rooms that the client knows itself to be in, with the read marker it was told; None before the resume.
        self.told: dict[int, Mark] | None = None
        # Rooms joined while the resume was under way; after it those that were open already.
        self._joined_meanwhile = NOTHING
        # Made for the first room that is opened or read on from the log.
        self._taking_up: asyncio.Lock | None = None

    async def prove(self) -> None:
        """Make sure that the sign-in holds, where it was believed because the database did not answer.

        Raises:
            Refused: signed_out; the connection ends.
            DatabaseError: it still does not answer.
        """
        if self.is_proven:
            return
        found = await database.run(sign_in.renew, self.held)
        if not isinstance(found, User):
            self.signed_out(is_disabled=found == "disabled")
            raise Refused(ErrorCode.SIGNED_OUT, "the sign-in has ended")
        self.user, self.is_proven = found, True
        self.known_users = NOTHING if found.is_guest else None

    async def resume(self, ref: codec.Ref, command: Resume) -> None:
        """Answer with the snapshot, replay what is missing, and go live.

        A change committed after the read arrives live in the rooms that this process heard before it. Of the
        others, the heads are read again once they are heard.

        Raises:
            Refused: conflict, at the second time; signed_out.
            ProtocolError: bad_frame, too_many.
        """
        cursors = command.cursors()
        if self._has_asked:
            raise Refused(ErrorCode.CONFLICT, "this connection has resumed already")
        self._has_asked = True
        hub, limit = self._runtime.hub, conf.get().RESUME_MAX_CHANGES
        loop = asyncio.get_running_loop()
        try:
            await self.prove()
            if failpoints.is_on:
                await failpoints.reach_on_loop("resume.read")
            read_at = loop.time()
            async with hub.turns:
                taken = await database.run(
                    snapshot.take, self.user, command.epoch, cursors, limit, hub.pages.crowds
                )
            hub.learn_epoch(taken.epoch)
            # What is missing is shared with others at the same place; a reader may take its time with it.
            replay = {room: hub.pages.share(encode_run(missed)) for room, missed in taken.replay.items()}
            taken.replay.clear()
            heads = {state["id"]: state["last_seq"] for state in taken.rooms}
            unheard = [room for room in heads if not hub.hears(room, since=read_at)]
            await hub.watch(list(heads))
            if unheard:
                heads |= await database.run(changes.heads, unheard)
        except Exception:
            self._has_asked = False
            self._waits_since = loop.time()
            raise
        if self.known_users is not None:
            self.known_users |= taken.people.encoded.keys()
        result: dict[str, Any] = {
            "epoch": taken.epoch,
            "rooms": taken.rooms,
            "users": codec.encoded(self._runtime.presence.tell_of(taken.people)),
            "reset": taken.reset,
        }
        answer = codec.encode(accepted(ref, result))
        ends = {state["id"]: state["last_seq"] for state in taken.rooms}
        held = ends | taken.behind
        told = {state["id"]: _mark(state) for state in taken.rooms}
        for state in taken.rooms:
            self.voice.read(state)
        # Whoever reads slowly, or not at all, must not keep more here than what is encoded.
        del taken, result
        await self.answer(answer)
        # Who comes from here on stands in no answer.
        self._is_told = True
        del answer
        self.told = told
        try:
            await self._catch_up(held, replay, ends, heads)
        except Exception as error:
            # Answered already: the client must not wait for what does not come.
            self._say_failed("resume_failed", error=error)
            self.close(CloseCode.MOVED)
            return
        self.offer(codec.encode({"type": "synced"}))
        self._is_resumed = True
        for room in self._joined_meanwhile - self.rooms:
            self.spawn(self._open(room))
        # That the user had left the others before may not have been told yet.
        self._joined_meanwhile = (self._joined_meanwhile & self.rooms) or NOTHING

    def hear(self, frame: bytes) -> None:
        """Take note of what a change says of the user's voice."""
        self.voice.hear_frame(frame)

    def offer_droppable(self, frame: bytes) -> None:
        """Queue what may be lost; before the answer to the resume nothing of it is asked for."""
        if self._is_told:
            super().offer_droppable(frame)

    def offer_events(self, events: Run) -> None:
        """Send what may be lost; before the answer to the resume nothing of it is asked for."""
        if self._is_told:
            super().offer_events(events)

    def look_after(self, now: float) -> None:
        """End also when the client does not resume: it would hold its place for nothing."""
        super().look_after(now)
        if not self._has_asked and now - self._waits_since > conf.get().RESUME_WITHIN_S:
            self.close(CloseCode.MOVED)

    def room_joined(self, room: int) -> None:
        """Tell the client of a room in which the user is now, and follow it."""
        if not self._is_resumed:
            self._joined_meanwhile |= {room}
        else:
            self.spawn(self._open(room))

    def room_missing(self, room: int) -> None:
        """Tell the client of a room of which it should have heard, unless that has happened meanwhile."""
        if self._is_resumed:
            self.spawn(self._open(room, is_missing=True))

    def room_left(self, room: int) -> None:
        """Tell the client that the user is out; the change that says why went before."""
        super().room_left(room)
        if self.told is not None:
            self.told.pop(room, None)
        self.offer(codec.encode({"type": "room.closed", "room": room}))
        if self._is_resumed and room in self._joined_meanwhile:
            self._joined_meanwhile -= {room}
            self.spawn(self._open(room))

    def _in_turn(self) -> asyncio.Lock:
        # One after the other: who comes, goes and comes again gets each room in the order of the facts.
        if self._taking_up is None:
            self._taking_up = asyncio.Lock()
        return self._taking_up

    async def _open(self, room: int, *, is_missing: bool = False) -> None:
        async with self._in_turn():
            if not (is_missing and room in self.rooms):
                await self._open_now(room)

    async def _open_now(self, room: int) -> None:
        try:
            await self._runtime.hub.watch([room])
            found = await database.run(_room_and_users, self.user, room)
        except Exception as error:
            # The roll call finds that the client does not know of it.
            self._say_failed("open_failed", room=room, error=error)
            return
        if found is None:
            return
        state, users = found
        if self.told is not None:
            self.told[room] = _mark(state)
        self.voice.read(state)
        self._runtime.presence.fill_in(users)
        if self.known_users is not None:
            self.known_users |= {user["id"] for user in users}
        # Told twice of the room, it would follow it already: from here on it begins anew.
        self._runtime.hub.unfollow(self, room)
        await self.answer(codec.encode({"type": "room.opened", "room": state, "users": users}))
        await self._take_up(room, state["last_seq"])

    async def fell_behind(self, room: int, holds: int) -> None:
        """Follow a room again from the seq that the client holds, as fast as it reads."""
        async with self._in_turn():
            # Opened anew meanwhile, it is followed from there.
            if not self._runtime.hub.is_followed(self, room):
                await self._take_up(room, holds)

    async def _take_up(self, room: int, holds: int) -> None:
        await self.drained()
        try:
            await self._follow(room, holds)
        except Exception as error:
            # A room that stays silent would look whole: better the client resumes.
            self._say_failed("follow_failed", room=room, error=error)
            self.close(CloseCode.MOVED)

    def _say_failed(self, what: str, *, error: Exception, **about: Any) -> None:
        # A database that is away is said once elsewhere, and is no fault of ours to be traced.
        trace = not database_link.is_away(error)
        _log.warning(f"conversation.{what}", error=type(error).__name__, exc_info=trace, **about)

    async def _catch_up(
        self,
        held: dict[int, int],
        replay: dict[int, RoomChanges],
        ends: dict[int, int],
        heads: dict[int, int],
    ) -> None:
        """Bring each room from the seq that the client holds to its end, and follow it."""
        late = {room: holds for room, holds in held.items() if holds < ends[room] and room not in replay}
        rooms = [room for room in held if room not in late]
        while rooms or late:
            for room in rooms:
                holds, missed = held[room], replay.pop(room, None)
                if missed is not None:
                    if not await self._replay(missed, ends[room]):
                        continue
                    holds = missed.last
                await self._follow(room, holds, is_read=heads[room] <= holds, inside_at=ends[room])
            # One by one would be a few queries for each of hundreds.
            replay = await self._runtime.hub.pages.several(late) if len(late) > 1 else {}
            rooms = list(replay or late)
            for room in rooms:
                del late[room]

    async def _follow(self, room: int, holds: int, *, is_read: bool = True, inside_at: int = 0) -> None:
        """Follow a room live from the seq that the client holds; read what the hub has forgotten already.

        `inside_at` is a seq at which the user is known to be in the room: to have left before it has no meaning.
        """
        self.rooms.add(room)
        while not (is_read and self._runtime.hub.follow(self, room, holds)):
            await self._runtime.hub.watch([room])
            while page := await self._runtime.hub.pages.after(room, holds):
                if not await self._replay(page, inside_at):
                    return
                holds = page.last
            is_read = True

    async def _replay(self, missed: RoomChanges, inside_at: int) -> bool:
        """Send changes of the log as fast as the client reads, up to the user's next leaving: then False.

        Who is back already is told that the room is open, as everybody who comes back.
        """
        leaving = min(
            (
                seq
                for seq, user, has_joined in missed.moves
                if user in (0, self.user_id) and not has_joined and seq > inside_at
            ),
            default=None,
        )
        for seq, frame in enumerate(missed.frames, missed.first):
            self.voice.hear_frame(frame)
            self.offer(frame)
            await self.drained()
            if seq == leaving:
                self.room_left(missed.room)
                return False
        return True


def _mark(state: shapes.RoomState) -> Mark:
    return state["read_backs"], state["read_msg_no"]


def _room_and_users(user: User, room: int) -> tuple[shapes.RoomState, list[shapes.User]] | None:
    found = rooms.mine(user, [room])
    return (found[0], snapshot.users_of_room(room)) if found else None
