from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from chat import failpoints
from chat.features.exports import keeping, running, service
from chat.features.exports.paging import PAGE_COUNT
from chat.features.exports.running import Outcome
from chat.models import Export, User
from tests.cast import Cast
from tests.features.exports.files import Clock, Lines, ask, fill, read
from tests.make import post
from tests.pipeline.threads import at_once


@pytest.fixture
def row(cast: Cast) -> Export:
    """An export of many pages that was asked for."""
    fill(cast.room, cast.bob, 2 * PAGE_COUNT + 10)
    post(cast.plaza, cast.alice, "in another room")
    return ask(cast.admin, kind="workspace")


def stored(row: Export) -> Export:
    row.refresh_from_db()
    return row


def content(row: Export) -> Lines:
    return read(keeping.path_of(row))[1]


def again(row: Export, cast: Cast) -> Export:
    """Have the same data asked for once more, without the row of the first."""
    other = Export.objects.create(user=cast.alice, kind=row.kind, has_directs=row.has_directs)
    User.objects.filter(pk=cast.alice.pk).update(role=User.Role.ADMIN)
    return other


def by_slices(row: Export) -> int:
    """Write an export in runs of a page each; returns how many there were."""
    count = 0
    while True:
        count += 1
        outcome = running.work(row.pk, running_s=0)
        if outcome is Outcome.READY:
            return count
        assert outcome is Outcome.MORE
        assert stored(row).claimed_until is None


def test_a_run_that_gives_way_to_others_goes_on_where_it_was(cast: Cast, row: Export) -> None:
    assert by_slices(row) > 10
    found = stored(row)
    assert (found.state, found.percent, found.failure) == (Export.State.READY, 100, "")
    assert found.size_bytes == keeping.path_of(row).stat().st_size
    assert found.expires_at is not None
    assert found.ended_at is not None
    assert found.expires_at - found.ended_at == keeping.KEEP
    other = again(row, cast)
    assert running.work(other.pk) is Outcome.READY
    pieces, whole = content(row), content(other)
    # The one has seen Alice before she ran the workspace.
    pieces.pop("users")
    whole.pop("users")
    assert pieces == whole


def test_a_worker_killed_at_any_page_is_followed_by_another(cast: Cast, row: Export, clock: Clock) -> None:
    page = 0
    while True:
        page += 1
        # The connection breaks between reading a page and writing it: nothing is given back.
        failpoints.arm(f"export.page=error@{page}")
        if running.work(row.pk, clock=clock, saving_s=0) is Outcome.READY:
            break
        assert stored(row).state == Export.State.RUNNING
        assert running.work(row.pk, clock=clock) is Outcome.NOT_OURS
        clock.move(61)
        page = min(page, 2)
    assert [line["body"] for line in content(row)["messages"]].count("number 7") == 1
    assert len(content(row)["messages"]) == 2 * PAGE_COUNT + 11


def test_what_takes_its_workers_down_without_getting_further_is_given_up(row: Export, clock: Clock) -> None:
    failpoints.arm("export.page=error")
    outcomes = []
    for _ in range(6):
        outcomes.append(running.work(row.pk, clock=clock))
        clock.move(61)
    assert outcomes == [*[Outcome.LOST] * 5, Outcome.FAILED]
    assert (stored(row).state, row.failure) == (Export.State.FAILED, "worker_lost")
    assert not keeping.path_of(row).exists()


def test_one_is_written_at_a_time_and_who_has_waited_longest_is_next(cast: Cast, row: Export) -> None:
    other = ask(cast.bob)
    assert running.next_in_line(timezone.now()) == row
    assert running.take(row.pk, timezone.now()) is not None
    assert running.next_in_line(timezone.now()) is None
    assert running.work(other.pk) is Outcome.NOT_OURS
    Export.objects.filter(pk=row.pk).update(claimed_until=None)
    assert running.next_in_line(timezone.now()) == other
    assert running.work(other.pk, running_s=0) is Outcome.MORE
    assert running.next_in_line(timezone.now()) == row


def test_of_several_at_once_one_has_it(row: Export) -> None:
    found = at_once([lambda: running.take(row.pk, timezone.now())] * 4)
    assert sum(one is not None for one in found) == 1


def test_a_claim_of_a_clock_that_was_set_back_holds_nothing_up(row: Export, clock: Clock) -> None:
    clock.move(86_400)
    assert running.take(row.pk, clock()) is not None
    assert running.next_in_line(timezone.now()) == row


def test_cancelled_in_the_middle_it_ends_at_the_next_page_and_leaves_nothing(cast: Cast, row: Export) -> None:
    pages = []

    def cancel(step: str, _percent: int, _rows: int) -> None:
        pages.append(step)
        if len(pages) == 4:
            service.remove(cast.admin, row.pk, timezone.now())

    assert running.work(row.pk, cancel, saving_s=0) is Outcome.LOST
    assert len(pages) == 4
    assert (stored(row).state, row.claim, row.place) == (Export.State.CANCELLED, "", {})
    assert not keeping.path_of(row).exists()
    # The next one may be asked for at once.
    assert running.work(ask(cast.admin).pk) is Outcome.READY


def test_cancelled_at_the_last_moment_it_is_not_ready(cast: Cast, row: Export) -> None:
    def cancel(step: str, _percent: int, _rows: int) -> None:
        if step == "users":
            service.remove(cast.admin, row.pk, timezone.now())

    assert running.work(row.pk, cancel) is Outcome.LOST
    assert stored(row).state == Export.State.CANCELLED
    assert not keeping.path_of(row).exists()


def test_who_has_lost_the_claim_does_no_harm_to_who_has_it(row: Export, clock: Clock) -> None:
    outcomes: list[Outcome] = []

    def stall(_step: str, _percent: int, _rows: int) -> None:
        if not outcomes:
            # It stands still for longer than a claim lasts; another one takes over and ends.
            clock.move(61)
            outcomes.append(running.work(row.pk, clock=clock))

    outcomes.append(running.work(row.pk, stall, clock=clock, saving_s=0))
    assert outcomes == [Outcome.READY, Outcome.LOST]
    assert stored(row).state == Export.State.READY
    assert len(content(row)["messages"]) == 2 * PAGE_COUNT + 11


@pytest.mark.parametrize("change", [{"role": User.Role.MEMBER}, {"is_active": False}])
def test_who_may_not_have_it_any_more_does_not_get_it(
    cast: Cast, row: Export, change: dict[str, Any]
) -> None:
    assert running.work(row.pk, running_s=0) is Outcome.MORE
    User.objects.filter(pk=cast.admin.pk).update(**change)
    assert running.work(row.pk) is Outcome.FAILED
    assert (stored(row).state, row.failure) == (Export.State.FAILED, "forbidden")
    assert not keeping.path_of(row).exists()


@pytest.mark.parametrize(
    ("limits", "failure"),
    [({"EXPORT_MAX_BYTES": 4_000}, "too_large"), ({"EXPORT_FREE_BYTES": 2**60}, "disk_full")],
)
def test_what_cannot_be_written_says_why_and_leaves_nothing(
    row: Export, configure: Callable[..., None], limits: dict[str, int], failure: str
) -> None:
    configure(**limits)
    assert running.work(row.pk) is Outcome.FAILED
    assert (stored(row).state, row.failure, row.size_bytes) == (Export.State.FAILED, failure, 0)
    assert list(keeping.path_of(row).parent.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_a_fault_and_not_a_circle(row: Export, settings: Any) -> None:
    # A file stands where the folder would be made.
    settings.EXPORT_ROOT = __file__
    assert running.work(row.pk) is Outcome.FAILED
    assert stored(row).failure == "fault"


def test_a_file_that_is_gone_is_begun_anew(row: Export) -> None:
    for _ in range(6):
        assert running.work(row.pk, running_s=0) is Outcome.MORE
    keeping.path_of(row).unlink()
    assert running.work(row.pk) is Outcome.READY
    assert len(content(row)["messages"]) == 2 * PAGE_COUNT + 11
