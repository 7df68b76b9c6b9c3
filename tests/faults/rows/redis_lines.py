"""F-1x: hints that do not arrive, a Redis that has forgotten, another Redis that takes over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from scripts.services import Redis
from scripts.services.process import until
from tests.faults.checks.case import Bounds
from tests.faults.history import PresenceSeen
from tests.faults.parts import Part, Starter
from tests.faults.resp import RedisProxy
from tests.faults.rows import row
from tests.faults.rows.restarts import closes_count, join_loyal, restarted_with
from tests.faults.scene import Scene
from tests.faults.sentinels import PRIMARY, Sentinels

# A probe leaves each second and is late after three.
_NOTICED_S = 10.0


@row(
    "F-11",
    "Redis is restarted and has forgotten everything",
    lasts_s=1,
    bounds=Bounds(recovery_s=5, delivery_s=3, presence_s=10, available_share=0.99, reconnects_max_count=0),
)
async def redis_forgets(scene: Scene) -> AsyncIterator[None]:
    company = scene.company
    # Made first: who comes is then told of everybody in it, also of who was online a moment ago.
    company.rooms["two"] = await scene.world.room(
        company.people[11], company.people[10], name="Two of us", web=1
    )
    watcher = await join_loyal(scene, "watcher", 1, company.people[11])
    await scene.world.redis.restart()
    yield
    newcomer = await join_loyal(scene, "newcomer", 0, company.people[10])

    def is_seen() -> bool:
        return any(
            event.status == "online"
            for event in scene.history.of(PresenceSeen)
            if event.tab == watcher.name and event.user == newcomer.person.id
        )

    try:
        await company.until(is_seen, _NOTICED_S)
    except TimeoutError:
        scene.expect(False, f"{newcomer.name} is not seen from the other process")


@row(
    "F-13",
    "one web process loses Redis without a word (black hole)",
    lasts_s=2,
    bounds=Bounds(recovery_s=5, delivery_s=6, available_share=0.99, reconnects_max_count=0),
    is_smoke=True,
)
async def redis_black_hole(scene: Scene) -> AsyncIterator[None]:
    number = scene.rng.randrange(len(scene.world.webs))
    scene.world.links[f"web-{number}>redis"].drop()
    await _degrades(scene, number)
    yield
    scene.expect(not await _is_degraded(scene, 1 - number), f"web-{1 - number} is degraded too")


@row(
    "F-14",
    "one web process publishes and hears nothing",
    lasts_s=2,
    bounds=Bounds(recovery_s=5, delivery_s=6, available_share=0.99, reconnects_max_count=0),
)
async def redis_deaf(scene: Scene) -> AsyncIterator[None]:
    number = scene.rng.randrange(len(scene.world.webs))
    _line(scene, number).hints(lose=1.0)
    await _degrades(scene, number)
    yield
    scene.expect(not await _is_degraded(scene, 1 - number), f"web-{1 - number} is degraded too")


@row(
    "F-18",
    "hints are lost, doubled and reordered, three of ten each",
    lasts_s=6,
    bounds=Bounds(recovery_s=3, delivery_s=15, available_share=0.99, reconnects_max_count=0),
    sends=(40, 150, 40),
)
async def hints_garbled(scene: Scene) -> AsyncIterator[None]:
    lines = [_line(scene, number) for number, _ in enumerate(scene.world.webs)]
    before = [(line.mischief.lost_count, line.mischief.swapped_count) for line in lines]
    for line in lines:
        line.hints(lose=0.3, double=0.3, swap=0.3)
    yield
    for line, (lost_count, swapped_count) in zip(lines, before, strict=True):
        scene.expect(line.mischief.lost_count > lost_count, f"{line.name} has lost nothing")
        scene.expect(line.mischief.swapped_count > swapped_count, f"{line.name} has reordered nothing")


@row(
    "F-1A",
    "the primary of three sentinels is killed and its replica takes over",
    lasts_s=3,
    bounds=Bounds(recovery_s=5, delivery_s=10, available_share=0.9),
)
async def redis_fails_over(scene: Scene) -> AsyncIterator[None]:
    starter = Starter()
    folder = scene.world.folder / f"sentinels-{scene.rng.randrange(1 << 32):08x}"
    sentinels = Sentinels(folder)
    await starter.run(sentinels.__enter__)
    try:
        async with AsyncExitStack() as stack:
            hosts = ",".join(f"{host}:{port}" for host, port in sentinels.addresses)
            for web in scene.world.webs:
                # Redis is reached past the proxies here: its address is what the sentinels say.
                await stack.enter_async_context(
                    restarted_with(web, REDIS_URL=f"redis+sentinel://{hosts}/{PRIMARY}/0")
                )
            await scene.company.answered(40)
            primary = await starter.run(sentinels.primary)
            scene.expect(primary is not None, "the sentinels know no primary")
            if primary is not None:
                await Part(primary, starter).kill()
                closed = closes_count(scene)
                await _takes_over(starter, sentinels, primary)
                await _carries(scene)
                await scene.company.answered(40)
                scene.expect(closes_count(scene) == closed, "a socket was closed")
            yield
    finally:
        await starter.run(sentinels.__exit__)
        starter.close()


@row(
    "F-1B",
    "web processes start while Redis is down",
    lasts_s=2,
    bounds=Bounds(recovery_s=5, delivery_s=6),
)
async def redis_down_at_start(scene: Scene) -> AsyncIterator[None]:
    await scene.world.redis.kill()
    await scene.world.rolling_restart()
    await scene.company.until(lambda: all(tab.is_synced for tab in scene.company.tabs.values()))
    for number, _ in enumerate(scene.world.webs):
        # What speaks with Redis starts with the first socket.
        await join_loyal(scene, f"early-{number}", number)
        await _degrades(scene, number)
    closed = closes_count(scene)
    yield
    await scene.world.redis.start()
    await _carries(scene)
    scene.expect(closes_count(scene) == closed, "a socket was closed")


def _line(scene: Scene, number: int) -> RedisProxy:
    line = scene.world.links[f"web-{number}>redis"]
    assert isinstance(line, RedisProxy)
    return line


async def _is_degraded(scene: Scene, number: int) -> bool:
    return bool(await asyncio.to_thread(scene.world.figure, number, "maru_layer_degraded"))


async def _degrades(scene: Scene, number: int) -> None:
    def is_degraded() -> bool:
        return bool(scene.world.figure(number, "maru_layer_degraded"))

    has_noticed = await asyncio.to_thread(until, is_degraded, _NOTICED_S)
    scene.expect(has_noticed, f"web-{number} has not noticed within {_NOTICED_S:g} s")


async def _takes_over(starter: Starter, sentinels: Sentinels, before: Redis) -> None:
    def has_other() -> bool:
        now = sentinels.primary()
        return now is not None and now is not before

    assert await starter.run(until, has_other, 60), "no other server has become the primary"


async def _carries(scene: Scene) -> None:
    try:
        await scene.world.redis_carries()
    except AssertionError as error:
        scene.expect(False, str(error))
