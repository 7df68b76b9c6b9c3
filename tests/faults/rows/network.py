"""F-3x and F-45: cables that are pulled out, lines that break, flap, crawl, or come back from the dead."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Literal
from urllib.parse import urlsplit

import psutil

from scripts.services import Serve
from scripts.services.process import until
from tests.faults.cables import Cable, cable
from tests.faults.checks.case import Bounds
from tests.faults.clocks import Unavailable
from tests.faults.history import Acked, Rendered
from tests.faults.parts import Part, Starter
from tests.faults.rows import row
from tests.faults.rows.roamers import expect_freed, go_straight, roaming
from tests.faults.scene import Scene
from tests.faults.tab import Tab
from tests.people import Person

# The heartbeat of a tab, its patience for the answer, and for the answer to its close.
_NOTICED_S = 3.0 + 3.0 + 2.0 + 2.0
_HEARTBEAT_S = 2.0
# A sign of life after it, looked at as often; its answer within four fifths of it.
_FREED_S = 4 * _HEARTBEAT_S + 2.0
_Way = Literal["both", "to_server", "to_client"]
_WAYS: tuple[_Way, ...] = ("both", "to_server", "to_client")


class Roamer(Tab):
    """A tab at the far end of a cable that also has another way."""

    def __init__(self, line: Cable, person: Person, urls: list[str], scene: Scene) -> None:
        super().__init__("roamer", person, urls, scene.history)
        self._line = line

    async def dial(self, url: str) -> socket.socket:
        """Connect from the far end, where the address is one of the near end."""
        address = urlsplit(url)
        if address.hostname != self._line.server_address:
            return await super().dial(url)
        opened = self._line.socket()
        try:
            async with asyncio.timeout(3):
                place = (address.hostname, address.port)
                await asyncio.get_running_loop().sock_connect(opened, place)
        except BaseException:
            opened.close()
            raise
        return opened


@row(
    "F-30",
    "half open: the cable between a client and a web process is pulled out",
    bounds=Bounds(recovery_s=5),
    settings={"HEARTBEAT_S": f"{_HEARTBEAT_S:g}"},
)
async def cable_pulled(scene: Scene) -> AsyncIterator[None]:
    try:
        laid = cable()
        line = laid.__enter__()
    except Unavailable:
        async for step in _dropped(scene):
            yield step
        return
    starter = Starter()
    env = scene.world.webs[0].process.env
    process = Serve(scene.world.folder, env=env, name="web-cable", host=line.server_address)
    web = Part(process, starter)
    try:
        await web.start()
        urls = [f"ws://{line.server_address}:{process.port}/ws/v1/", scene.world.url(1)]
        tab = Roamer(line, scene.company.people[0], urls, scene)
        scene.company.tabs[tab.name] = tab
        tab.come()
        await tab.synced()
        scene.company.does(scene.company.write(tab, scene.company.rooms["hall"]))
        await _says(scene, tab, 5)
        line.pull()
        yield
        await _goes_elsewhere(scene, tab, lambda: _held(process, line.client_address))
        line.plug()
        await _says(scene, tab, 5)
    finally:
        line.plug()
        if (roamer := scene.company.tabs.get("roamer")) is not None:
            go_straight(scene, roamer)
        laid.__exit__(None, None, None)
        await web.stop()
        starter.close()


async def _dropped(scene: Scene) -> AsyncIterator[None]:
    # The nearest thing where there are no namespaces.
    web = scene.world.webs[0].process
    ports = [_port(scene, number) for number in range(2)]
    async with roaming(scene, "roamer", scene.company.people[0], *ports) as (tab, lines):
        held = await asyncio.to_thread(_held, web, "127.0.0.1")
        scene.company.does(scene.company.write(tab, scene.company.rooms["hall"]))
        lines[0].drop()
        yield
        await _goes_elsewhere(scene, tab, lambda: _held(web, "127.0.0.1") - held + 1)
        lines[0].heal()


async def _goes_elsewhere(scene: Scene, tab: Tab, held: Callable[[], int]) -> None:
    try:
        await scene.company.until(lambda: len(tab.closes) > 0 and tab.is_synced, _NOTICED_S + 5)
    except TimeoutError:
        scene.expect(False, f"{tab.name} has not come back by another way: closes {tab.closes}")
    if not await asyncio.to_thread(until, lambda: held() <= 0, _FREED_S):
        scene.expect(False, f"the half-open socket was not freed within {_FREED_S:g} s")


@row(
    "F-31",
    "nothing arrives at the clients behind nginx any more; what they send does",
    bounds=Bounds(recovery_s=8),
    settings={"HEARTBEAT_S": f"{_HEARTBEAT_S:g}"},
)
async def deaf_clients(scene: Scene) -> AsyncIterator[None]:
    link = scene.world.links["client>nginx"]
    tabs = _behind_nginx(scene)
    before = {tab.name: len(tab.closes) for tab in tabs}
    link.drop("to_client")
    try:
        await scene.company.until(
            lambda: all(len(tab.closes) > before[tab.name] for tab in tabs), _NOTICED_S + 2
        )
    except TimeoutError:
        names = [tab.name for tab in tabs if len(tab.closes) == before[tab.name]]
        scene.expect(False, f"{', '.join(names)} did not notice that nothing arrives")
    yield
    link.heal(is_reset=scene.rng.random() < 0.5)
    scene.later(lambda: expect_freed(scene, _FREED_S))


@row(
    "F-32",
    "connections are reset after random counts of bytes, twenty times",
    bounds=Bounds(recovery_s=5),
    is_smoke=True,
)
async def cut_anywhere(scene: Scene) -> AsyncIterator[None]:
    link, company = scene.world.links["client>nginx"], scene.company
    tabs = _behind_nginx(scene)
    for _ in range(20):
        before = sum(len(tab.closes) for tab in tabs)
        # Short counts cut the handshake or the resume too, long ones a batch in the middle.
        link.cut_after(scene.rng.randrange(1, 8_000), scene.rng.choice(_WAYS))
        await company.until(lambda before=before: sum(len(tab.closes) for tab in tabs) > before)  # type: ignore[misc]
        link.heal()
        await company.until(lambda: any(tab.is_synced for tab in tabs))
    yield
    scene.later(lambda: expect_freed(scene, 10))


@row(
    "F-33",
    "a connection goes silent, its client goes on by another way, then the old one comes to life",
    bounds=Bounds(recovery_s=5, delivery_s=None),
)
async def late_connection(scene: Scene) -> AsyncIterator[None]:
    company = scene.company
    ports = [_port(scene, number) for number in range(2)]
    late_bytes = 0
    async with roaming(scene, "roamer", company.people[0], *ports, heartbeat_s=1) as (tab, lines):
        for room in ("hall", "corner"):
            company.does(company.write(tab, company.rooms[room], pause_s=0.02))
        await company.until(lambda: len(tab.mine) >= 5)
        for way in scene.rng.sample(_WAYS, k=3):
            old = next(line for line in lines if line.open_count)
            old.drop(way)
            closes = len(tab.closes)
            await _comes_back(scene, tab, closes, _NOTICED_S + 10)
            await _says(scene, tab, 5)
            # What was on its way arrives now: messages that have been repeated elsewhere meanwhile.
            before_bytes = old.to_server_bytes
            old.heal()
            await _says(scene, tab, 10)
            late_bytes += old.to_server_bytes - before_bytes
        yield
        scene.expect(late_bytes > 0, "nothing arrived late: the row has missed its moment")
    scene.later(lambda: expect_freed(scene, 10))


@row(
    "F-34",
    "the line to nginx is away every other second, twenty times",
    bounds=Bounds(recovery_s=5),
    sends=(40, 0, 40),
)
async def flapping(scene: Scene) -> AsyncIterator[None]:
    link = scene.world.links["client>nginx"]
    for _ in range(20):
        if scene.rng.random() < 0.5:
            link.refuse()
            link.reset_all()
        else:
            link.drop(scene.rng.choice(_WAYS))
        await asyncio.sleep(scene.rng.uniform(0.7, 1.3))
        link.heal(is_reset=scene.rng.random() < 0.5)
        await asyncio.sleep(scene.rng.uniform(0.7, 1.3))
    yield
    scene.later(lambda: expect_freed(scene, 10))


@row(
    "F-36",
    "slow lines: 2 kB a second and 300 ms each way for some",
    lasts_s=12,
    bounds=Bounds(recovery_s=3, reconnects_max_count=0, available_share=0.99),
)
async def slow_lines(scene: Scene) -> AsyncIterator[None]:
    company, world = scene.company, scene.world
    first, second = company.people[8:10]
    company.rooms["slow"] = room = await world.room(first, second, company.people[10], name="Slow lines")
    near = await company.join("near", company.people[10], 0)
    async with AsyncExitStack() as stack:
        tabs = []
        for name, person, port in (
            ("far", first, world.nginx.process.port),
            ("farther", second, _port(scene, 1)),
        ):
            tab, lines = await stack.enter_async_context(roaming(scene, name, person, port))
            lines[0].rate(2_000)
            lines[0].latency(0.3, 0.1)
            tabs.append(tab)
        for tab in (near, *tabs):
            company.does(company.write(tab, room, pause_s=2))
        yield
        for tab in tabs:
            scene.expect(
                len(tab.mine) >= 3, f"{tab.name} has only said {len(tab.mine)} things over its slow line"
            )
            scene.expect(not tab.closes, f"the line of {tab.name} was cut: {tab.closes}")
        late = [delay_s for tab, delay_s in _delays(scene, room) if tab in ("far", "farther")]
        scene.expect(
            bool(late) and max(late) < 6, f"a message took {max(late, default=0):.1f} s over a slow line"
        )


@row(
    "F-36b",
    "a reader behind nginx reads nothing for a while, much is written, then it reads on",
    bounds=Bounds(recovery_s=None),
)
async def reader_stands_still(scene: Scene) -> AsyncIterator[None]:
    company, port = scene.company, scene.world.nginx.process.port
    async with roaming(scene, "dreamer", company.people[5], port, heartbeat_s=60) as (tab, lines):
        lines[0].stall("to_client")
        body = "a long text " * 600
        for writer in company.writers:
            company.does(_write_long(scene, writer, body))
        hall = company.rooms["hall"]
        listener = company.tabs["listener"]
        seq, long_seq = tab.cursors[hall], listener.cursors[hall] + 600
        # More than proxy, kernel and send queue hold together.
        await company.until(lambda: listener.cursors[hall] >= long_seq, 60)
        scene.expect(tab.cursors[hall] < seq + 300, "the dreamer has read meanwhile")
        yield
        lines[0].heal()
        await tab.reads(hall, long_seq, 20)
        # Whoever is away for long is cut, and resumes.
        scene.expect(set(tab.closes) <= {None, 1006, 4101}, f"the dreamer was cut with {tab.closes}")


@row(
    "F-45",
    "nginx cannot reach one of the web processes any more",
    lasts_s=3,
    # Two handshakes in a row may meet the one that takes connections and says nothing, and each is given up after 5 s.
    bounds=Bounds(recovery_s=12),
)
async def web_cut_off(scene: Scene) -> AsyncIterator[None]:
    number = scene.rng.randrange(len(scene.world.webs))
    link, tabs = scene.world.links[f"nginx>web-{number}"], _behind_nginx(scene)
    if scene.rng.random() < 0.5:
        link.refuse()
        link.reset_all()
    else:
        link.drop()
    hall = scene.company.rooms["hall"]
    yield
    # Each handshake may meet the one that cannot be reached, and waits for it.
    seq = (await scene.world.sql(f"SELECT last_seq FROM chat_room WHERE id = {hall}"))[0][0]
    readers = [tab for tab in tabs if hall in tab.cursors]
    try:
        await scene.company.until(lambda: all(tab.cursors[hall] >= seq for tab in readers), _NOTICED_S + 30)
    except TimeoutError:
        names = [tab.name for tab in readers if tab.cursors[hall] < seq]
        scene.expect(False, f"{', '.join(names)} did not find the other web process")


def _behind_nginx(scene: Scene) -> list[Tab]:
    names = ("writer-2", "writer-3", "editor", "laptop", "stranger")
    return [scene.company.tabs[name] for name in names]


def _port(scene: Scene, number: int) -> int:
    return scene.world.webs[number].process.port


def _held(process: Serve, address: str) -> int:
    """Return how many connections of clients of an address a web process has."""
    own = psutil.Process(process.pid).net_connections("tcp4")
    # Who listens has no other end.
    return sum(one.laddr.port == process.port and address in one.raddr[:1] for one in own)


async def _comes_back(scene: Scene, tab: Tab, closes_count: int, within_s: float) -> None:
    await scene.company.until(lambda: len(tab.closes) > closes_count and tab.is_synced, within_s)


async def _says(scene: Scene, tab: Tab, count: int) -> None:
    wanted = len(tab.mine) + count
    await scene.company.until(lambda: len(tab.mine) >= wanted)


def _delays(scene: Scene, room: int) -> list[tuple[str, float]]:
    """Return (tab, seconds from the answer to the list) of each message of a room."""
    acked = {event.key: event.at_s for event in scene.history.of(Acked)}
    return [
        (event.tab, event.at_s - acked[event.key])
        for event in scene.history.of(Rendered)
        if event.room == room and event.key in acked
    ]


async def _write_long(scene: Scene, tab: Tab, body: str) -> None:
    while not scene.company.is_over:
        await tab.say(scene.company.rooms["hall"], f"{body} {scene.rng.random()}")
