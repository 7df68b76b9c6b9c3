"""F-0x: web processes that die, freeze, stand still or run out of something; and the workers."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx

from scripts.services import Beat, Serve, Worker
from tests.faults.checks.case import Bounds
from tests.faults.history import Acked, PresenceSeen
from tests.faults.parts import Part, Starter
from tests.faults.rows import row
from tests.faults.rows.restarts import (
    closes_count,
    join_loyal,
    restarted_with,
    stored,
    tracebacks_count,
    unanswered,
)
from tests.faults.scene import Scene
from tests.faults.tab import Tab

_LEASE_LAPSES_S = 21.0


@row("F-01", "kill -9 of a web process while people write", bounds=Bounds(recovery_s=5), is_smoke=True)
async def web_killed(scene: Scene) -> AsyncIterator[None]:
    web = scene.rng.choice(scene.world.webs)
    await web.kill()
    yield
    await web.start()


@row(
    "F-02",
    "kill -9 exactly between COMMIT and the answer",
    bounds=Bounds(recovery_s=5),
    is_smoke=True,
)
async def killed_before_the_answer(scene: Scene) -> AsyncIterator[None]:
    number, web = _any_web(scene)
    async with restarted_with(web, FAILPOINTS=f"commit.after=kill@{scene.rng.randint(3, 15)}"):
        struck = await _writers_of(scene, number)
        await web.ended()
        await scene.company.until(lambda: not any(tab.is_synced for tab in struck))
        seqs = await stored(scene, unanswered(scene, *struck))
        scene.expect(bool(seqs), "no message was stored and not answered: the row has missed its moment")
        yield

    async def compare() -> None:
        acked = {event.key: event.seq for event in scene.history.of(Acked)}
        for key, seq in seqs.items():
            scene.expect(acked.get(key) == seq, f"{key} is stored as {seq}, its repeat got {acked.get(key)}")

    scene.later(compare)


@row(
    "F-03",
    "kill -9 between the answer and the hint to the others, in a busy room",
    bounds=Bounds(recovery_s=5, delivery_s=3),
    is_smoke=True,
)
async def killed_before_the_hint(scene: Scene) -> AsyncIterator[None]:
    number, web = _any_web(scene)
    async with restarted_with(web, FAILPOINTS=f"reply.after=kill@{scene.rng.randint(3, 15)}"):
        struck = await _writers_of(scene, number)
        await web.ended()
        await scene.company.until(lambda: not any(tab.is_synced for tab in struck))
        scene.expect(any(tab.mine for tab in struck), "nothing was answered before the end")
        yield


@row(
    "F-03b",
    "kill -9 between the answer and the hint to the others, in a room where nothing follows",
    bounds=Bounds(recovery_s=5, delivery_s=15),
)
async def killed_before_the_last_hint(scene: Scene) -> AsyncIterator[None]:
    number, web = _any_web(scene)
    company, world = scene.company, scene.world
    reader = company.tabs["listener"]
    # In no other room: nothing else brings the listener's process to look.
    writer = company.people[10]
    room = await world.room(writer, reader.person, name="Quiet", web=1 - number)
    company.rooms["quiet"] = room
    async with restarted_with(web, FAILPOINTS=f"reply.after=kill@{scene.rng.randint(1, 3)}"):
        await reader.until(lambda: room in reader.rooms and reader.is_synced)
        struck = await join_loyal(scene, "struck", number, writer)
        company.does(company.write(struck, room))
        await web.ended()
        scene.expect(bool(struck.mine), "nothing was answered before the end")
        last = (await world.sql(f"SELECT last_seq FROM chat_room WHERE id = {room}"))[0][0]
        try:
            await company.until(lambda: reader.cursors.get(room, 0) >= last, 15)
        except TimeoutError:
            scene.expect(False, f"{reader.name} has {reader.cursors.get(room)} of {last} after 15 s")
        yield


@row(
    "F-04",
    "kill -9 of the worker and of beat while people write: nobody sees anything",
    bounds=Bounds(recovery_s=2, delivery_s=2, available_share=1.0, reconnects_max_count=1),
)
async def worker_killed(scene: Scene) -> AsyncIterator[None]:
    env = scene.world.webs[0].process.env
    starter = Starter()
    parts: list[Part[Worker] | Part[Beat]] = [
        Part(Worker(scene.world.folder, env=env), starter),
        Part(Beat(scene.world.folder, env=env), starter),
    ]
    before = closes_count(scene)
    try:
        for part in parts:
            await part.start()
        await scene.company.answered(20)
        scene.rng.shuffle(parts)
        for part in parts:
            await part.kill()
        yield
        for part in parts:
            await part.start()
        await scene.company.answered(20)
        scene.expect(closes_count(scene) == before, "a socket was closed")
    finally:
        for part in parts:
            await part.kill()
        starter.close()


@row(
    "F-05",
    "all web processes are killed at once and are back 5 s later",
    lasts_s=5,
    bounds=Bounds(recovery_s=5, handshakes_per_s=60),
    sends=(40, 0, 40),
)
async def all_webs_killed(scene: Scene) -> AsyncIterator[None]:
    await asyncio.gather(*(web.kill() for web in scene.world.webs))
    yield
    await asyncio.gather(*(web.start() for web in scene.world.webs))


@row(
    "F-06",
    "a web process is frozen for 20 s and goes on (SIGSTOP, SIGCONT)",
    lasts_s=20,
    bounds=Bounds(recovery_s=5, presence_s=25),
    settings={"HEARTBEAT_S": "4"},
)
async def web_frozen(scene: Scene) -> AsyncIterator[None]:
    company = scene.company
    number, web = _any_web(scene)
    watcher, stays = await _acquainted(scene, number)
    written_bytes = web.log.stat().st_size
    await web.freeze()
    yield
    heard = _statuses(scene, watcher, stays.person.id)
    try:
        # The lease is 15 s long and looked at every 5 s.
        await company.until(lambda: heard()[-1:] == ["offline"], _LEASE_LAPSES_S)
    except TimeoutError:
        scene.expect(False, f"the frozen process still keeps its people online: {heard()}")
    scene.expect(not stays.is_synced, f"{stays.name} did not leave a process that does not answer")
    await web.thaw()
    await stays.synced()
    try:
        await company.until(lambda: heard()[-1:] == ["online"], 10)
    except TimeoutError:
        scene.expect(False, f"the lease was not renewed: {heard()}")
    found = tracebacks_count(web, written_bytes)
    scene.expect(not found, f"{web.name} wrote {found} tracebacks")


@row(
    "F-07",
    "a web process stands still for two seconds, three times",
    # What it holds locked makes the others refuse for a moment.
    bounds=Bounds(recovery_s=2, available_share=0.85, reconnects_max_count=1),
    sends=(40, 20, 40),
)
async def loop_blocked(scene: Scene) -> AsyncIterator[None]:
    _, web = _any_web(scene)
    before = closes_count(scene)
    for _ in range(3):
        await web.freeze()
        await asyncio.sleep(2)
        await web.thaw()
        await scene.company.answered(10)
    answer = await asyncio.to_thread(web.process.get, "/livez")
    scene.expect(answer.status == 200, f"/livez says {answer.status}")
    yield
    scene.expect(closes_count(scene) == before, f"{closes_count(scene) - before} sockets were closed")


@row(
    "F-08",
    "a web process ends at each of its starts, because of a bad setting",
    bounds=Bounds(recovery_s=5, available_share=0.98),
)
async def crash_loop(scene: Scene) -> AsyncIterator[None]:
    _, web = _any_web(scene)
    nginx = scene.world.nginx.process
    true_env = web.process.env
    await web.stop()
    written_bytes = web.log.stat().st_size
    web.process.env = {**true_env, "HEARTBEAT_S": "soon"}
    try:
        for number in range(3):
            await web.spawn()
            await web.ended()
            scene.expect(web.returncode not in (0, None), f"it ended with {web.returncode}")
            for _ in range(10):
                status = await asyncio.to_thread(_status, nginx.base_url)
                scene.expect(status == 200, f"nginx answers with {status}")
            await scene.company.join(f"newcomer-{number}", scene.company.people[2], None)
        told = web.log.read_bytes()[written_bytes:].decode()
        scene.expect("HEARTBEAT_S" in told and "Traceback" not in told, f"it says {told!r}")
        yield
    finally:
        web.process.env = true_env
    await web.start()


@row(
    "F-09",
    "a web process runs out of descriptors",
    bounds=Bounds(recovery_s=5, descriptors_left_count=60),
    sends=(40, 40, 40),
)
async def out_of_descriptors(scene: Scene) -> AsyncIterator[None]:
    number, web = _any_web(scene)
    old = await join_loyal(scene, "old", number)
    scene.company.does(scene.company.write(old, scene.company.rooms["hall"]))
    await old.until(lambda: len(old.mine) >= 3)
    written_bytes = web.log.stat().st_size
    true_limits = resource.prlimit(web.pid, resource.RLIMIT_NOFILE)
    crowd = _Idlers(web.process.port)
    resource.prlimit(web.pid, resource.RLIMIT_NOFILE, (_highest(web.pid) + 5, true_limits[1]))
    try:
        await crowd.fill()
        before, closes = len(old.mine), len(old.closes)
        new = Tab("new", scene.company.people[3], [scene.world.url(number)], scene.history)
        new.come()
        await scene.company.until(lambda: len(old.mine) >= before + 10)
        # One that was sent away for its silence has left a place, and who comes then may find it.
        if not crowd.released_count:
            scene.expect(not new.connections_count, "a socket was taken without a descriptor for it")
        yield
        scene.expect(len(old.closes) == closes, "a socket that was there before was closed")
    finally:
        resource.prlimit(web.pid, resource.RLIMIT_NOFILE, true_limits)
        await crowd.leave()
    scene.company.tabs["new"] = new
    await new.synced()
    told = web.log.read_bytes()[written_bytes:].decode()
    scene.expect(len(told.splitlines()) < 200, f"{len(told.splitlines())} lines were logged")


class _Idlers:
    """Connections that say nothing; for each that is sent away another one comes, until all are.

    `released_count` tells how many were taken and have been sent away for their silence.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self.released_count = 0
        self._is_full = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def fill(self) -> None:
        """Return when one more is sent away at once; go on coming."""
        self._tasks = [asyncio.get_running_loop().create_task(self._come()) for _ in range(40)]
        async with asyncio.timeout(10):
            await self._is_full.wait()

    async def leave(self) -> None:
        """Go, all together."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _come(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                self._is_full.set()
                await asyncio.sleep(0.1)
                continue
            try:
                with contextlib.suppress(OSError):
                    await reader.read()
            finally:
                writer.close()
            if loop.time() - began < 0.5:
                self._is_full.set()
                await asyncio.sleep(0.1)
            else:
                self.released_count += 1


def _highest(pid: int) -> int:
    return max(int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir())


def _any_web(scene: Scene) -> tuple[int, Part[Serve]]:
    number = scene.rng.randrange(len(scene.world.webs))
    return number, scene.world.webs[number]


async def _writers_of(scene: Scene, number: int) -> list[Tab]:
    # They alone are on it, and something of theirs is in every batch.
    company = scene.company
    struck = [await join_loyal(scene, f"struck-{place}", number, company.people[place]) for place in range(2)]
    for tab in struck:
        company.does(company.write(tab, company.rooms["hall"], pause_s=0))
        company.does(company.write(tab, company.rooms["corner"], pause_s=0))
    return struck


async def _acquainted(scene: Scene, number: int) -> tuple[Tab, Tab]:
    """Return somebody on another web process, and somebody on this one only, who share a room."""
    company = scene.company
    newcomer = company.people[10]
    other = 1 - number
    stays = await join_loyal(scene, "stays", number, newcomer)
    room = await scene.world.room(company.people[11], newcomer, name="Two of us", web=other)
    company.rooms["two"] = room
    # The last to come: who is online still from the run before is told to nobody but newcomers.
    watcher = await join_loyal(scene, "watcher", other, company.people[11])
    heard = _statuses(scene, watcher, newcomer.id)
    await company.until(lambda: heard()[-1:] == ["online"], 10)
    return watcher, stays


def _statuses(scene: Scene, tab: Tab, user: int) -> Callable[[], list[str]]:
    def heard() -> list[str]:
        return [
            event.status
            for event in scene.history.of(PresenceSeen)
            if event.tab == tab.name and event.user == user
        ]

    return heard


def _status(base_url: str) -> int:
    return httpx.get(f"{base_url}/livez", timeout=5, trust_env=False).status_code
