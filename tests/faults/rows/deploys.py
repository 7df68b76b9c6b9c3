"""F-4x and F-2E: processes that are told to end, nginx that is reloaded or dies, schemas that do not fit."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator

import httpx
import psycopg

from scripts.services.ports import can_connect
from tests.faults.checks.case import Bounds
from tests.faults.history import Acked, Event, Invoked, Nacked, Unanswered
from tests.faults.rows import row
from tests.faults.rows.restarts import closes_count, restarted_with, tracebacks_count
from tests.faults.scene import Scene
from tests.faults.tab import Tab
from tests.faults.world import World

# DRAIN_S of these worlds, and what is added until the hard stop.
_HARD_STOP_S = 3.0 + 20.0
_BURST_COUNT = 400
_TABS_COUNT = 6
# So long nothing more has come to a socket, although more is written all the time: it takes no more.
_STUCK_S = 1.0


@row(
    "F-40",
    "rolling SIGTERM of all web processes under load",
    bounds=Bounds(recovery_s=5, reconnects_max_count=2),
    is_smoke=True,
)
async def rolling_deploy(scene: Scene) -> AsyncIterator[None]:
    places = [web.log.stat().st_size for web in scene.world.webs]
    await scene.world.rolling_restart()
    yield
    for web, place in zip(scene.world.webs, places, strict=True):
        scene.expect(not tracebacks_count(web, place), f"{web.name} wrote a traceback")


@row(
    "F-41",
    "SIGTERM while hundreds of messages wait for the writer",
    bounds=Bounds(recovery_s=5),
)
async def drained_full(scene: Scene) -> AsyncIterator[None]:
    number = scene.rng.randrange(2)
    web, company = scene.world.webs[number], scene.company
    async with restarted_with(web, FAILPOINTS="commit.before=pause:1"):
        place = web.log.stat().st_size
        # One connection has no more than some dozens under way.
        burst = [
            await company.join(f"burst-{place}", company.people[place], number)
            for place in range(_TABS_COUNT)
        ]
        names = {tab.name for tab in burst}
        sent = len(list(scene.history.of(Invoked)))
        for count in range(_BURST_COUNT):
            tab = burst[count % len(burst)]
            company.does(_say(tab, company.rooms["hall"], f"{tab.name} {count}"))
        await company.until(lambda: len(list(scene.history.of(Invoked))) >= sent + _BURST_COUNT)
        # More than a batch waits behind the one that is under way.
        waiting = await asyncio.to_thread(scene.world.figure, number, "maru_writer_queue_commands")
        scene.expect(waiting > 50, f"only {waiting:g} commands waited")
        asked_s = scene.history.now_s
        await web.signal(signal.SIGTERM)
        yield
        await web.ended()
        scene.expect(web.returncode == 0, f"{web.name} ended with {web.returncode}")
        scene.expect(not tracebacks_count(web, place), f"{web.name} wrote a traceback")
    waited = {event.key for event in scene.history.of(Invoked) if event.at_s < asked_s and event.tab in names}
    first: dict[str, Event] = {}
    for event in scene.history.events:
        if isinstance(event, (Acked, Nacked, Unanswered)):
            first.setdefault(event.key, event)
    lost = [key for key in waited if not isinstance(first.get(key), (Acked, Nacked))]
    scene.expect(not lost, f"{len(lost)} of {len(waited)} were not answered before the socket was closed")
    unknown = [event for event in scene.history.of(Nacked) if event.code == "unknown_outcome"]
    scene.expect(not unknown, f"{len(unknown)} were answered with unknown_outcome")


@row(
    "F-42",
    "SIGTERM while one client does not read",
    bounds=Bounds(recovery_s=5),
)
async def drained_with_a_stopped_reader(scene: Scene) -> AsyncIterator[None]:
    number = scene.rng.randrange(2)
    web, company = scene.world.webs[number], scene.company
    reader = Tab("reader", company.people[0], [scene.world.url(number)], scene.history)
    company.tabs["reader"] = reader
    reader.hold()
    reader.come()
    await reader.held()
    body = "a long text " * 600
    for _ in range(8):
        company.does(_write_long(scene, company.tabs["writer-1"], body))
    unread, since_s = 0, 0.0

    def is_stuck() -> bool:
        nonlocal unread, since_s
        if reader.unread_bytes != unread:
            unread, since_s = reader.unread_bytes, scene.history.now_s
        written = [event for event in scene.history.of(Acked) if event.at_s > since_s]
        return unread > 0 and len(written) > 5 and scene.history.now_s - since_s > _STUCK_S

    try:
        await company.until(is_stuck, 30)
        place = web.log.stat().st_size
        asked_s = scene.history.now_s
        await web.signal(signal.SIGTERM)
        yield
        await web.ended(_HARD_STOP_S + 5)
        took_s = scene.history.now_s - asked_s
        scene.expect(took_s < _HARD_STOP_S, f"{web.name} took {took_s:.1f} s to end")
        scene.expect(web.returncode == 0, f"{web.name} ended with {web.returncode}")
        scene.expect(not tracebacks_count(web, place), f"{web.name} wrote a traceback")
    finally:
        reader.go_on()
    await web.start()


@row(
    "F-43a",
    "nginx is told to read its configuration anew",
    bounds=Bounds(recovery_s=2, delivery_s=2, available_share=1.0, reconnects_max_count=1),
)
async def nginx_reloaded(scene: Scene) -> AsyncIterator[None]:
    nginx, company = scene.world.nginx, scene.company
    old = {process.pid for process in nginx.tree()[1:]}
    before = closes_count(scene)
    await nginx.signal(signal.SIGHUP)
    await company.until(lambda: any(process.pid not in old for process in nginx.tree()[1:]), 10)
    await company.join("newcomer", company.people[2], None)
    yield
    scene.expect(closes_count(scene) == before, f"{closes_count(scene) - before} sockets were closed")


@row(
    "F-43b",
    "nginx is killed with kill -9 and comes back",
    lasts_s=1,
    bounds=Bounds(recovery_s=5),
)
async def nginx_killed(scene: Scene) -> AsyncIterator[None]:
    await scene.world.nginx.kill()
    yield
    await scene.world.nginx.start()


@row(
    "F-44",
    "a web process is started while the database is not migrated yet",
    lasts_s=3,
    bounds=Bounds(recovery_s=5),
)
async def started_before_the_migration(scene: Scene) -> AsyncIterator[None]:
    world, number = scene.world, scene.rng.randrange(2)
    web = world.webs[number]
    await web.stop()
    app, name = (
        await world.sql(
            "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'chat') "
            "RETURNING app, name"
        )
    )[0]
    place = web.log.stat().st_size
    try:
        await web.spawn()
        said = f"{app}.{name}".encode()
        await scene.company.until(lambda: said in web.log.read_bytes()[place:], 20)
        yield
        scene.expect(web.is_running, f"{web.name} has ended with {web.returncode}")
        is_listening = await asyncio.to_thread(can_connect, ("127.0.0.1", web.process.port))
        scene.expect(not is_listening, f"{web.name} listens before its tables are there")
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            for _ in range(10):
                status = (await client.get(f"{world.nginx.process.base_url}/livez")).status_code
                scene.expect(status == 200, f"nginx answers with {status}")
    finally:
        await asyncio.to_thread(
            _execute,
            world,
            f"INSERT INTO django_migrations (app, name, applied) VALUES ('{app}', '{name}', now())",
        )
    await web.ready()


@row(
    "F-2E",
    "the next version has migrated already: columns, a table and a migration that this one does not know",
    lasts_s=2,
    bounds=Bounds(recovery_s=5),
)
async def next_version_migrates(scene: Scene) -> AsyncIterator[None]:
    world = scene.world
    places = [web.log.stat().st_size for web in world.webs]
    try:
        # As an expanding migration does it: each statement for itself, each new column with a default.
        for statement in _EXPAND:
            await asyncio.to_thread(_execute, world, statement)
            await scene.company.answered(10)
        web = scene.rng.choice(world.webs)
        await web.restart()
        await scene.company.join("newcomer", scene.company.people[2], world.webs.index(web))
        yield
        for web, place in zip(world.webs, places, strict=True):
            scene.expect(not tracebacks_count(web, place), f"{web.name} wrote a traceback")
    finally:
        for statement in _CONTRACT:
            await asyncio.to_thread(_execute, world, statement)


_EXPAND = (
    "ALTER TABLE chat_message ADD COLUMN next_mood varchar(20) NOT NULL DEFAULT ''",
    "ALTER TABLE chat_change ADD COLUMN next_weight integer",
    "ALTER TABLE chat_room ADD COLUMN next_color varchar(20) NOT NULL DEFAULT ''",
    "ALTER TABLE chat_user ADD COLUMN next_pronoun varchar(20) NOT NULL DEFAULT ''",
    "CREATE TABLE chat_next (id bigint PRIMARY KEY, room_id bigint REFERENCES chat_room (id) ON DELETE CASCADE)",
    "INSERT INTO django_migrations (app, name, applied) VALUES ('chat', '0999_next', now())",
)
_CONTRACT = (
    "DELETE FROM django_migrations WHERE name = '0999_next'",
    "DROP TABLE IF EXISTS chat_next",
    "ALTER TABLE chat_user DROP COLUMN IF EXISTS next_pronoun",
    "ALTER TABLE chat_room DROP COLUMN IF EXISTS next_color",
    "ALTER TABLE chat_change DROP COLUMN IF EXISTS next_weight",
    "ALTER TABLE chat_message DROP COLUMN IF EXISTS next_mood",
)


def _execute(world: World, statement: str) -> None:
    with psycopg.connect(world.postgres.process.url, autocommit=True, connect_timeout=5) as connection:
        # As an operator who does not want to stop everybody behind a lock that is waited for.
        connection.execute("SET lock_timeout = '5s'")
        connection.execute(statement.encode())


async def _say(tab: Tab, room: int, body: str) -> None:
    await tab.say(room, body)


async def _write_long(scene: Scene, tab: Tab, body: str) -> None:
    count = 0
    while not scene.company.is_over:
        count += 1
        await tab.say(scene.company.rooms["hall"], f"{body} {scene.rng.random()}")
        await asyncio.sleep(0)
