from hypothesis import given
from hypothesis import strategies as st

from chat.live.envelope import Head, Joined, Lease, RoomChanges, RoomEvent
from chat.live.untold import Untold


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 50), st.integers(1, 4)), max_size=30))
def test_of_each_room_the_furthest_is_kept(runs: list[tuple[int, int, int]]) -> None:
    untold = Untold()
    for room, first, count in runs:
        untold.keep([RoomChanges(room, first, (b"{}",) * count)])
    heads = {room: max(f + c - 1 for r, f, c in runs if r == room) for room, _, _ in runs}
    assert bool(untold) == bool(runs)
    assert sorted(untold.take(), key=repr) == sorted((Head(*head) for head in heads.items()), key=repr)
    assert not untold


def test_what_is_true_for_a_moment_only_is_forgotten() -> None:
    untold = Untold()
    untold.keep([RoomEvent(1, b"{}"), Lease("x", 1, ())])
    assert not untold


def test_it_is_bounded_and_the_oldest_go_first() -> None:
    untold = Untold()
    untold.keep(RoomChanges(room, 1, (b"{}",)) for room in range(6_000))
    untold.keep(Joined(room, (1,)) for room in range(2_000))
    kept = untold.take()
    heads = [item.room for item in kept if isinstance(item, Head)]
    assert heads == list(range(1_000, 6_000))
    assert [item.room for item in kept if isinstance(item, Joined)] == list(range(1_000, 2_000))


def test_what_could_not_be_told_in_short_either_is_kept_again() -> None:
    untold = Untold()
    untold.keep([Head(5, 7), RoomChanges(5, 3, (b"{}",))])
    assert untold.take() == [Head(5, 7)]
