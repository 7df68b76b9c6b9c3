from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.live.bucket import Buckets, TokenBucket


def test_burst_goes_at_once_and_then_the_rate() -> None:
    bucket = TokenBucket(rate_per_s=5, burst=3)
    assert [bucket.take(100.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert bucket.take(100.0) == pytest.approx(0.2)
    assert bucket.take(100.1) == pytest.approx(0.1)
    assert bucket.take(100.2) == 0.0
    assert bucket.take(100.2) == pytest.approx(0.2)


def test_rest_fills_up_to_the_burst_and_no_further() -> None:
    bucket = TokenBucket(rate_per_s=1, burst=2)
    bucket.take(0.0)
    assert [bucket.take(1_000.0) > 0 for _ in range(3)] == [False, False, True]


def test_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(rate_per_s=1, burst=1)
    assert bucket.take(10.0) == 0.0
    assert bucket.take(5.0) == pytest.approx(1.0)


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 50),
    pauses=st.lists(st.floats(0, 5), max_size=200),
)
def test_never_more_than_burst_and_rate_allow(rate: float, burst: int, pauses: list[float]) -> None:
    bucket, now, taken = TokenBucket(rate, burst), 0.0, 0
    for pause in pauses:
        now += pause
        taken += bucket.take(now) == 0.0
        assert taken <= burst + now * rate + 1e-6


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 5), start=st.floats(0, 1e6))
def test_who_waits_as_told_is_let_through(rate: float, burst: int, start: float) -> None:
    bucket, now = TokenBucket(rate, burst), start
    for _ in range(burst + 5):
        wait_s = bucket.take(now)
        if wait_s:
            now += wait_s + 1e-3
            assert bucket.take(now) == 0.0


def test_keys_do_not_share() -> None:
    buckets = Buckets(rate_per_s=1, burst=1, max_count=10)
    assert [buckets.take(1, 0.0), buckets.take(2, 0.0)] == [0.0, 0.0]
    assert buckets.take(1, 0.0) > 0


def test_only_the_last_used_keys_are_kept() -> None:
    buckets = Buckets(rate_per_s=1, burst=1, max_count=2)
    for key in (1, 2, 1, 3):
        buckets.take(key, 0.0)
    assert len(buckets) == 2
    assert buckets.take(1, 0.0) > 0
    assert buckets.take(2, 0.0) == 0.0
