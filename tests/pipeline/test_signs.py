from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.pipeline import jobs, signs
from scripts.services import Redis
from tests.pipeline.jobs import jobs_redis

pytestmark = pytest.mark.slow


@pytest.fixture
def redis(tmp_path: Path, settings: Any) -> Iterator[Redis]:
    settings.HAS_WORKERS = True
    with jobs_redis(tmp_path) as running:
        yield running


def given(*all_of_them: signs.Sign) -> None:
    for sign in all_of_them:
        sign.give()
        sign.wait()


def elsewhere(sign: signs.Sign, machine: str) -> signs.Sign:
    sign.field = sign.field.replace(":", f":{machine}", 1)
    return sign


def age(sign: signs.Sign, seconds: int) -> None:
    """Have a sign be so old."""
    client: Any = jobs.redis()
    at, _, says = client.hget(signs.KEY, sign.field).decode().partition(" ")
    client.hset(signs.KEY, sign.field, f"{int(at) - seconds} {says}")


def test_nobody_is_heard_of_before_the_first_sign(redis: Redis) -> None:
    assert signs.heard() == signs.NOBODY


def test_workers_of_several_machines_and_the_clock_are_heard_of(redis: Redis) -> None:
    given(
        signs.worker(["fast", "mail"]),
        elsewhere(signs.worker(["fast"]), "two"),
        elsewhere(signs.beat(), "two"),
    )
    assert signs.heard() == signs.Heard(2, {"fast": 2, "mail": 1}, 1)


def test_who_is_silent_for_a_minute_is_away(redis: Redis) -> None:
    worker, beat = signs.worker(["fast"]), signs.beat()
    given(worker, beat)
    age(worker, signs.SILENT_S - 5)
    assert signs.heard().workers_count == 1
    age(worker, 10)
    assert signs.heard() == signs.Heard(0, {}, 1)


def test_a_sign_is_written_every_ten_seconds_and_not_more_often(redis: Redis) -> None:
    sign = signs.worker(["fast"])
    given(sign)
    age(sign, 1_000)
    given(sign)
    assert signs.heard().workers_count == 0
    sign._next_at = 0.1
    given(sign)
    assert signs.heard().workers_count == 1


def test_signs_of_those_who_are_gone_are_taken_out(redis: Redis) -> None:
    gone = elsewhere(signs.worker(["io"]), "gone")
    given(gone)
    age(gone, 4_000)
    given(signs.beat())
    client: Any = jobs.redis()
    assert client.hlen(signs.KEY) == 1
    assert 0 < client.ttl(signs.KEY) <= 3_600


def test_redis_that_is_away_takes_nobody_down(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    redis.stop()
    given(signs.worker(["fast"]))
    assert "signs.not_written" in caplog.text


def test_without_workers_there_are_no_signs(settings: Any) -> None:
    settings.HAS_WORKERS = False
    sign = signs.worker(["fast"])
    given(sign)
    assert sign._thread is None
