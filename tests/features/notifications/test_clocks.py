from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.features.notifications import clocks
from chat.features.notifications.clocks import Quiet

ZONES = [
    "Asia/Seoul", "UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns",
    "Pacific/Apia", "Africa/Casablanca",
]  # fmt: skip
NEW_YORK = ZoneInfo("America/New_York")
_MINUTE = timedelta(minutes=1)
clock_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
_EPOCH = datetime(2011, 1, 1, tzinfo=UTC)
instants = st.integers(0, 16 * 366 * 24 * 60).map(lambda count: _EPOCH + count * _MINUTE)


def seoul(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo("Asia/Seoul")).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (seoul(21, 59), None),
        (seoul(22), seoul(7, day=11)),
        (seoul(23, 30), seoul(7, day=11)),
        (seoul(0, 10), seoul(7)),
        (seoul(6, 59), seoul(7)),
        (seoul(7), None),
    ],
)
def test_a_night_lasts_past_midnight(now: datetime, until: datetime | None) -> None:
    assert Quiet(time(22), time(7), ZoneInfo("Asia/Seoul")).until(now) == until


def test_a_lunch_ends_the_same_day() -> None:
    lunch = Quiet(time(12), time(13), ZoneInfo("Asia/Seoul"))
    assert lunch.until(seoul(12, 30)) == seoul(13)
    assert lunch.until(seoul(11)) is None


def test_a_night_in_which_the_clock_is_set_forward_is_shorter() -> None:
    night = Quiet(time(22), time(7), NEW_YORK)
    begin = datetime(2026, 3, 7, 22, tzinfo=NEW_YORK)
    until = night.until(begin.astimezone(UTC))
    assert until == datetime(2026, 3, 8, 11, tzinfo=UTC)
    assert until - begin == timedelta(hours=8)


def test_a_night_in_which_the_clock_is_set_back_is_longer() -> None:
    begin = datetime(2026, 10, 31, 22, tzinfo=NEW_YORK)
    until = Quiet(time(22), time(7), NEW_YORK).until(begin.astimezone(UTC))
    assert until is not None
    assert until - begin == timedelta(hours=10)


def test_an_end_that_the_clock_jumps_over_is_when_it_jumps() -> None:
    night = Quiet(time(22), time(2, 30), NEW_YORK)
    assert night.until(datetime(2026, 3, 8, 6, tzinfo=UTC)) == datetime(2026, 3, 8, 7, tzinfo=UTC)


@settings(deadline=None)
@given(st.sampled_from(ZONES), clock_times, clock_times, instants)
# A whole day that Samoa has skipped, and an hour that New York has twice.
@example("Pacific/Apia", time(22), time(8), datetime(2011, 12, 30, 9, 30, tzinfo=UTC))
@example("America/New_York", time(0, 30), time(1, 30), datetime(2026, 11, 1, 6, 10, tzinfo=UTC))
@example("America/New_York", time(3), time(2, 30), datetime(2026, 3, 8, 6, 30, tzinfo=UTC))
@example("Australia/Lord_Howe", time(22), time(2, 15), datetime(2026, 10, 3, 15, 15, tzinfo=UTC))
def test_quiet_ends_at_the_first_minute_that_is_not(name: str, start: time, end: time, now: datetime) -> None:
    quiet = Quiet(start, end, ZoneInfo(name))
    expected = now
    while quiet.holds(expected) and expected - now < timedelta(days=3):
        expected += _MINUTE
    assert quiet.until(now) == (expected if expected > now else None)


@settings(deadline=None)
@given(st.sampled_from(ZONES), instants, st.booleans())
def test_a_digest_comes_in_the_next_morning_and_never_at_once(
    name: str, now: datetime, is_weekly: bool
) -> None:
    zone = ZoneInfo(name)
    at = clocks.next_digest(zone, now, is_weekly=is_weekly)
    assert now < at <= now + timedelta(days=9 if is_weekly else 2)
    shown = at.astimezone(zone)
    assert shown.hour == 8 or name == "Pacific/Apia"
    assert not is_weekly or shown.weekday() == 0


def test_a_zone_that_is_none_is_the_installation_s() -> None:
    assert clocks.zone("Mars/Olympus", "Asia/Seoul").key == "Asia/Seoul"
    assert clocks.zone("", "Asia/Seoul").key == "Asia/Seoul"
    assert clocks.zone("../../etc/passwd").key == "UTC"
    assert clocks.zone("Europe/Berlin", "Asia/Seoul").key == "Europe/Berlin"
