"""What rows about processes have in common: a web process with other settings, and people who stay with one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scripts.services import Serve
from tests.faults.history import Acked, Invoked
from tests.faults.parts import Part
from tests.faults.scene import Scene
from tests.faults.tab import Tab
from tests.people import Person


@asynccontextmanager
async def restarted_with(web: Part[Serve], **settings: str) -> AsyncIterator[None]:
    """Restart a web process with settings; afterwards it runs without them, whatever has become of it."""
    true_env = web.process.env
    await web.stop()
    web.process.env = {**true_env, **settings}
    try:
        await web.start()
        pid = web.pid
        yield
        if web.is_running and web.pid == pid:
            await web.stop()
    finally:
        web.process.env = true_env
    if not web.is_running:
        await web.start()


async def join_loyal(scene: Scene, name: str, web: int, person: Person | None = None) -> Tab:
    """Let somebody connect who never goes to another web process; without a person one of the writers."""
    tab = Tab(
        name, person or scene.rng.choice(scene.company.people[:4]), [scene.world.url(web)], scene.history
    )
    scene.company.tabs[name] = tab
    tab.come()
    await tab.synced()
    return tab


def unanswered(scene: Scene, *tabs: Tab) -> set[str]:
    """Return the keys of what these tabs have sent and not seen acknowledged so far."""
    names = {tab.name for tab in tabs}
    sent = {event.key for event in scene.history.of(Invoked) if event.tab in names}
    return sent - {event.key for event in scene.history.of(Acked)}


def closes_count(scene: Scene) -> int:
    """Return how many sockets have been closed so far."""
    return sum(len(tab.closes) for tab in scene.company.tabs.values())


async def stored(scene: Scene, keys: set[str]) -> dict[str, int]:
    """Return the seqs of those of the keys that are in the database."""
    if not keys:
        return {}
    names = ", ".join(f"'{key}'" for key in sorted(keys))
    query = f"SELECT client_message_id, seq FROM chat_message WHERE client_message_id IN ({names})"
    return {str(key): int(seq) for key, seq in await scene.world.sql(query)}


def tracebacks_count(web: Part[Serve], from_bytes: int = 0) -> int:
    """Return how many tracebacks a web process has written behind a place of its log."""
    return web.log.read_bytes()[from_bytes:].count(b"Traceback")
