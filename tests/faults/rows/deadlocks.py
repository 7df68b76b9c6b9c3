"""F-29: many who lock the same rooms, and one who does it in the wrong order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import psycopg

from tests.faults.checks.case import Bounds
from tests.faults.rows import row
from tests.faults.rows.answers import PASSING, administrator, answers
from tests.faults.rows.restarts import join_loyal
from tests.faults.scene import Scene
from tests.faults.tab import Tab
from tests.flows.client import Refusal

_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@row(
    "F-29",
    "members are removed, banned and brought back while all write, and somebody else's locks lead to deadlocks",
    lasts_s=6,
    bounds=Bounds(recovery_s=5),
    sends=(40, 60, 40),
)
async def deadlocks(scene: Scene) -> AsyncIterator[None]:
    company, world = scene.company, scene.world
    hall, corner = company.rooms["hall"], company.rooms["corner"]
    guests = [
        await join_loyal(scene, f"guest-{number}", number % 2, company.people[10 + number])
        for number in range(3)
    ]
    doings = [asyncio.create_task(_move_about(scene, guest, hall)) for guest in guests]
    for guest in guests:
        company.does(_keep_writing(scene, guest, hall))
    async with administrator(scene) as ask:
        # Else each of them holds everybody up for a second before anybody looks.
        await ask("ALTER SYSTEM SET deadlock_timeout = '300ms'")
        await ask("SELECT pg_reload_conf()")
        before = await ask(_DEADLOCKS)
        url = world.postgres.process.url
        outsider = asyncio.create_task(asyncio.to_thread(_lock_backwards, url, hall, corner))
        yield
        await outsider
        told = {code: count for code, count in answers(scene).items() if code in PASSING}
        scene.expect(not told, f"people were told of it: {told}")
        for doing in doings:
            doing.cancel()
        for ended in await asyncio.gather(*doings, return_exceptions=True):
            scene.expect(isinstance(ended, asyncio.CancelledError), f"moving people failed: {ended!r}")
        await ask("ALTER SYSTEM RESET deadlock_timeout")
        await ask("SELECT pg_reload_conf()")
        # What a session has counted is told a second later, or when it ends.
        await world.postgres.terminate_backends()
    async with administrator(scene) as ask:
        scene.expect(await ask(_DEADLOCKS) > before, "there was no deadlock")


async def _move_about(scene: Scene, guest: Tab, room: int) -> None:
    """Bring somebody into a room and put them out again, in each of the ways there are."""
    world, owner, user = scene.world, scene.company.people[0], guest.person.id
    while True:
        await world.ask(owner, "POST", f"/rooms/{room}/members", {"user": user}, scene.rng.randrange(2))
        await asyncio.sleep(scene.rng.uniform(0, 0.4))
        if scene.rng.random() < 0.5:
            await world.ask(owner, "DELETE", f"/rooms/{room}/members/{user}", web=scene.rng.randrange(2))
        else:
            await world.ask(owner, "PUT", f"/rooms/{room}/bans/{user}", {}, scene.rng.randrange(2))
            await asyncio.sleep(scene.rng.uniform(0, 0.2))
            await world.ask(owner, "DELETE", f"/rooms/{room}/bans/{user}", web=scene.rng.randrange(2))


async def _keep_writing(scene: Scene, tab: Tab, room: int) -> None:
    count = 0
    while not scene.company.is_over:
        count += 1
        with suppress(Refusal):  # not in the room
            await tab.say(room, f"{tab.name} {count}")
        await asyncio.sleep(scene.rng.uniform(0, 0.2))


def _lock_backwards(url: str, first: int, last: int) -> None:
    """Lock two rooms in the wrong order, a few times, and never be the one who is broken off."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET deadlock_timeout = '20s'")
        for _ in range(4):
            with connection.transaction():
                connection.execute("SELECT 1 FROM chat_room WHERE id = %s FOR UPDATE", [last])
                # Who waits looks for a circle once; this one is closed by then.
                time.sleep(0.1)
                connection.execute("SELECT 1 FROM chat_room WHERE id = %s FOR UPDATE", [first])
            time.sleep(0.5)
