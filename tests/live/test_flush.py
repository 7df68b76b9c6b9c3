"""How rooms are walked: what leaves at once, what leaves together, and who waits for whom. Counts, no times."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.live import flush, walk
from chat.live.envelope import RoomChanges
from chat.live.flush import Flusher
from chat.live.room_track import RoomTrack
from chat.live.run import FRAME_TARGET_BYTES, Run
from chat.protocol import codec
from tests.live import timeless
from tests.live.reader import Reader

BIG = 1_000
TURNS = -(-BIG // flush.SENDS_COUNT)
Move = tuple[int, int, bool]


def changes(room: int, first: int, last: int, size: int = 0, moves: Sequence[Move] = ()) -> RoomChanges:
    frames = tuple(codec.encode({"seq": seq, "x": "x" * size}) for seq in range(first, last + 1))
    return RoomChanges(room, first, frames, tuple(move for move in moves if first <= move[0] <= last))


class Timed(Reader):
    """Notes when it was given each run."""

    def __init__(self, user_id: int) -> None:
        super().__init__(user_id)
        self.times: list[float] = []

    def offer_run(self, run: Run) -> bool:
        self.times.append(asyncio.get_running_loop().time())
        return super().offer_run(run)


class House:
    """Rooms of one process with their readers."""

    def __init__(self, *sizes: int) -> None:
        self.flusher = Flusher()
        self.rooms: list[RoomTrack] = []
        self.readers: list[list[Timed]] = []
        for room, size in enumerate(sizes):
            track = RoomTrack(room, self.flusher.due)
            track.begin(0)
            self.rooms.append(track)
            self.readers.append([Timed(user) for user in range(1, size + 1)])
            for reader in self.readers[-1]:
                assert track.serve(reader, 0)

    def tell(self, room: int, first: int, last: int | None = None, size: int = 0) -> None:
        self.rooms[room].accept(changes(room, first, last or first, size))

    def told_count(self, room: int) -> int:
        """Return how many readers of a room have been given something."""
        return sum(1 for reader in self.readers[room] if reader.frames)


def handles() -> int:
    """Return how many callbacks and timers the loop has."""
    loop: Any = asyncio.get_running_loop()
    return len(loop._ready) + len([timer for timer in loop._scheduled if not timer.cancelled()])


def test_in_a_small_room_every_change_leaves_at_once_and_nothing_is_planned() -> None:
    async def story() -> None:
        house, before = House(flush.BIG_COUNT - 1), handles()
        for seq in range(1, 20):
            house.tell(0, seq)
            assert all(len(reader.runs) == seq for reader in house.readers[0])
        assert handles() == before

    timeless.run(story())


def test_in_a_big_room_the_first_change_begins_to_leave_at_once_and_goes_on_in_the_next_turns() -> None:
    async def story() -> None:
        house, before = House(BIG), handles()
        house.tell(0, 1)
        for turn in range(1, TURNS + 1):
            assert house.told_count(0) == min(BIG, turn * flush.SENDS_COUNT)
            assert handles() - before == (1 if turn < TURNS else 0)
            await asyncio.sleep(0)
        assert asyncio.get_running_loop().time() == 0

    timeless.run(story())


def test_a_change_is_one_object_for_all_its_readers() -> None:
    async def story() -> None:
        house = House(BIG)
        house.tell(0, 1)
        await asyncio.sleep(1)
        assert len({id(run) for reader in house.readers[0] for run in reader.runs}) == 1
        assert all(len(reader.runs) == 1 for reader in house.readers[0])

    timeless.run(story())


@pytest.mark.parametrize(("burst", "runs"), [(1, 2), (5, 2), (100, 2)])
def test_what_comes_during_a_walk_leaves_together(burst: int, runs: int) -> None:
    async def story() -> None:
        house = House(BIG)
        for seq in range(1, burst + 2):
            house.tell(0, seq)
        await asyncio.sleep(1)
        for reader in house.readers[0]:
            assert len(reader.runs) == runs
            assert reader.seqs() == list(range(1, burst + 2))

    timeless.run(story())


def test_what_leaves_together_is_cut_into_frames() -> None:
    async def story() -> None:
        house = House(3)
        house.tell(0, 1, 200, size=1_000)
        for reader in house.readers[0]:
            assert reader.seqs() == list(range(1, 201))
            assert len(reader.runs) == 5
            assert all(run.size_bytes <= FRAME_TARGET_BYTES for run in reader.runs)

    timeless.run(story())


def test_a_busy_big_room_leaves_on_a_tick_and_nothing_waits_longer() -> None:
    async def story() -> None:
        house, told = House(BIG), 400
        loop = asyncio.get_running_loop()
        offered: dict[int, float] = {}
        for seq in range(1, told + 1):
            offered[seq] = loop.time()
            house.tell(0, seq)
            await asyncio.sleep(0.002)
        await asyncio.sleep(1)
        reader = house.readers[0][-1]
        assert reader.seqs() == list(range(1, told + 1))
        waits = [
            when - offered[seq]
            for when, run in zip(reader.times, reader.runs, strict=True)
            for seq in range(run.first, run.last + 1)
        ]
        assert max(waits) <= flush.TICK_S + 1e-9
        # 0.8 s in ticks, and the first few changes on the way there.
        assert len(reader.runs) <= 0.8 / flush.TICK_S + 6

    timeless.run(story())


def test_a_big_room_with_a_change_now_and_then_never_waits() -> None:
    async def story() -> None:
        house, before = House(BIG), handles()
        loop = asyncio.get_running_loop()
        for seq in range(1, 20):
            at = loop.time()
            house.tell(0, seq)
            for _ in range(TURNS):
                await asyncio.sleep(0)
            assert {reader.times[-1] for reader in house.readers[0]} == {at}
            assert handles() == before
            await asyncio.sleep(BIG * flush.REST_S)

    timeless.run(story())


def test_a_small_room_does_not_wait_for_a_big_one() -> None:
    async def story() -> None:
        house = House(10 * BIG, 5)
        house.tell(0, 1)
        house.tell(1, 1)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert house.told_count(1) == 5
        assert house.told_count(0) <= 3 * flush.SENDS_COUNT

    timeless.run(story())


def test_large_frames_are_fewer_in_a_turn() -> None:
    async def story() -> None:
        house = House(BIG)
        house.tell(0, 1, size=40_000)
        assert 0 < house.told_count(0) <= flush.SENDS_COUNT / 4
        await asyncio.sleep(1)
        assert house.told_count(0) == BIG

    timeless.run(story())


def test_what_waits_is_bounded_whatever_is_published() -> None:
    async def story() -> None:
        house = House(300)
        for seq in range(1, 200):
            house.tell(0, seq, size=10_000)
            assert house.rooms[0].walk._waiting_bytes <= walk._WAITING_BYTES
        for seq in range(200, 2_000):
            house.tell(0, seq)
            assert len(house.rooms[0].walk._waiting) <= walk._WAITING_COUNT
        await asyncio.sleep(1)
        assert all(reader.seqs() == list(range(1, 2_000)) for reader in house.readers[0])

    timeless.run(story())


def test_a_reader_that_fails_is_sent_away_and_the_others_go_on() -> None:
    class Failing(Reader):
        def offer_run(self, run: Run) -> bool:
            raise RuntimeError("a fault of ours")

    async def story() -> None:
        house, failing = House(2), Failing(9)
        assert house.rooms[0].serve(failing, 0)
        house.readers[0].append(Timed(3))
        assert house.rooms[0].serve(house.readers[0][2], 0)
        house.tell(0, 1)
        assert failing.is_moved
        assert failing not in house.rooms[0].followers
        house.tell(0, 2)
        assert [reader.seqs() for reader in house.readers[0]] == [[1, 2]] * 3

    timeless.run(story())


def test_who_leaves_during_a_walk_is_given_nothing_more_and_who_comes_holds_it_already() -> None:
    async def story() -> None:
        house = House(BIG)
        track = house.rooms[0]
        house.tell(0, 1)
        gone, back, new = house.readers[0][-1], house.readers[0][-2], Timed(BIG + 1)
        del track.followers[gone]
        del track.followers[back]
        assert track.serve(back, 0)
        assert track.serve(new, 0)
        house.tell(0, 2)
        await asyncio.sleep(1)
        assert (gone.seqs(), back.seqs(), new.seqs()) == ([], [1, 2], [1, 2])

    timeless.run(story())


steps = st.lists(
    st.tuples(
        st.sampled_from(["tell", "tell", "tell", "come", "go", "back", "turn", "rest"]), st.integers(0, 9)
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(steps=steps, sends=st.sampled_from([1, 2, 5, 256]), fits=st.sampled_from([None, 1, 4]))
def test_whoever_comes_goes_and_leaves_while_rooms_are_walked_has_each_change_once_in_order(
    steps: list[tuple[str, int]], sends: int, fits: int | None
) -> None:
    async def story() -> None:
        track, head = RoomTrack(0, Flusher().due), 0
        track.begin(0)
        readers: list[tuple[Reader, int]] = []
        gone: list[Reader] = []
        leavings: dict[int, int] = {}
        for word, number in steps:
            if word == "tell":
                moves = [(head + 1, number, False)] if number < 3 else []
                leavings |= {seq: user for seq, user, _ in moves if user}
                # User 0 would be everybody.
                moves = [move for move in moves if move[1]]
                track.accept(changes(0, head + 1, head + 1 + number % 3, moves=moves))
                head += 1 + number % 3
            elif word == "come":
                reader = Reader(number, fits if number > 5 else None)
                if track.serve(reader, max(0, head - number)):
                    readers.append((reader, max(0, head - number)))
            elif word == "go" and readers:
                gone.append(readers.pop(number % len(readers))[0])
                track.followers.pop(gone[-1], None)
            elif word == "back" and readers:
                # What did not fit is taken up again from what the reader holds.
                reader, _ = readers[number % len(readers)]
                if reader.behind:
                    reader.fits = None
                    track.serve(reader, reader.behind.pop()[1])
            elif word == "turn":
                await asyncio.sleep(0)
            else:
                await asyncio.sleep(0.02)
        await asyncio.sleep(1)
        assert not track.walk.is_under_way
        for reader, began in readers:
            left_at = min(
                (seq for seq, user in leavings.items() if user == reader.user_id and seq > began),
                default=None,
            )
            last = reader.behind[0][1] if reader.behind else left_at or head
            assert reader.seqs() == list(range(began + 1, last + 1))
            assert reader.left == ([0] if left_at is not None and not reader.behind else [])
        for reader in gone:
            seqs = reader.seqs()
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs))) if seqs else True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "SENDS_COUNT", sends)
        patch.setattr(flush, "BIG_COUNT", 2)
        patch.setattr(flush, "REST_S", 0.005)
        timeless.run(story())
