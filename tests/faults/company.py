"""The people of a run: who writes, edits, reads on two devices, only listens, or is not in the room at all."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from typing import Any, Self

from tests.faults.history import History
from tests.faults.tab import Tab
from tests.faults.world import World
from tests.flows.client import Refusal
from tests.people import Person

_EMOJIS = ("👍", "🎉", "👀")
# What a writer waits at most before it writes again.
_PAUSE_S = 0.08


class Company:
    """Tabs in rooms, each connected to a web process or through nginx, and what they do all the time.

    In the hall are all but the stranger; in the corner the four writers. `rooms` and `tabs` are by name. Add more
    with `join(name, person, web)` and `does(coroutine)`.
    """

    def __init__(self, world: World, history: History, rng: random.Random) -> None:
        self.world = world
        self.history = history
        self.rng = rng
        self.tabs: dict[str, Tab] = {}
        self.rooms: dict[str, int] = {}
        self.people: list[Person] = []
        # How long everybody may take to read to the end.
        self.quiet_s = 30.0
        self._is_over = False
        self._tasks: list[asyncio.Task[None]] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        guests = list(self.world.guests)
        self.rng.shuffle(guests)
        self.people = guests
        *inside, stranger = guests[:8]
        self.rooms["hall"] = await self.world.room(inside[0], *inside[1:], name="Hall")
        self.rooms["corner"] = await self.world.room(inside[1], *inside[:4], name="Corner")
        self.rooms["elsewhere"] = await self.world.room(stranger, name="Elsewhere")
        last = len(self.world.webs) - 1
        webs: list[int | None] = [0, last, None, None, None, 0, None, last]
        await asyncio.gather(
            *(
                self.join(f"writer-{number}", person, web)
                for number, (person, web) in enumerate(zip(inside[:4], webs, strict=False))
            ),
            self.join("editor", inside[4], webs[4]),
            self.join("phone", inside[5], webs[5]),
            self.join("laptop", inside[5], webs[6]),
            self.join("listener", inside[6], webs[7]),
            self.join("stranger", stranger, None),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(tab.leave() for tab in self.tabs.values()))

    async def join(self, name: str, person: Person, web: int | None) -> Tab:
        """Let somebody connect: first to a web process, after that to any; None is always through nginx."""
        numbers = range(len(self.world.webs))
        urls = [self.world.url(web)]
        if web is not None:
            urls += [self.world.url(number) for number in numbers if number != web]
        tab = Tab(name, person, urls, self.history)
        self.tabs[name] = tab
        tab.come()
        await tab.synced()
        return tab

    def does(self, deed: Coroutine[Any, Any, None]) -> None:
        """Let something go on until the writers stop; look at `is_over`."""
        self._tasks.append(asyncio.get_running_loop().create_task(deed))

    @property
    def is_over(self) -> bool:
        """Whether the writers are to stop."""
        return self._is_over

    @property
    def writers(self) -> list[Tab]:
        """The tabs that only write."""
        return [tab for name, tab in self.tabs.items() if name.startswith("writer-")]

    def begin(self) -> None:
        """Let everybody do what they do."""
        hall, corner = self.rooms["hall"], self.rooms["corner"]
        for tab in self.writers:
            self.does(self.write(tab, hall))
            self.does(self.write(tab, corner))
        self.does(self.edit(self.tabs["editor"], hall))
        self.does(self.write(self.tabs["stranger"], self.rooms["elsewhere"], pause_s=0.5))
        for name in ("phone", "laptop"):
            self.does(self.read(self.tabs[name], hall))

    async def write(self, tab: Tab, room: int, pause_s: float = _PAUSE_S) -> None:
        """Write one message after another in a room, now and then in reply to an own one."""
        rng = random.Random(f"{self.rng.random()} {tab.name} {room}")
        count = 0
        with suppress(Refusal):  # put out of the room
            while not self._is_over:
                count += 1
                own = [mine for mine in tab.mine[-20:] if mine.room == room]
                parent = rng.choice(own) if own and rng.random() < 0.1 else None
                await tab.say(room, f"{tab.name} {room}:{count} 안녕하세요, hello", parent)
                await asyncio.sleep(rng.uniform(0, pause_s))

    async def edit(self, tab: Tab, room: int) -> None:
        """Write, then edit, delete, and react."""
        rng = random.Random(f"{self.rng.random()} {tab.name}")
        count = 0
        with suppress(Refusal):
            while not self._is_over:
                count += 1
                mine = await tab.say(room, f"{tab.name} {count}")
                with suppress(Refusal):  # of a message that is deleted already
                    await tab.revise(mine.id, "body", f"{tab.name} {count}, edited once")
                    await tab.revise(mine.id, "body", f"{tab.name} {count}, edited twice")
                    if rng.random() < 0.2:
                        await tab.revise(mine.id, "deleted", "yes")
                    # After a reset there may be none.
                    if others := list(tab.shown[room]):
                        emoji = f"reaction:{rng.choice(_EMOJIS)}"
                        await tab.revise(rng.choice(others), emoji, rng.choice(["yes", "no"]))
                await asyncio.sleep(rng.uniform(0, 2 * _PAUSE_S))

    async def read(self, tab: Tab, room: int) -> None:
        """Read up to what is shown, again and again."""
        while not self._is_over:
            await tab.mark_read(room)
            await asyncio.sleep(self.rng.uniform(0.1, 0.4))

    # --- waiting

    @property
    def answers_count(self) -> int:
        """How many posts have been answered, ok or not."""
        return sum(tab.answers_count for tab in self.tabs.values())

    async def answered(self, count: int, within_s: float = 60) -> None:
        """Wait until so many more posts have been answered, ok or not."""
        wanted = self.answers_count + count
        await self.until(lambda: self.answers_count >= wanted, within_s)

    async def until(self, holds: Callable[[], bool], within_s: float = 60) -> None:
        """Wait until something holds; a task of ours that fails meanwhile ends it."""
        async with asyncio.timeout(within_s):
            while not holds():
                for task in self._tasks:
                    if task.done():
                        task.result()
                for tab in self.tabs.values():
                    tab.check()
                await asyncio.sleep(0.02)

    async def finish(self) -> None:
        """Let everybody have their last answer."""
        self._is_over = True
        await asyncio.gather(*self._tasks)

    async def quiet(self) -> list[str]:
        """Wait until everybody has read to the end; return who has not."""
        ids = ", ".join(map(str, self.rooms.values()))
        last = dict(await self.world.sql(f"SELECT id, last_seq FROM chat_room WHERE id IN ({ids})"))

        async def read(tab: Tab) -> list[str]:
            try:
                await tab.until(
                    lambda: (
                        tab.is_synced and all(seq >= last.get(room, 0) for room, seq in tab.cursors.items())
                    ),
                    self.quiet_s,
                )
            except (TimeoutError, AssertionError):
                behind = [room for room, seq in tab.cursors.items() if seq < last.get(room, 0)]
                return [f"{tab.name} has not read rooms {behind} to the end within {self.quiet_s:g} s"]
            return []

        late = await asyncio.gather(*(read(tab) for tab in self.tabs.values()))
        return [text for texts in late for text in texts]

    async def list_all(self) -> None:
        """Let everybody come back once more and write down all that is shown."""

        async def look(tab: Tab) -> None:
            await tab.look_again()
            await tab.list_all(self.rooms.values())

        await asyncio.gather(*(look(tab) for tab in self.tabs.values()))
