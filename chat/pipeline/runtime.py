"""Everything that a web process has running, made once in its loop and handed to the doors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from chat import conf, database
from chat.live.bucket import Buckets
from chat.live.envelope import Item, SignedOut, UserChanged
from chat.live.hub import Hub
from chat.live.layer import Layer
from chat.live.presence import Presence
from chat.live.roll_call import RollCall
from chat.live.seen import Seen
from chat.live.turnstile import Turnstile
from chat.live.typing import Typing
from chat.pipeline import accounts, outbox
from chat.pipeline.committer import Committer
from chat.pipeline.rounds import Rounds
from chat.pipeline.sign_ins import SignIns
from chat.protocol.errors import ErrorCode, Refused

_log = structlog.get_logger(__name__)

_SENDERS_COUNT = 10_000
_ADDRESSES_COUNT = 10_000
# The server gives a handshake five seconds, and the sign-in needs some of them.
_TURN_S = 2.0


class Runtime:
    """The hub, the committer and who is here. Started by the first connection, because daphne has no lifespan."""

    def __init__(self) -> None:
        self._started: asyncio.Future[None] | None = None
        self._is_bound = False
        self._loop: asyncio.AbstractEventLoop | None = None
        # Open sockets by user, by session and by address, for the limits.
        self.connections: dict[int, int] = {}
        self.sessions: dict[str, int] = {}
        self.addresses: dict[str, int] = {}
        self.sign_ins = SignIns()

    async def start(self) -> None:
        """Start everything once; all callers return when it runs."""
        if self._started is None:
            self._started = asyncio.get_running_loop().create_future()
            try:
                await self._start()
            except BaseException as error:
                failed, self._started = self._started, None
                failed.set_exception(error)
                failed.exception()
                raise
            self._started.set_result(None)
        await asyncio.shield(self._started)

    @property
    def is_started(self) -> bool:
        """Tell whether everything runs."""
        return self._started is not None and self._started.done()

    async def _start(self) -> None:
        limits = conf.get()
        self._loop = asyncio.get_running_loop()
        self.hub = Hub(Layer(limits.HUB_SHARD_COUNT))
        self.hub.on_account = self._hear
        self.rounds = Rounds(self.hub, self.degraded)
        self.roll_call = RollCall(self.hub)
        self.turnstile = Turnstile(limits.HANDSHAKES_PER_S, limits.HANDSHAKES_BURST, _TURN_S)
        self.address_buckets = Buckets(
            limits.HANDSHAKES_PER_S_PER_IP, limits.HANDSHAKES_BURST_PER_IP, _ADDRESSES_COUNT
        )
        self.presence = Presence(self.hub)
        self.typing = Typing(self.hub)
        # Messages by account, whichever door they come through.
        self.send_buckets = Buckets(limits.SENDS_PER_S, limits.SENDS_BURST, _SENDERS_COUNT)
        self.search_buckets = Buckets(limits.SEARCHES_PER_S, limits.SEARCHES_BURST, _SENDERS_COUNT)
        # Searches that are under way at a time: the other threads are for who reads and comes back.
        self.search_turns = asyncio.Semaphore(max(1, limits.DB_THREADS // 4))
        self.committer = Committer(
            self.hub,
            max_count=limits.GROUP_COMMIT_MAX_COUNT,
            gather_s=limits.GROUP_COMMIT_MS / 1_000,
            nudge=_nudge,
            here=self.presence.online,
        )
        self.seen = Seen(self.hub)
        self.committer.on_read = self.seen.note
        await self.hub.start()
        self.presence.start()
        self.committer.start()
        self.rounds.start()
        self.roll_call.start()
        accounts.tell_by(self.tell)
        _log.info("runtime.started", instance=self.hub.layer.instance)

    def tell(self, items: Sequence[Item]) -> None:
        """Publish from any thread what happened outside of the write path."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.hub.publish, items)

    def _hear(self, item: SignedOut | UserChanged) -> None:
        self.sign_ins.hear(item)
        if isinstance(item, UserChanged):
            # Signing out of all browsers changes the account and no single session.
            self.rounds.check_soon(item.user)

    def check_send_rate(self, user: int) -> None:
        """Count a message of a user, whichever door it came through.

        Raises:
            Refused: rate_limited, with the time after which the next one is taken.
        """
        _take(self.send_buckets, user, f"{conf.get().SENDS_PER_S:g} messages")

    def check_search_rate(self, user: int) -> None:
        """Count a search of a user.

        Raises:
            Refused: rate_limited, with the time after which the next one is taken.
        """
        _take(self.search_buckets, user, f"{conf.get().SEARCHES_PER_S:g} searches")

    def bind(self, server: Any) -> None:
        """Live and end with the server: `server` takes hooks by on_drain and on_stop."""
        if not self._is_bound:
            self._is_bound = True
            server.on_drain(self.drain)
            server.on_stop(self.stop)
            # Also when only its health is asked for: a Redis that is away is to be seen before anybody comes.
            asyncio.get_running_loop().create_task(self._start_early())

    async def _start_early(self) -> None:
        try:
            await self.start()
        except Exception as error:
            _log.warning("runtime.start_failed", error=type(error).__name__)

    async def drain(self) -> None:
        """Store what was accepted, refuse the rest."""
        if self.is_started:
            await self.committer.drain()

    async def stop(self) -> None:
        """End everything, in the order in which nothing is lost."""
        if self.is_started:
            accounts.tell_no_more_by(self.tell)
            await self.committer.stop()
            await self.rounds.stop()
            await self.roll_call.stop()
            await self.seen.stop()
            await self.presence.stop()
            await self.hub.stop()

    def degraded(self, *, is_database_away: bool = False) -> list[str]:
        """Return the parts that do not work as they should; a caller may have seen more than is known here."""
        parts = ["db"] if is_database_away or database.is_away() else []
        if self.is_started and self.hub.layer.is_degraded:
            parts.append("redis")
        return parts


async def _nudge() -> None:
    try:
        await database.run(outbox.nudge)
    except Exception as error:
        # No thread was free, or the broker let it hang: the next sweep finds the work.
        _log.warning("runtime.nudge_failed", error=type(error).__name__)


def of(scope: Any) -> Runtime:
    """Return the runtime that the composition root has put into an ASGI scope."""
    runtime: Runtime = scope["runtime"]
    return runtime


def _take(buckets: Buckets, user: int, allowed: str) -> None:
    wait_s = buckets.take(user, asyncio.get_running_loop().time())
    if wait_s:
        raise Refused(ErrorCode.RATE_LIMITED, f"more than {allowed} a second", int(wait_s * 1_000) + 1)
