from hypothesis import given
from hypothesis import strategies as st

from chat.live.turnstile import Turnstile


def test_a_burst_enters_at_once_and_the_next_waits_for_its_turn() -> None:
    door = Turnstile(rate_per_s=10, burst=3, most_s=2.0)
    assert [door.enter(100.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert [round(door.enter(100.0) or 0.0, 6) for _ in range(3)] == [0.1, 0.2, 0.3]


def test_the_waiting_room_is_bounded_and_who_is_refused_takes_no_place() -> None:
    door = Turnstile(rate_per_s=8, burst=1, most_s=2.0)
    entered = [door.enter(0.0) for _ in range(1_000)]
    assert len([wait for wait in entered if wait is not None]) == 17
    # A second later there is room for eight again, however many were refused.
    assert len([1 for _ in range(100) if door.enter(1.0) is not None]) == 8


def test_what_was_not_used_is_not_saved_up() -> None:
    door = Turnstile(rate_per_s=10, burst=3, most_s=0.0)
    door.enter(0.0)
    assert len([1 for _ in range(100) if door.enter(1_000.0) is not None]) == 3


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=200), st.integers(1, 20))
def test_never_more_enter_than_burst_and_rate_allow(gaps: list[float], burst: int) -> None:
    door, now, turns = Turnstile(20, burst, 2.0), 0.0, []
    for gap in gaps:
        now += gap
        wait = door.enter(now)
        if wait is not None:
            assert wait <= 2.0
            turns.append(now + wait)
    for index, turn in enumerate(turns):
        inside = [one for one in turns[: index + 1] if one > turn - 1.0 + 1e-6]
        assert len(inside) <= burst + 20
