"""F-80 and F-81: workers that are killed in the middle, a broker that forgets, work that cannot be done."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery
from redis import Redis

from scripts.services import Worker
from tests.faults.checks.case import Bounds
from tests.faults.parts import Part, Starter
from tests.faults.rows import row
from tests.faults.scene import Scene

_SWEEP = "chat.outbox.sweep"
# Of tasks that the table of queues does not name.
_QUEUE = "fast"
_COUNT = 30
_DONE_S = 60.0
_UNNOTICED = Bounds(recovery_s=2, delivery_s=3, available_share=1.0, reconnects_max_count=0)
_ADD = (
    "INSERT INTO chat_outboxentry (task, key, payload, created_at, not_before, attempts, last_error)"
    " VALUES (%s, %s, %s, now(), now(), 0, '')"
)
# A claim ends by itself after minutes, and who has failed waits: both are over now.
_LATER = "UPDATE chat_outboxentry SET claimed_until = now(), not_before = now() WHERE done_at IS NULL"


@row("F-80", "the worker is killed in the middle of its work and the broker is emptied", bounds=_UNNOTICED)
async def worker_killed_at_work(scene: Scene) -> AsyncIterator[None]:
    async with _workshop(scene) as shop:
        for number in range(_COUNT):
            await shop.add("tests.faults.work", {"name": f"job-{number}", "takes_s": 0.2})
        await asyncio.to_thread(shop.nudge)
        least = scene.rng.randint(2, 8)
        await scene.company.until(lambda: len(shop.notes("begun")) >= least)
        await shop.worker.kill()
        half = set(shop.notes("begun")) - set(shop.notes("done"))
        scene.expect(bool(half), "the worker was not killed in the middle of anything: the row has missed it")
        await asyncio.to_thread(shop.empty_broker)
        await shop.worker.start()
        yield
        await shop.settled(lambda open_count: open_count == 0)
        done = Counter(shop.notes("done"))
        scene.expect(len(done) == _COUNT, f"{_COUNT - len(done)} of {_COUNT} were never done")
        # Who was in the middle begins again; nobody else is done twice.
        twice = {name for name, count in Counter(shop.notes("begun")).items() if count > 1}
        scene.expect(half <= twice, f"{half - twice} was not taken up again")
        scene.expect(twice <= half, f"{twice - half} was done twice without need")


@row("F-81", "work that fails each time is put aside, and the rest is done", bounds=_UNNOTICED)
async def poisoned_work(scene: Scene) -> AsyncIterator[None]:
    async with _workshop(scene) as shop:
        poison = scene.rng.randrange(_COUNT)
        for number in range(_COUNT):
            task, payload = "tests.faults.work", {"name": f"job-{number}", "takes_s": 0.0}
            if number == poison:
                task, payload = "tests.faults.fail", {"name": f"job-{number}"}
            await shop.add(task, payload)
        await asyncio.to_thread(shop.nudge)
        await shop.settled(lambda open_count: open_count <= 1)
        scene.expect(len(set(shop.notes("done"))) == _COUNT - 1, "the rest was not done beside the poison")
        yield
        await shop.settled(lambda open_count: open_count == 0)
        found = await scene.world.sql(
            "SELECT attempts, last_error, done_at FROM chat_outboxentry WHERE parked_at IS NOT NULL"
        )
        scene.expect(len(found) == 1, f"{len(found)} entries were put aside")
        for attempts, error, done_at in found:
            scene.expect(1 < attempts <= 10, f"it was tried {attempts} times")
            scene.expect(error.startswith("ValueError") and done_at is None, f"its row says {error!r}")
            count = Counter(shop.notes("begun"))[f"job-{poison}"]
            scene.expect(count == attempts, f"it was tried {count} times, {attempts} are counted")


class _Shop:
    """A worker that knows slow and failing tasks, and their entries."""

    def __init__(self, scene: Scene, worker: Part[Worker], folder: Path) -> None:
        self.worker = worker
        self._scene = scene
        self._folder = folder
        env = scene.world.webs[0].process.env or {}
        self._url = env["REDIS_URL"].removesuffix("/0") + "/1"

    async def add(self, task: str, payload: dict[str, Any]) -> None:
        """Add an entry, as a change would."""
        await asyncio.to_thread(self._execute, _ADD, task, payload["name"], json.dumps(payload))

    def nudge(self) -> None:
        """Wake the worker up, as a web process does."""
        with Celery(broker=self._url, set_as_current=False) as app:
            app.send_task(_SWEEP, queue=_QUEUE, expires=30)

    def empty_broker(self) -> None:
        """Forget every nudge, those that are being worked on too."""
        with Redis.from_url(self._url) as broker:
            broker.flushdb()

    def notes(self, what: str) -> list[str]:
        """Return what was begun or done, in order."""
        path = self._folder / f"work-{what}"
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    async def settled(self, holds: Any) -> None:
        """Let time pass, for claims and for those that wait, until so many entries are open."""
        query = "SELECT count(*) FROM chat_outboxentry WHERE done_at IS NULL AND parked_at IS NULL"
        try:
            async with asyncio.timeout(_DONE_S):
                while not holds((await self._scene.world.sql(query))[0][0]):
                    await asyncio.to_thread(self._execute, _LATER)
                    await asyncio.to_thread(self.nudge)
                    await asyncio.sleep(0.5)
        except TimeoutError:
            self._scene.expect(False, f"work was left after {_DONE_S:g} s")

    def _execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self._scene.world.postgres.process.url, autocommit=True) as connection:
            connection.execute(statement.encode(), values)


@asynccontextmanager
async def _workshop(scene: Scene) -> AsyncIterator[_Shop]:
    folder = scene.world.folder / f"work-{scene.rng.randrange(1 << 32):08x}"
    folder.mkdir()
    env = {**(scene.world.webs[0].process.env or {}), "FAULTS_FOLDER": str(folder)}
    process = Worker(folder, env=env)
    process.command = [*process.command, "--include", "tests.faults.slow_tasks"]
    starter = Starter()
    shop = _Shop(scene, Part(process, starter), folder)
    await asyncio.to_thread(shop._execute, "DELETE FROM chat_outboxentry")
    try:
        await shop.worker.start()
        yield shop
    finally:
        await shop.worker.kill()
        starter.close()
