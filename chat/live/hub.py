"""One per process: which local connection follows which room, in seq order, with holes filled from the log."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

import structlog

from chat import conf, database, database_link, metrics
from chat.live import run as runs
from chat.live.ending import end_all
from chat.live.envelope import (
    Head,
    Item,
    Joined,
    Lease,
    RoomChanges,
    RoomEvent,
    SharedEvent,
    SignedOut,
    UserChanged,
    UserEvent,
)
from chat.live.flush import Flusher
from chat.live.layer import Layer
from chat.live.news import News
from chat.live.pages import Pages
from chat.live.publish import encode_run
from chat.live.room_track import RoomTrack
from chat.live.turns import Turns
from chat.live.walk import Follower
from chat.protocol.changes import Change
from chat.queries import changes as change_log
from chat.queries import workspace

_log = structlog.get_logger(__name__)

_HOLE_WAIT_S = 0.03
_FILL_COUNT = 500
_FORGET_ROOM_S = 30.0
_RECONCILE_S = 10.0
_RECONCILE_DEGRADED_S = 0.75
_RETRY_S = 1.0


class StoredLog:
    """The log of changes as the database has it."""

    async def since(self, room: int, after: int, up_to: int) -> list[Change]:
        """Return the changes after a seq, at most a page of them. Raises as the database does."""
        return await database.run(change_log.since, room, after, _FILL_COUNT, up_to)

    async def heads(self, rooms: Sequence[int]) -> dict[int, int]:
        """Return the last seq of each room. Raises as the database does."""
        return await database.run(change_log.heads, rooms)

    async def epoch(self) -> str:
        """Return the incarnation of the log. Raises as the database does."""
        return await database.run(workspace.epoch)


class Hub:
    """Serves local connections with what happens in their rooms.

    Everything here runs on the event loop's thread and never waits for a reader.
    """

    def __init__(self, layer: Layer, log: StoredLog | None = None) -> None:
        self.layer = layer
        # Who has missed something reads it here in turn, so that those who come in find a thread free.
        self.turns = Turns(max(1, conf.get().DB_THREADS * 3 // 4))
        self.pages = Pages(self.turns)
        self._log = log or StoredLog()
        self._flusher = Flusher()
        self._news = News(self._spread_news)
        self._faces = News(self._spread_news)
        self.on_lease: Any = None
        # Told of every account that signs out, is disabled or changes.
        self.on_account: Callable[[SignedOut | UserChanged], None] = lambda item: None
        self._tracks: dict[int, RoomTrack] = {}
        self._watched_at: dict[int, float] = {}
        # Since when what happens in a room reaches this process.
        self._heard_at: dict[int, float] = {}
        self._users: dict[int, set[Follower]] = defaultdict(set)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._filling: set[int] = set()
        # The incarnation of the log out of which all this has been served.
        self._epoch: str | None = None
        self._wake_reconciler = asyncio.Event()

    async def start(self) -> None:
        """Join the layer and begin to reconcile."""
        self.layer.on_items = self.receive
        self.layer.on_link_changed = self._wake_reconciler.set
        database.ways.on_back = self._wake_reconciler.set
        await self.layer.start()
        self._spawn(self._reconcile())

    async def stop(self) -> None:
        """End all tasks and leave the layer."""
        await end_all(self._tasks)
        self._flusher.stop()
        self._news.stop()
        self._faces.stop()
        await self.layer.stop()

    # --- connections ---------------------------------------------------------------------------------------

    def connect(self, connection: Follower) -> None:
        """Begin to serve the user's own events."""
        self._users[connection.user_id].add(connection)

    def disconnect(self, connection: Follower, rooms: Iterable[int]) -> None:
        """Forget a connection and the rooms that it followed."""
        for room in list(rooms):
            self.unfollow(connection, room)
        own = self._users.get(connection.user_id)
        if own is not None:
            own.discard(connection)
            if not own:
                del self._users[connection.user_id]

    def connections_of(self, user: int) -> set[Follower]:
        """Return the local connections of a user."""
        return self._users.get(user, set())

    def hears(self, room: int, since: float) -> bool:
        """Tell whether changes of a room have reached this process since a moment of the loop's clock or longer."""
        return self._heard_at.get(room, float("inf")) <= since and self.layer.has_joined(room)

    def connections(self) -> list[Follower]:
        """Return all local connections."""
        return [connection for own in self._users.values() for connection in own]

    async def watch(self, rooms: Sequence[int]) -> None:
        """Make sure that changes of these rooms reach this process from here on.

        To be awaited before the rooms are read from the database: what is committed after the read then arrives.
        """
        loop = asyncio.get_running_loop()
        for room in rooms:
            if room not in self._tracks:
                self._tracks[room] = RoomTrack(room, self._flusher.due)
                # Whoever watches need not come to follow.
                loop.call_later(_FORGET_ROOM_S, self._forget, room)
            self._watched_at[room] = loop.time()
        await self.layer.join(rooms)
        for room in rooms:
            if room in self._tracks and self.layer.has_joined(room):
                self._heard_at.setdefault(room, loop.time())

    def follow(self, connection: Follower, room: int, holds: int) -> bool:
        """Let a connection follow a watched room from the seq that it holds.

        What was delivered here meanwhile is offered to it at once.

        Returns:
            False when that goes too far back and must be read from the log first; it then does not follow.
        """
        track = self._tracks.get(room)
        if track is None:
            return False
        if track.delivered is None:
            track.begin(holds)
        is_served = track.serve(connection, holds)
        self._check(track)
        return is_served

    def unfollow(self, connection: Follower, room: int) -> None:
        """Stop serving a room to a connection; the room itself is kept a while for those who come back."""
        track = self._tracks.get(room)
        if track is None:
            return
        track.followers.pop(connection, None)
        if not track.followers:
            asyncio.get_running_loop().call_later(_FORGET_ROOM_S, self._forget, room)

    def is_followed(self, connection: Follower, room: int) -> bool:
        """Tell whether a connection is served a room."""
        track = self._tracks.get(room)
        return track is not None and connection in track.followers

    def recent(self, room: int, after: int, limit: int) -> tuple[bytes, ...] | None:
        """Return changes after a seq that were delivered here a moment ago; None when they go further back."""
        track = self._tracks.get(room)
        return track.recent(after, limit) if track else None

    def followers(self, room: int) -> int:
        """Return how many local connections follow a room."""
        track = self._tracks.get(room)
        return len(track.followers) if track else 0

    def learn_epoch(self, epoch: str) -> None:
        """Take note of the log's incarnation; with another one everybody comes back and reads anew.

        In another incarnation the same numbers are other changes: whoever waited for the next one would miss some.
        """
        known, self._epoch = self._epoch, epoch
        if known in (None, epoch):
            return
        _log.warning("hub.other_epoch", rooms=len(self._tracks))
        for track in self._tracks.values():
            track.followers.clear()
        self._tracks.clear()
        self._watched_at.clear()
        self._heard_at.clear()
        self._filling.clear()
        self.pages = Pages(self.turns)
        for connection in self.connections():
            connection.moved()

    # --- what happens ----------------------------------------------------------------------------------------

    def publish(self, items: Sequence[Item]) -> None:
        """Serve local connections at once, and tell the other processes."""
        self.receive(items)
        self.layer.publish(items)

    def receive(self, items: Sequence[Item]) -> None:
        """Take what happened here or elsewhere."""
        for item in items:
            match item:
                case RoomChanges():
                    track = self._tracks.get(item.room)
                    if track is not None:
                        track.accept(item)
                        self._check(track)
                case Head():
                    track = self._tracks.get(item.room)
                    if track is not None:
                        track.hear(item.seq)
                        self._check(track)
                case RoomEvent() | SharedEvent():
                    track = self._tracks.get(item.room)
                    if track is not None:
                        track.tell(item)
                case UserEvent():
                    for connection in self.connections_of(item.user) if item.user else self.connections():
                        if connection.id != item.but_connection:
                            connection.offer_droppable(item.frame)
                case Joined():
                    for user in item.users:
                        for connection in list(self.connections_of(user)):
                            connection.room_joined(item.room)
                case SignedOut():
                    self.on_account(item)
                    for connection in list(self.connections_of(item.user)):
                        if item.proof in ("", connection.proof):
                            connection.signed_out(is_disabled=item.is_disabled)
                case UserChanged():
                    self.on_account(item)
                    for connection in list(self.connections_of(item.user)) if item.has_other_role else ():
                        connection.moved()
                    if item.shown:
                        self._faces.add(item.user, item.shown)
                case Lease():
                    if self.on_lease is not None:
                        self.on_lease(item)

    def broadcast(self, frame: bytes, about_user: int) -> None:
        """Offer an event about a user to every connection that may know that user, soon if many are offered."""
        self._news.add(about_user, frame)

    def _spread_news(self, events: Mapping[int, bytes]) -> int:
        shared = list(runs.cut(0, 0, ((event, None) for event in events.values())))
        connections = self.connections()
        for connection in connections:
            known = known_to(connection)
            if known is None:
                for run in shared:
                    connection.offer_events(run)
            else:
                for user in events.keys() & known:
                    connection.offer_droppable(events[user])
        return len(connections)

    # --- holes -------------------------------------------------------------------------------------------------

    def _check(self, track: RoomTrack) -> None:
        if track.has_hole and track.room not in self._filling:
            self._filling.add(track.room)
            self._spawn(self._fill(track))

    async def _fill(self, track: RoomTrack) -> None:
        """Give the missing change a moment to arrive, then read it; one reader a room."""
        try:
            await asyncio.sleep(_HOLE_WAIT_S)
            while track.has_hole and self._tracks.get(track.room) is track:
                metrics.HUB_HOLES.inc()
                if await self._read(track, track.hole_end) is None:
                    await asyncio.sleep(_RETRY_S)
        finally:
            self._filling.discard(track.room)

    async def _read(self, track: RoomTrack, up_to: int) -> int | None:
        """Read a run from the log into a track; return its length, None when the database did not answer."""
        assert track.delivered is not None
        try:
            missing = await self._log.since(track.room, track.delivered, up_to)
        except database.Away:
            return None
        except change_log.LogBeginsLater:
            self._give_up(track)
            return None
        except Exception as error:
            told = {"error": type(error).__name__, "exc_info": not database_link.is_away(error)}
            _log.warning("hub.fill_failed", room=track.room, after=track.delivered, **told)
            return None
        if missing:
            track.accept(encode_run(missing))
        else:
            # Whatever is told is stored before. Only a restored log can be shorter than what was heard.
            track.disbelieve()
        return len(missing)

    def _give_up(self, track: RoomTrack) -> None:
        """Let everybody come back who waits for what has expired: they are told to read the room anew."""
        _log.warning("hub.log_begins_later", room=track.room, after=track.delivered)
        followers = list(track.followers)
        track.followers.clear()
        self._tracks[track.room] = RoomTrack(track.room, self._flusher.due)
        asyncio.get_running_loop().call_later(_FORGET_ROOM_S, self._forget, track.room)
        for follower in followers:
            follower.moved()

    async def _reconcile(self) -> None:
        """Compare with the log now and then: envelopes can be lost without a sign."""
        while True:
            # While the database is away this is the one who looks whether it is back.
            is_degraded = self.layer.is_degraded or self.layer.misses_somebody or database.is_away()
            pace = _RECONCILE_DEGRADED_S if is_degraded else _RECONCILE_S
            try:
                async with asyncio.timeout(pace * random.uniform(0.8, 1.2)):
                    await self._wake_reconciler.wait()
            except TimeoutError:
                pass
            self._wake_reconciler.clear()
            followed = [track for track in self._tracks.values() if track.followers]
            if not followed:
                continue
            try:
                self.learn_epoch(await self._log.epoch())
                followed = [track for track in self._tracks.values() if track.followers]
                heads = await self._log.heads([track.room for track in followed])
            except database.Away:
                continue
            except Exception as error:
                told = {"error": type(error).__name__, "exc_info": not database_link.is_away(error)}
                _log.warning("hub.reconcile_failed", **told)
                continue
            for track in followed:
                head = heads.get(track.room, 0)
                if track.delivered is not None and head > track.delivered and track.room not in self._filling:
                    # What is in flight arrives within the wait for a hole; count only what did not.
                    self._filling.add(track.room)
                    self._spawn(self._repair(track, head))

    async def _repair(self, track: RoomTrack, head: int) -> None:
        try:
            await asyncio.sleep(_HOLE_WAIT_S)
            while track.delivered is not None and track.delivered < head and track.followers:
                metrics.HUB_REPAIRS.inc()
                if not await self._read(track, head):
                    return
        finally:
            self._filling.discard(track.room)
        self._check(track)

    def _forget(self, room: int) -> None:
        track = self._tracks.get(room)
        loop = asyncio.get_running_loop()
        if track is None or track.followers:
            return
        if loop.time() - self._watched_at[room] < _FORGET_ROOM_S / 2:
            loop.call_later(_FORGET_ROOM_S, self._forget, room)
            return
        del self._tracks[room], self._watched_at[room]
        self._heard_at.pop(room, None)
        self._spawn(self.layer.leave(room))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def known_to(connection: Follower) -> frozenset[int] | None:
    """Return the users of whom a connection may know, None for all; guests know only whom they met at resume."""
    known: frozenset[int] | None = getattr(connection, "known_users", None)
    return known
