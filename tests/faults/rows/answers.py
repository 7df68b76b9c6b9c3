"""What rows about the database have in common: which answers there were meanwhile, and an administrator's session."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from tests.faults.history import Acked, FaultBegan, Nacked
from tests.faults.scene import Scene

# What says that the same is to be sent again, and is no fault of who sent it.
PASSING = {"busy", "unavailable", "unknown_outcome", "draining"}
Ask = Callable[[str], Awaitable[Any]]


def answers(scene: Scene) -> Counter[str]:
    """Return how often each code, and "ok", was answered since the fault began."""
    began_s = max(event.at_s for event in scene.history.of(FaultBegan))
    found = Counter(event.code for event in scene.history.of(Nacked) if event.at_s >= began_s)
    found["ok"] = sum(1 for event in scene.history.of(Acked) if event.at_s >= began_s)
    return found


def expect_passing(scene: Scene) -> None:
    """State that nothing was refused for good since the fault began."""
    final = {code: count for code, count in answers(scene).items() if code not in PASSING | {"ok"}}
    scene.expect(not final, f"refused for good: {final}")


@asynccontextmanager
async def administrator(scene: Scene) -> AsyncIterator[Ask]:
    """Open a session past everything of ours; what it is asked for gives the first value, if there is any."""
    url = scene.world.postgres.process.url

    def open_session() -> psycopg.Connection:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)

    connection = await asyncio.to_thread(open_session)

    def execute(query: str) -> Any:
        cursor = connection.execute(query.encode())
        found = cursor.fetchone() if cursor.description else None
        return found[0] if found else None

    async def ask(query: str) -> Any:
        return await asyncio.to_thread(execute, query)

    try:
        yield ask
    finally:
        connection.close()
