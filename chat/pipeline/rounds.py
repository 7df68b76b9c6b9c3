"""The rounds that a web process makes over its open sockets: do their sign-ins hold, are they too old, what is down.

One task for all of them. A push ends a socket at once; this finds what no push has told of.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import structlog
from django.utils import timezone

from chat import conf, database, metrics
from chat.live.ending import end
from chat.live.hub import Hub
from chat.models import session_uses, token_uses
from chat.protocol import codec
from chat.protocol.ephemeral import Degraded
from chat.queries import sign_in

_log = structlog.get_logger(__name__)

_TICK_S = 1.0
# How often connections look at their own age; a mere comparison each.
_LOOK_S = 10.0
# Nobody is told of an end by push while the layer does not carry: look more often. And when nobody else asks a
# database that is away, this tells that it is back.
_CHECK_DEGRADED_S = 10.0
# What nobody waits for is given up after so long, to be tried in the next round.
_WRITE_S = 2.0
# So many are looked at before others get their turn of the loop.
_AT_ONCE_COUNT = 500


class Looked(Protocol):
    """A connection, as the rounds see it."""

    held: sign_in.Held

    def look_after(self, now: float) -> None:
        """End when it is time."""

    def notice(self, frame: bytes) -> None:
        """Queue word of the server."""

    def signed_out(self, *, is_disabled: bool = False) -> None:
        """End, because the sign-in has."""


class Rounds:
    """Looks after all connections of a hub."""

    def __init__(self, hub: Hub, degraded: Callable[[], list[str]]) -> None:
        self._hub = hub
        self._degraded = degraded
        self._told: list[str] = []
        self._task: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None
        self._soon: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End."""
        await end(self._task, self._checking, *self._soon)
        await self._write_uses()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        looked_at = checked_at = loop.time()
        pace = random.uniform(0.8, 1.2)
        while True:
            await asyncio.sleep(min(_TICK_S, conf.get().RECHECK_S))
            try:
                self.tell()
                if loop.time() - looked_at >= min(_LOOK_S, conf.get().RECHECK_S):
                    looked_at = loop.time()
                    await self.look()
                every_s = conf.get().RECHECK_S
                if self._told:
                    every_s = min(every_s, _CHECK_DEGRADED_S)
                is_free = self._checking is None or self._checking.done()
                if is_free and loop.time() - checked_at >= every_s * pace:
                    # In a task of its own: a database that does not answer must not hold up the rest.
                    checked_at, pace = loop.time(), random.uniform(0.8, 1.2)
                    self._checking = loop.create_task(self.check())
            except Exception:
                _log.exception("rounds.failed")

    def tell(self) -> None:
        """Tell open sockets when other parts than before do not work as they should."""
        degraded = self._degraded()
        if degraded != self._told:
            self._told = degraded
            event: Degraded = {"type": "degraded", "parts": degraded}
            frame = codec.encode(event)
            for connection in self._everybody():
                connection.notice(frame)

    async def look(self) -> None:
        """Let each connection look at its own age."""
        connections = self._everybody()
        for start in range(0, len(connections), _AT_ONCE_COUNT):
            now = asyncio.get_running_loop().time()
            for connection in connections[start : start + _AT_ONCE_COUNT]:
                connection.look_after(now)
            await asyncio.sleep(0)

    async def check(self) -> None:
        """Ask the database whether all open sockets' sign-ins still hold; three queries for 2,000 of them."""
        await self._check(self._everybody())
        await self._write_uses()

    def check_soon(self, user: int) -> None:
        """Look at one user's sign-ins at once: something about the account is another."""
        if connections := self._hub.connections_of(user):
            task = asyncio.get_running_loop().create_task(self._check(connections))
            self._soon.add(task)
            task.add_done_callback(self._soon.discard)

    async def _write_uses(self) -> None:
        try:
            pool = database.writer_pool()
            for uses in (token_uses, session_uses):
                if uses.are_waiting():
                    await database.run_in(pool, uses.write, running_s=_WRITE_S, waiting_s=_WRITE_S)
        except Exception as error:
            # It is for people to look at, and waits for the next round.
            _log.warning("rounds.write_failed", error=type(error).__name__)

    def _everybody(self) -> list[Looked]:
        found: list[Any] = self._hub.connections()
        return found

    async def _check(self, connections: Iterable[Any]) -> None:
        by_held: dict[sign_in.Held, list[Looked]] = {}
        for connection in connections:
            by_held.setdefault(connection.held, []).append(connection)
        if not by_held:
            return
        try:
            ended = await database.run(sign_in.endings, list(by_held))
        except Exception as error:
            # Who cannot be asked about stays; the next round asks again.
            _log.warning("rounds.check_failed", error=type(error).__name__)
            return
        for held in by_held.keys() - ended.keys():
            if held.session_key:
                session_uses.note(held.session_key, timezone.now())
        for held, ending in ended.items():
            for connection in by_held[held]:
                metrics.SIGN_INS.labels("ended").inc()
                connection.signed_out(is_disabled=ending == "disabled")
