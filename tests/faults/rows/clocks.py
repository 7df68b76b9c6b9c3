"""F-6x: wall clocks of web processes that jump while people write. The monotonic ones go on untouched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.faults.checks.case import Bounds
from tests.faults.clocks import Clock
from tests.faults.rows import row
from tests.faults.rows.restarts import closes_count, join_loyal, restarted_with, tracebacks_count
from tests.faults.scene import Scene
from tests.flows.client import Frame
from tests.people import Person

_BOUNDS = Bounds(recovery_s=3, delivery_s=3, available_share=0.95, presence_s=20)
# Each jump is followed by more than a round of leases and of looks at all sign-ins.
_LASTS_S = 8.0
_NEAR_S = 5.0
# Twice what a request may take to come, and some.
_FREED_S = 30.0


@row("F-60", "the clock of a web process jumps one hour ahead, and back", lasts_s=_LASTS_S, bounds=_BOUNDS)
async def one_clock_ahead(scene: Scene) -> AsyncIterator[None]:
    async for _ in _shifted(scene, [scene.rng.randrange(2)], 3_600):
        yield


@row("F-61", "the clock of a web process jumps one hour back, and ahead", lasts_s=_LASTS_S, bounds=_BOUNDS)
async def one_clock_behind(scene: Scene) -> AsyncIterator[None]:
    async for _ in _shifted(scene, [scene.rng.randrange(2)], -3_600):
        yield


@row(
    "F-62",
    "the clocks of all web processes go 61 s ahead of those of Redis and the database",
    lasts_s=_LASTS_S,
    bounds=_BOUNDS,
)
async def all_clocks_ahead(scene: Scene) -> AsyncIterator[None]:
    async for _ in _shifted(scene, [0, 1], 61):
        yield


async def _shifted(scene: Scene, numbers: Sequence[int], seconds: int) -> AsyncIterator[None]:
    world, company = scene.world, scene.company
    clock = Clock(world.folder / "clocks")
    # To read its file at each look at the clock would make a busy process so slow that this were the fault.
    cached = {"FAKETIME_NO_CACHE": "0", "FAKETIME_CACHE_DURATION": "1"}
    async with AsyncExitStack() as stack:
        pids = []
        for number in numbers:
            await stack.enter_async_context(
                restarted_with(world.webs[number], **clock.environment() | cached)
            )
            pids.append(world.webs[number].pid)
        stack.callback(lambda: [Clock.sweep(pid) for pid in pids])
        places = [web.log.stat().st_size for web in world.webs]
        # On each process somebody who stays with it, and writes.
        for number in range(len(world.webs)):
            tab = await join_loyal(scene, f"stays-{number}", number, company.people[number])
            company.does(company.write(tab, company.rooms["hall"], pause_s=0.4))
        await company.answered(20)
        kept, closed = await _kept(scene), closes_count(scene)
        early = await _tickets(scene)
        clock.shift(seconds)
        await _show(scene, numbers, seconds)
        # By a clock that went back this one would have an hour.
        unfinished = [asyncio.ensure_future(_unfinished(scene, number)) for number in numbers]
        stack.push_async_callback(asyncio.wait, unfinished)
        await company.answered(40)
        scene.expect(closes_count(scene) == closed, f"{closes_count(scene) - closed} sockets were closed")
        late = await _tickets(scene)
        for number in range(len(world.webs)):
            for made, ticket in enumerate([*early, *late]):
                hello = await _hello(scene, number, company.people[number], ticket)
                scene.expect(hello == "hello", f"web-{number} answers ticket {made} with {hello}")
            await company.join(f"newcomer-{number}", company.people[4 + number], number)
        await company.answered(40)
        yield
        for number, freed in zip(numbers, await asyncio.gather(*unfinished), strict=True):
            scene.expect(freed, f"web-{number} does not let a request go that never ends")
        closed = closes_count(scene)
        clock.shift(0)
        await _show(scene, numbers, 0)
        await company.answered(40)
        scene.expect(closes_count(scene) == closed, "a socket was closed when the clock was set right")
        now = await _kept(scene)
        scene.expect(now == kept, f"sessions, tokens and accounts were {kept} and are {now}")
        for web, place in zip(world.webs, places, strict=True):
            scene.expect(not tracebacks_count(web, place), f"{web.name} wrote a traceback")

    async def look_at_times() -> None:
        for table in ("chat_change", "chat_message"):
            backwards = await world.sql(
                f"SELECT count(*) FROM (SELECT at AS now, lag(at) OVER "
                f"(PARTITION BY room_id ORDER BY seq) AS before FROM {table}) t WHERE now < before"
            )
            scene.expect(backwards[0][0] == 0, f"{backwards[0][0]} times in {table} go backwards")

    scene.later(look_at_times)


async def _show(scene: Scene, numbers: Sequence[int], seconds: int) -> None:
    # Wait until these processes tell clients a time that is so far off.
    async with asyncio.timeout(10):
        for number in numbers:
            off_s = seconds + 2 * _NEAR_S
            while abs(off_s - seconds) > _NEAR_S:
                async with _open(scene, number, scene.company.people[number], "") as socket:
                    told = datetime.fromisoformat((await _first(socket))["server_time"])
                    off_s = (told - datetime.now(UTC)).total_seconds()


async def _unfinished(scene: Scene, number: int) -> bool:
    """Begin a request that never ends, and tell whether the process lets it go."""
    reader, writer = await asyncio.open_connection("127.0.0.1", scene.world.webs[number].process.port)
    try:
        writer.write(b"GET / HTTP/1.1\r\n")
        async with asyncio.timeout(_FREED_S):
            await reader.read()
        return True
    except TimeoutError:
        return False
    finally:
        writer.close()


async def _kept(scene: Scene) -> tuple[int, ...]:
    counts = [
        "SELECT count(*) FROM django_session",
        "SELECT count(*) FROM chat_token WHERE revoked_at IS NULL",
        "SELECT count(*) FROM chat_user WHERE is_active",
        "SELECT count(*) FROM chat_membership WHERE left_seq IS NOT NULL",
    ]
    return tuple([(await scene.world.sql(query))[0][0] for query in counts])


async def _tickets(scene: Scene) -> list[str]:
    # One of each process, for the person with its number.
    found = []
    for number in range(len(scene.world.webs)):
        async with _open(scene, number, scene.company.people[number], "") as socket:
            found.append((await _first(socket))["ticket"])
    return found


async def _hello(scene: Scene, number: int, person: Person, ticket: str) -> str:
    async with _open(scene, number, person, ticket) as socket:
        said = await _first(socket)
        return str(said["type"] if said.get("me", {}).get("id", person.id) == person.id else "another person")


async def _first(socket: ClientConnection) -> Frame:
    said = json.loads(await socket.recv())
    return dict(said[0] if isinstance(said, list) else said)


def _open(scene: Scene, number: int, person: Person, ticket: str) -> connect:
    offered = [Subprotocol("maru.v1"), *([Subprotocol(f"ticket.{ticket}")] if ticket else [])]
    url = scene.world.url(number)
    return connect(url, additional_headers=person.headers, subprotocols=offered, proxy=None)
