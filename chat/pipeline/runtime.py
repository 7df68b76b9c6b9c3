"""Everything that a web process has running, made once in its loop and handed to the doors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from chat import conf, database
from chat.live.bucket import Buckets
from chat.live.envelope import Item
from chat.live.hub import Hub
from chat.live.layer import Layer
from chat.live.presence import Presence
from chat.live.typing import Typing
from chat.pipeline import outbox
from chat.pipeline.committer import Committer
from chat.protocol.errors import ErrorCode, Refused

_log = structlog.get_logger(__name__)

_SENDERS_COUNT = 10_000


class Runtime:
    """The hub, the committer and who is here. Started by the first connection, because daphne has no lifespan."""

    def __init__(self) -> None:
        self._started: asyncio.Future[None] | None = None
        self._is_bound = False
        self._loop: asyncio.AbstractEventLoop | None = None
        # Open sockets by user and by address, for the limits.
        self.connections: dict[int, int] = {}
        self.addresses: dict[str, int] = {}

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
        self.presence = Presence(self.hub)
        self.typing = Typing(self.hub)
        # Messages by account, whichever door they come through.
        self.send_buckets = Buckets(limits.SENDS_PER_S, limits.SENDS_BURST, _SENDERS_COUNT)
        self.committer = Committer(
            self.hub,
            max_count=limits.GROUP_COMMIT_MAX_COUNT,
            gather_s=limits.GROUP_COMMIT_MS / 1_000,
            nudge=_nudge,
        )
        await self.hub.start()
        self.presence.start()
        self.committer.start()
        _log.info("runtime.started", instance=self.hub.layer.instance)

    def tell(self, items: Sequence[Item]) -> None:
        """Publish from any thread what happened outside of the write path."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.hub.publish, items)

    def check_send_rate(self, user: int) -> None:
        """Count a message of a user, whichever door it came through.

        Raises:
            Refused: rate_limited, with the time after which the next one is taken.
        """
        wait_s = self.send_buckets.take(user, asyncio.get_running_loop().time())
        if wait_s:
            detail = f"more than {conf.get().SENDS_PER_S:g} messages a second"
            raise Refused(ErrorCode.RATE_LIMITED, detail, int(wait_s * 1_000) + 1)

    def bind(self, server: Any) -> None:
        """Drain and stop with the server: `server` takes hooks by on_drain and on_stop."""
        if not self._is_bound:
            self._is_bound = True
            server.on_drain(self.drain)
            server.on_stop(self.stop)

    async def drain(self) -> None:
        """Store what was accepted, refuse the rest."""
        if self.is_started:
            await self.committer.drain()

    async def stop(self) -> None:
        """End everything, in the order in which nothing is lost."""
        if self.is_started:
            await self.committer.stop()
            await self.presence.stop()
            await self.hub.stop()

    def degraded(self) -> list[str]:
        """Return the parts that do not work as they should."""
        return ["redis"] if self.is_started and self.hub.layer.is_degraded else []


async def _nudge() -> None:
    await database.run(outbox.nudge)


def of(scope: Any) -> Runtime:
    """Return the runtime that the composition root has put into an ASGI scope."""
    runtime: Runtime = scope["runtime"]
    return runtime
