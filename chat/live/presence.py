"""Who is online: each process says who is connected to it, and a process that falls silent is forgotten.

Leases run on each listener's own monotonic clock, so no wall clock can empty or freeze the list.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from chat.live.ending import end
from chat.live.envelope import Lease
from chat.live.hub import Hub
from chat.protocol import codec
from chat.protocol.ephemeral import Presence as PresenceEvent
from chat.protocol.shapes import PresenceStatus, User
from chat.queries.people import People

_LEASE_S = 15.0
_RENEW_S = 5.0
# A reload or a change of network must not flicker.
_GRACE_S = 10.0


@dataclass(slots=True)
class _Peer:
    number: int
    until: float
    users: frozenset[int]


class Presence:
    """The state of everybody, told once at resume and then by differences."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._local: Counter[int] = Counter()
        self._leaving: dict[int, asyncio.TimerHandle] = {}
        self._peers: dict[str, _Peer] = {}
        self._number = 0
        self._known: dict[int, PresenceStatus] = {}
        self._task: asyncio.Task[None] | None = None
        self._soon: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to renew this process's lease and ask the others for theirs."""
        self._hub.on_lease = self.hear
        self._task = asyncio.get_running_loop().create_task(self._renew())

    async def stop(self) -> None:
        """Say that nobody is connected here any more."""
        await end(self._task)
        for handle in (*self._leaving.values(), self._soon):
            if handle is not None:
                handle.cancel()

    def arrive(self, user: int) -> None:
        """Count a connection."""
        self._local[user] += 1
        if (handle := self._leaving.pop(user, None)) is not None:
            handle.cancel()
        elif self._local[user] == 1:
            self._changed([user])

    def depart(self, user: int) -> None:
        """Count a connection off; the user is offline when none has come back after a moment."""
        self._local[user] -= 1
        if self._local[user] > 0:
            return
        del self._local[user]
        if user not in self._leaving:
            self._leaving[user] = asyncio.get_running_loop().call_later(_GRACE_S, self._gone, user)

    def status(self, user: int) -> PresenceStatus:
        """Return what is known of a user now."""
        if user in self._local or user in self._leaving:
            return "online"
        if any(user in peer.users for peer in self._peers.values()):
            return "online"
        # Without the link, others may be connected elsewhere: grey, not gone.
        return "unknown" if self._hub.layer.is_degraded else "offline"

    def online(self) -> frozenset[int]:
        """Return the ids of who is online, as far as is known here."""
        return frozenset({*self._local, *self._leaving}).union(*(peer.users for peer in self._peers.values()))

    def fill_in(self, users: Iterable[User]) -> None:
        """Set the status of users who are about to be sent."""
        for user in users:
            user["status"] = self.status(user["id"])

    def tell_of(self, people: People) -> bytes:
        """Return people as an encoded array, each with what is known now."""
        online = self.online()
        rest = b'"unknown"}' if self._hub.layer.is_degraded else b'"offline"}'
        found = [start + (b'"online"}' if user in online else rest) for user, start in people.encoded.items()]
        return b"[" + b",".join(found) + b"]"

    def hear(self, lease: Lease) -> None:
        """Take another process's lease, newer than the last one of it."""
        now = asyncio.get_running_loop().time()
        known = self._peers.get(lease.instance)
        if lease.instance == self._hub.layer.instance or (known and lease.number <= known.number):
            return
        users = frozenset(lease.users)
        before = known.users if known else frozenset()
        self._peers[lease.instance] = _Peer(lease.number, now + _LEASE_S, users)
        if lease.wants_answers:
            self._publish()
        self._tell(users ^ before)

    def _gone(self, user: int) -> None:
        self._leaving.pop(user, None)
        self._changed([user])

    def _changed(self, users: Iterable[int]) -> None:
        self._tell(users)
        if self._soon is None:
            # Many who arrive together, after a restart, leave in one lease.
            self._soon = asyncio.get_running_loop().call_later(0.05, self._publish)

    def _publish(self, *, wants_answers: bool = False) -> None:
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        self._number += 1
        users = tuple({*self._local, *self._leaving})
        self._hub.layer.publish([Lease(self._hub.layer.instance, self._number, users, wants_answers)])

    async def _renew(self) -> None:
        self._publish(wants_answers=True)
        was_degraded = False
        while True:
            await asyncio.sleep(_RENEW_S)
            self._publish()
            now = asyncio.get_running_loop().time()
            silent = [name for name, peer in self._peers.items() if peer.until < now]
            lost: set[int] = set()
            for name in silent:
                lost |= self._peers.pop(name).users
            if self._hub.layer.is_degraded != was_degraded:
                was_degraded = not was_degraded
                lost |= self._known.keys()
            self._tell(lost)

    def _tell(self, users: Iterable[int]) -> None:
        for user in users:
            status = self.status(user)
            if self._known.get(user, "offline") == status:
                continue
            if status == "offline":
                self._known.pop(user, None)
            else:
                self._known[user] = status
            event: PresenceEvent = {"type": "presence", "user": user, "status": status}
            self._hub.broadcast(codec.encode(event), user)
