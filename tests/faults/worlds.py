"""Worlds that rows share: one at a time, started when a row needs another one."""

from __future__ import annotations

from contextlib import AsyncExitStack

from tests.faults.rows import Fault
from tests.faults.world import World, world


class Worlds:
    """`await worlds.of(fault)` is a whole world for it; `close()` at the end."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._place: tuple[object, ...] | None = None
        self._world: World | None = None

    async def of(self, fault: Fault) -> World:
        """Return a world as the row wants it: the one of the row before if that was the same."""
        if self._world is None or self._place != fault.place:
            await self.close()
            self._world = await self._stack.enter_async_context(
                world(database=fault.database, webs=fault.webs, settings=fault.settings, mutant=fault.mutant)
            )
            self._place = fault.place
        return self._world

    async def close(self) -> None:
        """End the world there is; the next row gets a new one."""
        await self._stack.aclose()
        self._world = None
