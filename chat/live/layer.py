"""The way to the hubs of other processes: any Channels layer, used as a carrier of hints that may be lost.

The pub/sub layer over Redis resubscribes after a restart, but what was sent meanwhile is gone without a sign, and a
half-open link looks alive. So this carrier sends itself a probe each second, and all others a sign of life; the hub
reads from the database more often while the probe does not come back, or while another process is not heard: what
that one has stored it may not be able to tell.
"""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from channels.layers import InMemoryChannelLayer, get_channel_layer

from chat import failpoints, metrics
from chat.live import envelope
from chat.live.ending import end_all
from chat.live.envelope import Head, Item, RoomChanges, RoomEvent, SharedEvent
from chat.live.untold import Untold

_log = structlog.get_logger(__name__)

EVERYBODY = "maru.all"
_PROBE = "maru.probe"
_PROBE_S = 1.0
_PROBE_LATE_S = 3.0
# A process that has gone without a word is missed for so long.
_MISSED_S = 60.0
_QUEUE_COUNT = 1_000
# One publish waits at most so long; a frozen Redis must not hold up the next.
_SEND_S = 2.0
_OPEN_AFTER_ERRORS = 3
_OPEN_S = 1.0
# What waits together leaves together, up to this many envelopes.
_TOGETHER_COUNT = 256
# A send costs more than what others receive of rooms that nobody reads there.
_GROUPS_COUNT = 4
# So many in a row that could not be read are no accident of a single message.
_UNREAD_COUNT = 100


def group_of(room: int, shard_count: int) -> str:
    """Return the group that carries a room; several rooms share one, so that a batch leaves in few sends."""
    return f"maru.rooms.{room % shard_count}"


def by_group(items: Sequence[Item], shard_count: int) -> dict[str, list[Item]]:
    """Return the items by the group that carries them, each group's in order; all in one when they are of many."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if isinstance(item, RoomChanges | Head | RoomEvent | SharedEvent):
            groups[group_of(item.room, shard_count)].append(item)
        else:
            groups[EVERYBODY].append(item)
    return groups if len(groups) <= _GROUPS_COUNT else {EVERYBODY: list(items)}


class Layer:
    """One channel of this process, in the groups of the rooms that have local readers."""

    def __init__(self, shard_count: int) -> None:
        self.instance = uuid.uuid4().hex[:12]
        self.on_items: Callable[[Sequence[Item]], None] = lambda items: None
        # Called when the state of the link changes, either way: compare with the log at once.
        self.on_link_changed: Callable[[], None] = lambda: None
        self.is_degraded = False
        # Another process has not been heard for a while: it may not be able to tell what it stores.
        self.misses_somebody = False
        self._heard_at: dict[str, float] = {}
        self._shard_count = shard_count
        self._layer: Any = get_channel_layer()
        self._is_alone = isinstance(self._layer, InMemoryChannelLayer)
        self._channel = ""
        self._opened = asyncio.Event()
        self._wanted: dict[str, set[int]] = defaultdict(set)
        self._joined: set[str] = set()
        self._untold = Untold()
        self._outgoing: asyncio.Queue[Sequence[Item]] = asyncio.Queue(_QUEUE_COUNT)
        self._tasks: list[asyncio.Task[None]] = []
        self._probe_seen_at = 0.0
        self._degraded_at = 0.0
        self._errors = 0
        self._open_until = 0.0

    async def start(self) -> None:
        """Begin to receive and to send; a layer that cannot be reached is tried again each second."""
        loop = asyncio.get_running_loop()
        self._wanted[EVERYBODY].add(0)
        self._probe_seen_at = loop.time()
        if await self._open():
            await self._join_wanted()
        self._tasks = [loop.create_task(self._receive()), loop.create_task(self._send())]
        if not self._is_alone:
            self._tasks.append(loop.create_task(self._probe()))

    async def stop(self) -> None:
        """Leave everything, with a word to the others."""
        await end_all(self._tasks)
        if not self._is_alone and not self.is_degraded:
            with suppress(Exception):
                async with asyncio.timeout(_SEND_S):
                    await self._layer.group_send(EVERYBODY, envelope.pack_leaving(self.instance))
        for group in list(self._joined):
            with suppress(Exception):
                async with asyncio.timeout(_SEND_S):
                    await self._layer.group_discard(group, self._channel)

    async def join(self, rooms: Iterable[int]) -> None:
        """Receive what happens in these rooms from here on, or as soon as the layer can be reached."""
        for room in rooms:
            self._wanted[group_of(room, self._shard_count)].add(room)
        # Else each newcomer would wait for a Redis that does not answer; the probe joins when it does again.
        if not self.is_degraded:
            await self._join_wanted()

    def has_joined(self, room: int) -> bool:
        """Tell whether what happens in a room is received now."""
        return self._is_alone or (not self.is_degraded and group_of(room, self._shard_count) in self._joined)

    async def leave(self, room: int) -> None:
        """Do without a room."""
        group = group_of(room, self._shard_count)
        self._wanted[group].discard(room)
        if not self._wanted[group]:
            del self._wanted[group]
            if group in self._joined:
                self._joined.discard(group)
                with suppress(Exception):
                    async with asyncio.timeout(_SEND_S):
                        await self._layer.group_discard(group, self._channel)

    def publish(self, items: Sequence[Item]) -> None:
        """Queue items for the other processes; what finds the queue full is told in short a moment later."""
        if self._is_alone:
            return
        try:
            self._outgoing.put_nowait(items)
        except asyncio.QueueFull:
            metrics.PUBLISH_DROPPED.inc()
            self._untold.keep(items)

    async def _open(self) -> bool:
        """Make our channel; a layer that cannot be reached yet is no reason to turn people away."""
        try:
            async with asyncio.timeout(_SEND_S):
                self._channel = await self._layer.new_channel(f"maru.{self.instance}")
        except Exception as error:
            self._degrade(f"open: {type(error).__name__}")
            # The pub/sub layer keeps the channel that it could not subscribe to.
            with suppress(Exception):
                await self._layer.flush()
            return False
        self._opened.set()
        return True

    async def _join_wanted(self) -> None:
        for group in [group for group in self._wanted if group not in self._joined]:
            try:
                async with asyncio.timeout(_SEND_S):
                    await self._layer.group_add(group, self._channel)
            except Exception as error:
                self._degrade(f"join: {type(error).__name__}")
                return
            self._joined.add(group)

    async def _receive(self) -> None:
        await self._opened.wait()
        unread_count = 0
        while True:
            try:
                message = await self._layer.receive(self._channel)
                unread_count = 0
            except asyncio.CancelledError:
                raise
            except Exception as error:
                # Mostly bytes that nobody of us has written, or under another key: the next one may be ours.
                metrics.BAD_ENVELOPES.inc()
                unread_count += 1
                if unread_count >= _UNREAD_COUNT:
                    self._degrade(f"receive: {type(error).__name__}")
                    await asyncio.sleep(_PROBE_S)
                continue
            if message.get("type") == _PROBE:
                self._probe_seen_at = asyncio.get_running_loop().time()
                continue
            if envelope.is_from(message, self.instance):
                # Half of all that comes when there are two processes, and known already.
                continue
            try:
                sender, items = envelope.unpack(message)
                self._hear(sender, leaves=envelope.is_leaving(message))
                self.on_items(items)
            except envelope.BadEnvelope:
                metrics.BAD_ENVELOPES.inc()
            except Exception:
                # One envelope must not end the only task that reads them; the reconciler repairs the room.
                _log.exception("layer.receive_failed")

    async def _send(self) -> None:
        while True:
            items = list(await self._outgoing.get())
            for _ in range(_TOGETHER_COUNT):
                if self._outgoing.empty():
                    break
                items.extend(self._outgoing.get_nowait())
            for group, together in by_group(items, self._shard_count).items():
                await self._send_group(group, together)

    async def _send_group(self, group: str, items: Sequence[Item]) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._open_until:
            metrics.PUBLISH_DROPPED.inc()
            self._untold.keep(items)
            return
        # Signs of life pass no point: a test counts what it has sent.
        has_points = failpoints.is_on and any(isinstance(item, RoomChanges) for item in items)
        try:
            if has_points:
                await failpoints.reach_on_loop("publish.before")
            async with asyncio.timeout(_SEND_S):
                await self._layer.group_send(group, envelope.pack(items, self.instance))
            self._errors = 0
            if has_points:
                await failpoints.reach_on_loop("publish.after")
        except Exception as error:
            metrics.PUBLISH_FAILURES.inc()
            self._untold.keep(items)
            self._errors += 1
            if self._errors >= _OPEN_AFTER_ERRORS:
                self._open_until = loop.time() + _OPEN_S
            self._degrade(f"publish: {type(error).__name__}")

    async def _probe(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_PROBE_S)
            self._look_who_is_missed(loop.time())
            if not self._opened.is_set() and not await self._open():
                continue
            try:
                async with asyncio.timeout(_SEND_S):
                    await self._layer.send(self._channel, {"type": _PROBE})
                    await self._layer.group_send(EVERYBODY, envelope.pack([], self.instance))
            except Exception as error:
                self._degrade(f"probe: {type(error).__name__}")
                continue
            await self._join_wanted()
            if loop.time() - self._probe_seen_at > _PROBE_LATE_S:
                self._degrade("probe: late")
            elif self.is_degraded and self._is_whole():
                self._restore()
            if self._untold and not self.is_degraded and loop.time() >= self._open_until:
                self.publish(self._untold.take())

    def _hear(self, instance: str, *, leaves: bool) -> None:
        if leaves:
            self._heard_at.pop(instance, None)
        else:
            self._heard_at[instance] = asyncio.get_running_loop().time()

    def _look_who_is_missed(self, now: float) -> None:
        self._heard_at = {name: at for name, at in self._heard_at.items() if now - at <= _MISSED_S}
        before, self.misses_somebody = (
            self.misses_somebody,
            any(now - at > _PROBE_LATE_S for at in self._heard_at.values()),
        )
        if self.misses_somebody and not before:
            _log.info("layer.misses_somebody")
            self.on_link_changed()

    def _is_whole(self) -> bool:
        # A probe of before the last failure proves nothing, nor does one without the rooms' groups.
        return self._probe_seen_at > self._degraded_at and self._wanted.keys() <= self._joined

    def _degrade(self, why: str) -> None:
        self._degraded_at = asyncio.get_running_loop().time()
        if not self.is_degraded:
            self.is_degraded = True
            metrics.LAYER_DEGRADED.set(1)
            _log.warning("layer.degraded", why=why)
            self.on_link_changed()

    def _restore(self) -> None:
        self.is_degraded = False
        metrics.LAYER_DEGRADED.set(0)
        _log.info("layer.restored")
        self.on_link_changed()
