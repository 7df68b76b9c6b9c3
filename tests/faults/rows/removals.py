"""F-72, F-75 and F-76: who is put out of a room or into one while people write, also while Redis is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tests.faults.checks.case import Bounds
from tests.faults.history import ReadMarked
from tests.faults.rows import row
from tests.faults.rows.restarts import join_loyal
from tests.faults.scene import Scene
from tests.faults.tab import Tab

_AWAY_BOUNDS = Bounds(recovery_s=5, delivery_s=5)
# While Redis is away web processes look every three seconds, give or take; a busy machine adds to it.
_TOLD_S = 10.0


@row(
    "F-72",
    "people are removed, banned and muted while they write",
    bounds=Bounds(recovery_s=5),
    is_smoke=True,
)
async def removed_while_writing(scene: Scene) -> AsyncIterator[None]:
    await _put_out(scene)
    yield


@row("F-72b", "people are removed, banned and muted while they write and Redis is away", bounds=_AWAY_BOUNDS)
async def removed_without_redis(scene: Scene) -> AsyncIterator[None]:
    await scene.world.redis.kill()
    await scene.company.answered(10)
    await _put_out(scene)
    yield
    await scene.world.redis.start()


@row("F-75", "people are put into rooms while Redis is away", bounds=_AWAY_BOUNDS)
async def put_in_without_redis(scene: Scene) -> AsyncIterator[None]:
    company, world = scene.company, scene.world
    owner, person = company.people[8:10]
    closed = await world.room(owner, name="Closed")
    # One stays with each web process, and the owner asks the one or the other.
    tabs = [await join_loyal(scene, f"added-{web}", web, person) for web in range(2)]
    await world.redis.kill()
    await company.answered(10)
    web = scene.rng.randrange(2)
    await world.ask(owner, "POST", f"/rooms/{closed}/members", {"user": person.id}, web)
    direct = (await world.ask(owner, "POST", "/directs", {"users": [person.id]}, 1 - web))["id"]
    company.rooms |= {"closed": closed, "direct": direct}
    writer = await join_loyal(scene, "owner", web, owner)
    for room in (closed, direct):
        await _learn(scene, tabs, room)
        result = await writer.say(room, "welcome")
        seq = writer.cursors[room]
        for tab in tabs:
            try:
                await tab.reads(room, seq, _TOLD_S)
            except TimeoutError:
                scene.expect(False, f"{tab.name} does not read message {result.id} of room {room}")
    yield
    await world.redis.start()


@row("F-76", "a room is read on one device while Redis is away", bounds=_AWAY_BOUNDS)
async def read_without_redis(scene: Scene) -> AsyncIterator[None]:
    company = scene.company
    reader, writer = company.people[8:10]
    company.rooms["quiet"] = room = await scene.world.room(writer, reader, name="Quiet")
    devices = [await join_loyal(scene, f"device-{web}", web, reader) for web in range(2)]
    author = await join_loyal(scene, "author", 0, writer)
    await scene.world.redis.kill()
    await company.answered(10)
    for number in range(2):
        await author.say(room, f"read me {number}")
        for device in devices:
            await device.reads(room, author.cursors[room], _TOLD_S)
        one, other = devices[number], devices[1 - number]
        await one.mark_read(room)
        marked = max(event.msg_no for event in scene.history.of(ReadMarked) if event.tab == one.name)

        def is_told(other: Tab = other, marked: int = marked) -> bool:
            return any(
                event["type"] == "read" and event["room"] == room and event["msg_no"] == marked
                for event in other.events
            )

        try:
            await other.until(is_told, _TOLD_S)
        except TimeoutError:
            scene.expect(False, f"{other.name} still shows what {one.name} has read")
    yield
    await scene.world.redis.start()


async def _learn(scene: Scene, tabs: list[Tab], room: int) -> None:
    for tab in tabs:
        try:
            await tab.until(lambda tab=tab: room in tab.rooms, _TOLD_S)  # type: ignore[misc]
        except TimeoutError:
            scene.expect(False, f"{tab.name} has not learnt of room {room} within {_TOLD_S:g} s")


async def _put_out(scene: Scene) -> None:
    """Remove, ban and mute one each of three people, who write from both web processes."""
    company, world = scene.company, scene.world
    hall, owner = company.rooms["hall"], company.people[0]
    people = company.people[8:11]
    tabs: dict[int, list[Tab]] = {}
    for person in people:
        await world.ask(owner, "POST", f"/rooms/{hall}/members", {"user": person.id})
        tabs[person.id] = [await join_loyal(scene, f"{person.handle}-{web}", web, person) for web in range(2)]
        for tab in tabs[person.id]:
            company.does(company.write(tab, hall, pause_s=0.02))
    removed, banned, muted = people
    await company.until(lambda: all(len(tab.mine) >= 3 for some in tabs.values() for tab in some))
    deeds: list[tuple[str, str, dict[str, str] | None]] = [
        ("DELETE", f"/rooms/{hall}/members/{removed.id}", None),
        ("PUT", f"/rooms/{hall}/bans/{banned.id}", {}),
        ("PUT", f"/rooms/{hall}/members/{muted.id}/mute", {}),
    ]
    scene.rng.shuffle(deeds)
    await asyncio.gather(
        *(world.ask(owner, method, path, body, scene.rng.randrange(2)) for method, path, body in deeds)
    )
    for person in (removed, banned):
        for tab in tabs[person.id]:
            try:
                await tab.until(lambda tab=tab: hall not in tab.rooms, _TOLD_S)  # type: ignore[misc]
            except TimeoutError:
                scene.expect(False, f"{tab.name} is not told that it is out")
    # What they still say is refused, and what was on its way when it happened is on one side of it or the other.
    await company.answered(20)

    async def nothing_after() -> None:
        for person in people:
            seqs = await world.sql(
                f"SELECT seq FROM chat_change WHERE room_id = {hall} AND subject_id = {person.id} ORDER BY seq"
            )
            late = await world.sql(
                f"SELECT seq FROM chat_message WHERE room_id = {hall} AND sender_id = {person.id} "
                f"AND seq > {seqs[-1][0]}"
            )
            scene.expect(len(seqs) == 2, f"{person.handle} has {len(seqs)} changes of membership")
            scene.expect(not late, f"{person.handle} wrote seqs {[seq for (seq,) in late][:5]} after the end")

    scene.later(nothing_after)
