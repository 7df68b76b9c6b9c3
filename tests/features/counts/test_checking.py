from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from chat.features.counts import checking
from chat.models import CountCheck, Room
from tests.cast import Cast
from tests.make import post

NIGHT = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def plant(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(last_msg_no=77)


def test_a_look_at_rooms_in_order_finds_nothing(cast: Cast) -> None:
    post(cast.room, cast.bob, "hi")
    with capture_logs() as logs:
        assert checking.go_on(NIGHT) == Room.objects.count()
    found = checking.last()
    assert found is not None
    assert (found.wrong, found.rooms_count, found.finished_at) == ({}, Room.objects.count(), NIGHT)
    assert [(line["event"], line["wrong"]) for line in logs] == [("counts.checked", 0)]


def test_what_is_wrong_is_counted_by_kind_and_said_in_one_line(cast: Cast) -> None:
    for room in (cast.room, cast.plaza):
        plant(room)
    with capture_logs() as logs:
        checking.go_on(NIGHT)
    found = checking.last()
    assert found is not None
    assert found.wrong == {"last_msg_no": 2}
    last = logs[-1]
    assert (last["event"], last["log_level"], last["wrong"]) == ("counts.checked", "error", 2)
    assert {line["room"] for line in logs if line["event"] == "counts.wrong"} == {cast.room.pk, cast.plaza.pk}
    # It was looked at, and nothing else was done.
    assert Room.objects.get(pk=cast.room.pk).last_msg_no == 77


def test_it_goes_on_where_its_time_was_over(cast: Cast) -> None:
    plant(cast.room)
    total = Room.objects.count()
    assert [checking.go_on(NIGHT, running_s=-1) for _ in range(total)] == [1] * total
    assert checking.last() is None
    assert checking.go_on(NIGHT, running_s=-1) == 0
    found = checking.last()
    assert found is not None
    assert (found.wrong, found.rooms_count) == ({"last_msg_no": 1}, total)


def test_a_worker_that_was_killed_holds_nothing_up_for_long(cast: Cast) -> None:
    CountCheck.objects.create(started_at=NIGHT, claimed_until=NIGHT + timedelta(minutes=15))
    assert checking.go_on(NIGHT + timedelta(minutes=10)) == 0
    assert checking.go_on(NIGHT + timedelta(minutes=15)) == Room.objects.count()


def test_what_somebody_is_just_writing_is_not_noted(cast: Cast) -> None:
    plant(cast.room)
    check = CountCheck.objects.create()
    checking.look_at(cast.room.pk, check, read=lambda room_id: Counter())
    assert (check.wrong, check.rooms_count, check.room_id) == ({}, 1, cast.room.pk)


@pytest.mark.parametrize(
    ("hours_ago", "hour", "is_due"),
    [(None, 14, True), (23, 3, True), (23, 14, False), (10, 3, False), (31, 14, True)],
)
def test_it_begins_at_night_or_when_it_is_late(hours_ago: int | None, hour: int, is_due: bool) -> None:
    now = NIGHT.replace(hour=hour)
    begun_at = None if hours_ago is None else now - timedelta(hours=hours_ago)
    assert checking.is_due(now, begun_at) is is_due


def test_night_is_by_the_clock_of_the_workspace(settings: object) -> None:
    settings.DEFAULT_TIME_ZONE = "Asia/Seoul"  # type: ignore[attr-defined]
    begun_at = NIGHT - timedelta(hours=21)
    assert not checking.is_due(NIGHT, begun_at)
    assert checking.is_due(NIGHT.replace(hour=18), begun_at)


def test_only_the_last_looks_are_kept(cast: Cast) -> None:
    for number in range(40):
        at = NIGHT - timedelta(days=50 - number)
        CountCheck.objects.create(started_at=at, finished_at=at)
    checking.go_on(NIGHT)
    assert CountCheck.objects.count() == 31
