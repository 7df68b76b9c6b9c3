"""What rows about the network have in common: clients with a line of their own, and with more than one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from scripts.services.process import until
from tests.faults.proxy import Proxy
from tests.faults.scene import Scene
from tests.faults.tab import Tab
from tests.people import Person


@asynccontextmanager
async def line_to(scene: Scene, port: int, name: str) -> AsyncIterator[Proxy]:
    """Lay a line to a port of this machine that one client has for itself."""
    async with Proxy(("127.0.0.1", port), seed=scene.rng.randrange(1 << 30), name=name) as line:
        yield line


@asynccontextmanager
async def roaming(
    scene: Scene, name: str, person: Person, *ports: int, heartbeat_s: float = 3.0
) -> AsyncIterator[tuple[Tab, list[Proxy]]]:
    """Let somebody connect over lines of their own to these ports, the next one at each reconnection.

    Afterwards the lines are gone and the tab goes straight to the web processes.
    """
    async with AsyncExitStack() as stack:
        lines = [
            await stack.enter_async_context(line_to(scene, port, f"{name}-{number}"))
            for number, port in enumerate(ports)
        ]
        tab = Tab(name, person, [f"ws://127.0.0.1:{line.port}/ws/v1/" for line in lines], scene.history)
        tab._heartbeat_s = heartbeat_s
        scene.company.tabs[name] = tab
        tab.come()
        try:
            await tab.synced()
            yield tab, lines
        finally:
            go_straight(scene, tab)


def go_straight(scene: Scene, tab: Tab) -> None:
    """Let a tab use the web processes' own addresses from its next connection on."""
    tab._urls[:] = [scene.world.url(number) for number, _ in enumerate(scene.world.webs)]


async def expect_freed(scene: Scene, within_s: float) -> None:
    """Expect that no web process holds more sockets than there are clients now."""
    tabs = scene.company.tabs

    def held() -> float:
        return sum(
            scene.world.figure(number, "maru_connections") for number, _ in enumerate(scene.world.webs)
        )

    if not await asyncio.to_thread(until, lambda: held() <= len(tabs), within_s):
        found = await asyncio.to_thread(held)
        scene.expect(False, f"the web processes hold {found:g} sockets for {len(tabs)} clients")
