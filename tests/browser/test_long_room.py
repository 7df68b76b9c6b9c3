from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import expect

from scripts.services.process import until
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_timeline import has_older, oldest
from tests.browser.voices import write
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

# As many as the page shows before it lets go of what is far away, and a page that is on its way.
_ROWS_MOST = 400 + 60
_COUNT = 900


def rows(screen: Screen) -> int:
    return screen.log.get_by_role("article").count()


def newest(screen: Screen) -> int:
    return int(screen.log.locator("[data-seq]").last.get_attribute("data-seq") or 0)


def has_newer(screen: Screen, seq: int) -> bool:
    return newest(screen) > seq


def test_a_long_room_is_read_from_end_to_start_and_back_with_a_bounded_page(
    topology: Topology, enter: Enter
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Saga")
    write(topology, alice, room, [f"이야기 {number}" for number in range(_COUNT)])
    screen = enter(alice, web=0)
    screen.open_room(room, "Saga")
    seen: set[int] = set()
    most = 0

    def look() -> None:
        nonlocal most
        most = max(most, rows(screen))
        seen.update(
            screen.log.locator("[data-seq]").evaluate_all(
                "(all) => all.map((row) => Number(row.dataset.seq))"
            )
        )

    while screen.log.get_by_text(screen.word("start.closed")).count() == 0:
        before = oldest(screen)
        screen.log.evaluate("(list) => { list.scrollTop = 300; }")
        assert until(partial(has_older, screen, before), 30)
        look()
    assert most <= _ROWS_MOST
    assert len(seen) == _COUNT
    # The end was let go, and is only a button away.
    last = max(seen)
    assert newest(screen) < last
    # Whoever reads with the keyboard stays in the list.
    screen.log.get_by_role("article").first.focus()
    while newest(screen) < last:
        before = newest(screen)
        screen.log.evaluate("(list) => { list.scrollTop = list.scrollHeight - list.clientHeight - 300; }")
        assert until(partial(has_newer, screen, before), 30)
        assert rows(screen) <= _ROWS_MOST
    assert screen.page.evaluate("() => document.activeElement?.closest('[role=log]') !== null")
    seqs = screen.log.locator("[data-seq]").evaluate_all("(all) => all.map((row) => Number(row.dataset.seq))")
    assert seqs == list(range(seqs[0], last + 1))
    screen.log.evaluate("(list) => { list.scrollTop = 0; }")
    screen.button("timeline.jump").click()
    expect(screen.message(f"이야기 {_COUNT - 1}")).to_be_in_viewport()
    write(topology, bob, room, ["이어지는 이야기"])
    expect(screen.message("이어지는 이야기")).to_be_in_viewport()
