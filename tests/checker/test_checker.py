from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checker.breaks import BREAKS, Break, all_of, change_rows, lose_an_acked_one
from tests.checker.good import HALL, TABS, good_run
from tests.faults.checker import CHECKS, Bounds, check, figures, unchecked
from tests.faults.dump import Dump, MemberRow
from tests.faults.history import (
    Acked,
    Closed,
    Dialled,
    History,
    Invoked,
    Opened,
    PresenceSeen,
    Restored,
    Revised,
)

BOUNDS = Bounds(
    recovery_s=2,
    delivery_s=2,
    quick_share=0.2,
    available_share=0.2,
    presence_s=1,
    descriptors_left_count=4,
    handshakes_per_s=20,
    reconnects_max_count=50,
)


def test_a_good_history_passes_every_check() -> None:
    history, dump = good_run()
    assert check(history, dump, BOUNDS) == []
    assert unchecked(history, BOUNDS) == {}


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(0, 6), st.integers(1, 12))
def test_any_good_history_passes(seed: int, before: int, during: int, after: int) -> None:
    history, dump = good_run(seed, before, during, after)
    assert (
        check(history, dump, replace(BOUNDS, recovery_s=None, quick_share=None, available_share=None)) == []
    )


@pytest.mark.parametrize(("name", "spoil"), BREAKS, ids=[spoil.__name__ for _, spoil in BREAKS])
def test_every_break_is_seen_by_its_check(name: str, spoil: Break) -> None:
    for seed in range(5):
        history, dump = good_run(seed)
        spoil(history, dump)
        assert name in {violation.check for violation in check(history, dump, BOUNDS)}


def test_every_check_has_a_break_that_it_sees() -> None:
    assert {name for name, _ in BREAKS} == set(CHECKS)


@given(st.integers(0, 2**32), st.integers(0, 15), st.sampled_from(["acked", "stored", "shown"]))
def test_whatever_is_lost_is_missed(seed: int, place: int, where: str) -> None:
    history, dump = good_run(seed)
    key = dump.messages[place].key
    if where == "acked":
        for event in [event for event in history.events if getattr(event, "key", None) == key]:
            history.events.remove(event)
    elif where == "stored":
        del dump.messages[place]
    else:
        change_rows(history, list(TABS)[seed % 3], lambda rows: rows[:place] + rows[place + 1 :])
    assert check(history, dump, BOUNDS)


def test_what_is_absent_is_told_and_not_judged() -> None:
    absent = unchecked(History(), Bounds())
    assert {"C1", "C5", "C9", "C10", "C11", "C12", "C13", "C14", "C15"} == set(absent)
    assert check(History(), Dump(), Bounds()) == []


def test_the_figures_count_what_went_wrong() -> None:
    history, dump = good_run()
    good = figures(history, dump)
    assert (good.sent_count, good.lost_count, good.doubled_count, good.disordered_count) == (20, 0, 0, 0)
    assert good.recovery_worst_s is not None
    assert good.peak_rss_bytes == 100 << 20
    lose_an_acked_one(history, dump)
    assert figures(history, dump).lost_count == 1


def test_a_history_is_written_as_lines(tmp_path: Path) -> None:
    history, _ = good_run()
    history.write(tmp_path / "kept" / "history.jsonl")
    lines = (tmp_path / "kept" / "history.jsonl").read_text().splitlines()
    assert len(lines) == len(history.events)
    assert '"event": "Dialled"' in lines[0]


def test_reactions_and_texts_of_a_deleted_message_are_not_missed() -> None:
    history, dump = good_run()
    dump.messages[0] = replace(dump.messages[0], body="", is_deleted=True, reactions=())
    for tab in TABS:
        change_rows(history, tab, lambda rows: [(*rows[0][:2], "", True, ()), *rows[1:]])
    assert all_of(history, Revised)
    assert check(history, dump, BOUNDS) == []


def test_who_comes_may_be_told_as_there_from_its_dialling_on_and_not_before() -> None:
    # Of who shares no room nobody need be told.
    for dialled_s, is_inside, is_good in ((20.0, True, True), (20.2, True, False), (20.2, False, True)):
        history, dump = good_run()
        dump.members += [MemberRow(HALL, 9, 0, 1)] * is_inside
        end_s = history.events[-1].at_s
        history.events += [
            Opened(end_s + 0.1, "eve", 9, 1),
            Closed(end_s + 0.2, "eve", 9, 1, 1006, False),
            PresenceSeen(end_s + 0.3, "ann", 9, "offline"),
            Dialled(end_s + dialled_s, "eve"),
            PresenceSeen(end_s + 20.1, "ann", 9, "online"),
            Opened(end_s + 20.3, "eve", 9, 2),
        ]
        history.events.sort(key=lambda event: event.at_s)
        found = [violation for violation in check(history, dump, BOUNDS) if violation.check == "C10"]
        assert bool(found) is not is_good


def test_only_what_was_stored_after_the_backup_may_be_gone_after_a_restore() -> None:
    for does_count, after_s in ((True, 0.001), (False, -0.001)):
        history, dump = good_run()
        lost = dump.messages.pop(5)
        acked = next(event for event in history.of(Acked) if event.key == lost.key)
        end_s = history.events[-1].at_s
        history.events.append(Restored(end_s + 1, as_of_s=acked.at_s + after_s))
        found = [violation for violation in check(history, dump, BOUNDS) if violation.check == "C1"]
        assert bool(found) is does_count


def test_what_a_restore_has_undone_may_not_be_shown_any_more() -> None:
    history, dump = good_run()
    dump.messages.pop(5)
    history.events.append(Restored(history.events[-1].at_s + 1, as_of_s=-1))
    assert "C8" in {violation.check for violation in check(history, dump, BOUNDS)}


def test_numbers_begin_again_after_a_restore_alone() -> None:
    for is_restored in (True, False):
        history, dump = good_run()
        last = all_of(history, Acked, tab="ann")[-1]
        (user,) = {event.user for event in all_of(history, Invoked, tab="ann")}
        end_s = history.events[-1].at_s
        if is_restored:
            history.events.append(Restored(end_s + 0.1, as_of_s=-1))
        history.events += [
            Invoked(end_s + 0.2, "ann", user, last.room, "again", "again", 1),
            Acked(end_s + 0.3, "ann", last.room, "again", 1, 1_000),
        ]
        found = [violation for violation in check(history, dump, BOUNDS) if violation.check == "C7"]
        assert bool(found) is not is_restored
