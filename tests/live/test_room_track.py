from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.live.envelope import RoomChanges
from chat.live.room_track import RoomTrack
from chat.protocol import codec
from tests.live.reader import Reader

ROOM = 5
Move = tuple[int, int, bool]


def run(first: int, last: int, moves: Sequence[Move] = (), size: int = 0) -> RoomChanges:
    frames = tuple(codec.encode({"seq": seq, "x": "x" * size}) for seq in range(first, last + 1))
    return RoomChanges(ROOM, first, frames, tuple(move for move in moves if first <= move[0] <= last))


def track_at(head: int) -> RoomTrack:
    track = RoomTrack(ROOM)
    track.begin(head)
    return track


def follower(track: RoomTrack, holds: int, user: int = 1, fits: int | None = None) -> Reader:
    reader = Reader(user, fits)
    assert track.serve(reader, holds)
    return reader


def test_changes_in_order_go_out_at_once() -> None:
    track = track_at(10)
    reader = follower(track, 10)
    track.accept(run(11, 11))
    track.accept(run(12, 14))
    assert reader.seqs() == [11, 12, 13, 14]
    assert not track.has_hole


def test_a_change_that_comes_too_early_waits_for_the_missing_one() -> None:
    track = track_at(10)
    reader = follower(track, 10)
    track.accept(run(13, 14))
    assert reader.seqs() == []
    assert (track.has_hole, track.hole_end) == (True, 12)
    track.accept(run(11, 12))
    assert reader.seqs() == [11, 12, 13, 14]
    assert not track.has_hole


def test_what_came_already_is_dropped() -> None:
    track = track_at(10)
    reader = follower(track, 10)
    for _ in range(2):
        track.accept(run(9, 12))
    assert reader.seqs() == [11, 12]


def test_before_the_head_is_known_changes_are_only_held() -> None:
    track = RoomTrack(ROOM)
    track.accept(run(11, 12))
    assert not track.has_hole
    track.begin(11)
    reader = follower(track, 11)
    assert reader.seqs() == [12]


def test_the_head_is_set_once() -> None:
    track = track_at(10)
    track.begin(20)
    assert track.delivered == 10


def test_a_follower_gets_nothing_that_it_holds() -> None:
    track = track_at(10)
    ahead = follower(track, 13)
    track.accept(run(11, 15))
    assert ahead.seqs() == [14, 15]


def test_a_newcomer_is_given_what_was_delivered_meanwhile() -> None:
    track = track_at(10)
    track.accept(run(11, 15))
    assert follower(track, 12).seqs() == [13, 14, 15]
    assert follower(track, 15).seqs() == []


def test_a_newcomer_from_before_the_memory_reads_the_log_first() -> None:
    track = track_at(10)
    track.accept(run(11, 80))
    for holds in (9, 10, 15):
        reader = Reader(1)
        assert not track.serve(reader, holds)
        assert reader.seqs() == []
        assert reader not in track.followers
    assert follower(track, 16).seqs() == list(range(17, 81))


def test_the_memory_is_bounded_in_bytes_too() -> None:
    track = track_at(0)
    track.accept(run(1, 10, size=30_000))
    assert not track.serve(Reader(1), 5)
    assert follower(track, 6).seqs() == [7, 8, 9, 10]


def test_who_is_removed_gets_the_change_that_says_so_and_nothing_after() -> None:
    track = track_at(10)
    out, stays = follower(track, 10, user=1), follower(track, 10, user=2)
    track.accept(run(11, 14, [(12, 1, False)]))
    assert (out.seqs(), out.left) == ([11, 12], [ROOM])
    assert (stays.seqs(), stays.left) == ([11, 12, 13, 14], [])
    assert out not in track.followers


def test_when_a_room_ends_everybody_is_out() -> None:
    track = track_at(10)
    readers = [follower(track, 10, user=user) for user in (1, 2)]
    track.accept(run(11, 12, [(11, 0, False)]))
    assert [reader.seqs() for reader in readers] == [[11], [11]]
    assert [reader.left for reader in readers] == [[ROOM], [ROOM]]
    assert not track.followers


def test_who_has_come_back_is_not_put_out_by_the_leaving_before() -> None:
    track = track_at(10)
    back = follower(track, 13)
    track.accept(run(11, 14, [(12, 1, False), (13, 1, True)]))
    assert (back.seqs(), back.left) == ([14], [])


def test_who_left_while_taking_the_room_up_is_out() -> None:
    track = track_at(10)
    track.accept(run(11, 14, [(12, 1, False)]))
    reader = follower(track, 10)
    assert (reader.seqs(), reader.left) == ([11, 12], [ROOM])
    assert reader not in track.followers


def test_joining_puts_nobody_out() -> None:
    track = track_at(10)
    reader = follower(track, 10)
    track.accept(run(11, 12, [(11, 1, True)]))
    assert reader.seqs() == [11, 12]


def test_who_has_no_room_for_a_change_is_let_go_and_told_what_it_holds() -> None:
    track = track_at(10)
    full, stays = follower(track, 10, fits=2), follower(track, 10, user=2)
    track.accept(run(11, 14))
    assert (full.seqs(), full.behind) == ([11, 12], [(ROOM, 12)])
    assert stays.seqs() == [11, 12, 13, 14]
    full.fits = None
    assert track.serve(full, 12)
    assert full.seqs() == [11, 12, 13, 14]


def test_far_ahead_is_not_kept_and_not_forgotten_either() -> None:
    track = track_at(0)
    reader = follower(track, 0)
    track.accept(run(1_000, 3_000))
    assert (track.has_hole, track.hole_end) == (True, 999)
    # Full of what lies ahead, the room still takes what comes next.
    track.accept(run(1, 500))
    track.accept(run(501, 999))
    assert track.delivered == 1_511
    assert (track.has_hole, track.hole_end) == (True, 3_000)
    track.accept(run(1_512, 3_000))
    assert reader.seqs() == list(range(1, 3_001))
    assert not track.has_hole


def test_what_the_log_does_not_have_is_forgotten() -> None:
    track = track_at(10)
    reader = follower(track, 10)
    track.accept(run(10**12, 10**12))
    assert (track.has_hole, track.hole_end) == (True, 10**12 - 1)
    track.disbelieve()
    assert not track.has_hole
    track.accept(run(11, 11))
    assert reader.seqs() == [11]


def test_what_was_delivered_a_moment_ago_can_be_read_again() -> None:
    track = track_at(10)
    track.accept(run(11, 14))

    def seqs(after: int, limit: int = 100) -> list[int] | None:
        found = track.recent(after, limit)
        return None if found is None else [codec.decode_own(frame)["seq"] for frame in found]

    assert seqs(10) == [11, 12, 13, 14]
    assert seqs(12) == [13, 14]
    assert seqs(10, limit=2) == [11, 12]
    assert seqs(14) == []
    # Further back, and ahead of what is known here: the log must say.
    assert seqs(9) is None
    assert seqs(15) is None
    track.accept(run(15, 100))
    assert seqs(14) is None
    assert seqs(36) == list(range(37, 101))


N = 12
runs = st.tuples(st.integers(1, N), st.integers(0, 4)).map(lambda pair: (pair[0], min(N, sum(pair))))


@given(
    head=st.none() | st.integers(0, N),
    steps=st.lists(runs | st.tuples(st.just("follow"), st.integers(0, N)), max_size=40),
    leaves_at=st.integers(2, N - 1),
    stays_away=st.integers(1, 4),
)
def test_any_order_repeat_and_loss_gives_each_follower_each_change_once(
    head: int | None, steps: list[tuple[int | str, int]], leaves_at: int, stays_away: int
) -> None:
    # User 1 leaves and comes back; user 2 stays.
    back_at = leaves_at + stays_away
    moves: list[Move] = [(leaves_at, 1, False), (back_at, 1, True)]
    track = RoomTrack(ROOM)
    if head is not None:
        track.begin(head)
    readers: list[tuple[Reader, int]] = []
    for first, second in steps:
        if first != "follow":
            assert isinstance(first, int)
            track.accept(run(first, second, moves))
        elif track.delivered is not None:
            for user in (1, 2):
                reader = Reader(user)
                if track.serve(reader, second):
                    readers.append((reader, second))
    if track.delivered is None:
        track.begin(0)
    # The hub reads each hole from the log, and the reconciler what nobody told of.
    while track.has_hole:
        assert track.delivered is not None
        track.accept(run(track.delivered + 1, track.hole_end, moves))
    assert track.delivered is not None
    track.accept(run(track.delivered + 1, N, moves))
    for reader, holds in readers:
        is_put_out = reader.user_id == 1 and holds < leaves_at
        last = leaves_at if is_put_out else N
        assert reader.seqs() == list(range(holds + 1, last + 1))
        assert reader.left == ([ROOM] if is_put_out else [])


@pytest.mark.parametrize("count", [1, 3])
def test_a_change_is_offered_as_the_same_bytes_to_all(count: int) -> None:
    track = track_at(0)
    readers = [follower(track, 0, user=user) for user in range(count)]
    track.accept(run(1, 1))
    assert [reader.frames for reader in readers] == [[{"seq": 1, "x": ""}]] * count
