from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import expect

from scripts.services.process import until
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.voices import read, write
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

# The position of the message that stands first in sight, from the upper edge of the list.
_FIRST_IN_SIGHT = """(list) => {
  const edge = list.getBoundingClientRect().top;
  const found = [...list.querySelectorAll("[data-seq]")].find((row) => row.getBoundingClientRect().bottom > edge);
  return [found.dataset.seq, found.getBoundingClientRect().top - edge];
}"""
_PLACE_OF = """(list, seq) => {
  const row = list.querySelector(`[data-seq="${seq}"]`);
  return row.getBoundingClientRect().top - list.getBoundingClientRect().top;
}"""


def oldest(screen: Screen) -> int:
    """Return the seq of the oldest message that is loaded."""
    return int(screen.log.locator("[data-seq]").first.get_attribute("data-seq") or 0)


def has_older(screen: Screen, seq: int) -> bool:
    """Tell whether messages before this one are loaded."""
    return oldest(screen) < seq


def test_reading_older_messages_never_moves_what_is_read(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Long")
    bodies = [f"{number}. " + "긴 이야기는 줄이 바뀌어요. " * (number % 12) for number in range(230)]
    write(topology, alice, room, bodies)
    screen = enter(alice, web=0)
    screen.open_room(room, "Long")
    pages = 0
    screen.log.hover()
    while screen.log.get_by_text(screen.word("start.closed")).count() == 0:
        before = oldest(screen)
        # The answer comes when we let it, so that the place is measured between question and answer.
        topology.webs[0].freeze()
        try:
            screen.log.evaluate("(list) => { list.scrollTop = 300; }")
            expect(screen.log).to_have_attribute("aria-busy", "true")
            seq, place = screen.log.evaluate(_FIRST_IN_SIGHT)
        finally:
            topology.webs[0].thaw()
        expect(screen.log).to_have_attribute("aria-busy", "false")
        assert until(partial(has_older, screen, before), 30)
        assert abs(screen.log.evaluate(_PLACE_OF, seq) - place) <= 1
        pages += 1
    assert pages >= 3
    seqs = screen.log.locator("[data-seq]").evaluate_all(
        "(rows) => rows.map((row) => Number(row.dataset.seq))"
    )
    assert seqs == sorted(set(seqs))
    assert len(seqs) == len(bodies)


def test_what_is_new_below_is_told_and_reached_by_a_button(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Below")
    write(topology, alice, room, [f"줄 {number}" for number in range(60)])
    read(topology, bob, room, 60)
    screen = enter(bob, web=0)
    screen.open_room(room, "Below")
    expect(screen.message("줄 59")).to_be_in_viewport()
    screen.log.evaluate("(list) => { list.scrollTop = 200; }")
    expect(screen.button("timeline.jump")).to_be_visible()
    seq, place = screen.log.evaluate(_FIRST_IN_SIGHT)
    write(topology, alice, room, ["새 소식"])
    expect(screen.button("timeline.jump_new", n=1)).to_be_visible()
    assert abs(screen.log.evaluate(_PLACE_OF, seq) - place) <= 1
    screen.button("timeline.jump_new", n=1).click()
    expect(screen.message("새 소식")).to_be_in_viewport()
    expect(screen.button("timeline.jump_new", n=1)).to_have_count(0)


def test_a_line_shows_where_one_was_and_the_room_opens_there(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Left off")
    write(topology, alice, room, [f"읽은 글 {number}" for number in range(40)])
    read(topology, bob, room, 40)
    write(topology, alice, room, [f"안 읽은 글 {number}" for number in range(40)])
    screen = enter(bob, web=0)
    screen.open_room(room, "Left off")
    line = screen.log.get_by_text(screen.word("timeline.new"))
    expect(line).to_be_in_viewport()
    below = line.bounding_box()
    first = screen.log.get_by_role("article").filter(has_text="안 읽은 글 0").bounding_box()
    last = screen.log.get_by_role("article").filter(has_text="읽은 글 39").first.bounding_box()
    assert below is not None
    assert first is not None
    assert last is not None
    assert last["y"] < below["y"] < first["y"]
    # Only what has been in sight is read.
    assert topology.ask(bob, "GET", f"/rooms/{room}")["unread"] == 40
