"""Whatever happens to envelopes, the carrier and the log: in the end each reader has each change once, in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest
from channels.layers import channel_layers
from django.db import OperationalError
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.live import flush
from chat.live import hub as hub_module
from chat.live.envelope import RoomChanges
from chat.live.hub import Hub, StoredLog
from chat.live.layer import Layer
from chat.live.publish import encode_run
from tests.live import timeless
from tests.live.carrier import Carrier
from tests.live.reader import Reader

ROOMS = (1, 2)
HUBS = 2
# Reconciling, holes, retries and the layer's own recovery all come round many times in it.
QUIET_S = 90.0


class Losing(Carrier):
    """Loses, repeats and delays by dice."""

    def __init__(self, dice: random.Random, loss: float) -> None:
        super().__init__()
        self._dice = dice
        self.loss = loss

    def _deliver(self, channel: str, message: dict[str, Any]) -> None:
        deliver = super()._deliver
        while True:
            if self._dice.random() >= self.loss:
                late_s = self._dice.choice((0.0, 0.0, 0.001, 0.02, 0.1, 1.5))
                asyncio.get_running_loop().call_later(late_s, deliver, channel, message)
            if self._dice.random() >= self.loss / 2:
                return


class Log(StoredLog):
    """A log in memory that can be away."""

    def __init__(self, dice: random.Random) -> None:
        self.heads_now = dict.fromkeys(ROOMS, 0)
        self.is_away = False
        self._dice = dice

    def write(self, room: int, count: int) -> RoomChanges:
        """Append changes."""
        first = self.heads_now[room] + 1
        self.heads_now[room] += count
        return encode_run(self._changes(room, first, self.heads_now[room]))

    async def since(self, room: int, after: int, up_to: int) -> Any:
        await self._visit()
        # A page, shorter than what there is as often as not.
        last = min(up_to, self.heads_now[room], after + self._dice.choice((1, 3, 500)))
        return self._changes(room, after + 1, last)

    async def heads(self, rooms: Sequence[int]) -> dict[int, int]:
        await self._visit()
        return {room: self.heads_now[room] for room in rooms}

    async def epoch(self) -> str:
        await self._visit()
        return "first"

    async def _visit(self) -> None:
        await asyncio.sleep(self._dice.choice((0.0, 0.001, 0.05)))
        if self.is_away:
            raise OperationalError("away")

    def _changes(self, room: int, first: int, last: int) -> Any:
        return [{"type": "noted", "room": room, "seq": seq} for seq in range(first, last + 1)]


class Slow(Reader):
    """Takes only some changes at a time, and takes the room up again from what it holds, as a conversation does."""

    def __init__(self, world: World, hub: Hub, user_id: int) -> None:
        super().__init__(user_id)
        self._world = world
        self._hub = hub

    def offer_change(self, room: int, seq: int, frame: bytes) -> bool:
        if self._world.dice.random() < 0.3:
            self._world.spawn(self._world.follow(self._hub, self, room, seq - 1))
            return False
        return super().offer_change(room, seq, frame)


class World:
    """Hubs, readers, the carrier between and the log below them."""

    def __init__(self, seed: int, loss: float, *, slow: bool = False) -> None:
        self.slow = slow
        self.dice = random.Random(seed)
        self.carrier = Losing(self.dice, loss)
        channel_layers.set("default", self.carrier)
        self.log = Log(self.dice)
        self.hubs = [Hub(Layer(1), self.log) for _ in range(HUBS)]
        # Reader, room, the seq with which it began.
        self.readers: list[tuple[Hub, Reader, int, int]] = []
        self.coming: set[asyncio.Task[None]] = set()

    async def live(self, story: Sequence[tuple[str, int, int]]) -> None:
        for hub in self.hubs:
            await hub.start()
        for word, first, second in story:
            self.do(word, first, second)
            # A lie is found out before there is more; else it would be taken for what comes then.
            await asyncio.sleep(5.0 if word == "lie" else self.dice.choice((0.0, 0.0, 0.01, 0.5, 4.0)))
        self.log.is_away = self.carrier.is_cut = self.carrier.is_mute = False
        self.carrier.loss = 0.0
        await asyncio.sleep(QUIET_S)
        self.check()
        for task in self.coming:
            task.cancel()
        for hub in self.hubs:
            await hub.stop()

    def do(self, word: str, first: int, second: int) -> None:
        hub, room = self.hubs[first % HUBS], ROOMS[second % len(ROOMS)]
        match word:
            case "write":
                hub.publish([self.log.write(room, 1 + second // 2)])
            case "die":
                # Stored and acknowledged by a process that ended before it told anybody.
                self.log.write(room, 1 + second // 2)
            case "come":
                self.spawn(self.come(hub, room, first))
            case "go" if self.readers:
                place, reader, where, _ = self.readers.pop(first % len(self.readers))
                place.disconnect(reader, [where])
            case "lie":
                # Heard of what the log does not have: it was restored from an older copy.
                ahead = self.log.heads_now[room] + 2 + second
                hub.receive([RoomChanges(room, ahead, (b'{"seq":%d}' % ahead,))])
            case "away":
                self.log.is_away = not self.log.is_away
            case "cut":
                self.carrier.is_cut = not self.carrier.is_cut
            case "mute":
                self.carrier.is_mute = not self.carrier.is_mute

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self.coming.add(asyncio.get_running_loop().create_task(work))

    async def come(self, hub: Hub, room: int, back: int) -> None:
        """Resume as a conversation does."""
        await hub.watch([room])
        holds = max(0, self.log.heads_now[room] - back)
        number = len(self.coming)
        reader = Slow(self, hub, number) if self.slow and number % 2 else Reader(number)
        hub.connect(reader)
        await self.follow(hub, reader, room, holds, is_read=False)
        self.readers.append((hub, reader, room, holds))

    async def follow(self, hub: Hub, reader: Reader, room: int, holds: int, *, is_read: bool = True) -> None:
        """Watch, read, follow, and read on while the hub has forgotten."""
        await asyncio.sleep(0)
        while not (is_read and hub.follow(reader, room, holds)):
            await hub.watch([room])
            try:
                page = await self.log.since(room, holds, 10**9)
            except OperationalError:
                await asyncio.sleep(1.0)
                continue
            for change in page:
                reader.frames.append(change)
                holds = change["seq"]
            is_read = not page

    def check(self) -> None:
        for _, reader, room, began in self.readers:
            assert reader.seqs() == list(range(began + 1, self.log.heads_now[room] + 1))
        assert all(task.done() for task in self.coming)
        assert not any(hub.layer.is_degraded for hub in self.hubs)


words = st.sampled_from(["write"] * 6 + ["come"] * 3 + ["die", "go", "away", "cut", "mute"])
steps = st.lists(st.tuples(words, st.integers(0, 5), st.integers(0, 5)), max_size=40)


@settings(max_examples=500, deadline=None)
@given(story=steps, seed=st.integers(0, 2**32), loss=st.sampled_from([0.0, 0.3, 0.9]))
def test_whatever_happens_each_reader_has_each_change_once_in_order(
    story: list[tuple[str, int, int]], seed: int, loss: float
) -> None:
    timeless.run(World(seed, loss).live(story))


@settings(max_examples=300, deadline=None)
@given(story=steps, seed=st.integers(0, 2**32), sends=st.sampled_from([1, 2, 256]))
def test_however_slow_readers_are_and_however_walks_are_cut_up_it_is_the_same(
    story: list[tuple[str, int, int]], seed: int, sends: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "SENDS_COUNT", sends)
        patch.setattr(flush, "BIG_COUNT", 2)
        patch.setattr(flush, "REST_S", 0.01)
        timeless.run(World(seed, 0.3, slow=True).live(story))


@settings(max_examples=200, deadline=None)
@given(
    story=st.lists(
        st.tuples(st.sampled_from(["write", "come", "lie"]), st.integers(0, 5), st.integers(0, 5)),
        max_size=30,
    ),
    seed=st.integers(0, 2**32),
)
def test_what_the_log_does_not_have_holds_nobody_up(story: list[tuple[str, int, int]], seed: int) -> None:
    timeless.run(World(seed, 0.0).live(story))


@pytest.mark.parametrize("broken", ["_reconcile", "_fill"])
def test_the_law_sees_a_hub_without_one_of_its_repairs(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(hub_module.Hub, broken, never)
    story = [("come", 0, 0), *[("write", 1, 0)] * 8, ("die", 0, 0)]

    def try_some() -> None:
        for seed in range(20):
            timeless.run(World(seed, 0.5).live(story))

    with pytest.raises(AssertionError):
        try_some()
