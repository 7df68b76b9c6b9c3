from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from scripts.services import manage
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

WAYS = [("en", False), ("ko", True)]
_INDEX = "from chat.features.search import indexing; indexing.go_on()"


def field(screen: Screen) -> Locator:
    """Where a search is typed."""
    return screen.page.get_by_role("combobox", name=screen.word("search.label"))


def finds(screen: Screen) -> Locator:
    """What was found."""
    return screen.page.get_by_role("main").get_by_role("listitem").filter(has=screen.page.locator("time"))


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_what_was_said_is_found_marked_and_shown_in_its_place(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, reader = topology["alice"], topology["지우" if language == "ko" else "bob"]
    name = f"Found {language}"
    room = topology.room(alice, reader, name=name)
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": f"내일 회의실에서 {language} 볼까요"})
    for number in range(60):
        topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": f"something else {number}"})
    # One is in the index, one is not yet.
    manage(["shell", "--no-imports", "-c", _INDEX], topology.env)
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": f"회의 is over {language}"})

    screen = enter(reader, web=0, language=language, phone=phone)
    screen.open_room(room, name)
    screen.button("search.here").click()
    expect(field(screen)).to_be_focused()
    expect(screen.says("search.hints").first).to_be_visible()
    screen.has_no_barrier()
    field(screen).fill(f"회의 {language}")
    expect(finds(screen)).to_have_count(2)
    expect(finds(screen).first).to_contain_text("is over")
    expect(finds(screen).locator("mark").first).to_have_text("회의")
    screen.has_no_barrier()
    if phone:
        fits(screen)

    finds(screen).last.get_by_role("link").click()
    expect(screen.page).to_have_url(re.compile(rf"/rooms/{room}/\?seq=\d+$"))
    expect(screen.message("내일 회의실에서")).to_be_in_viewport()
    screen.page.go_back()
    # As it was, with what was typed.
    expect(field(screen)).to_have_value(f"회의 {language}")
    expect(finds(screen)).to_have_count(2)


def test_operators_are_completed_from_the_keyboard(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    name = "Long name of it"
    room = topology.room(alice, bob, name=name)
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "a zebra of alice"})
    topology.ask(bob, "POST", f"/rooms/{room}/messages", {"body": "a zebra of bob"})
    screen = enter(bob, web=0)
    screen.open_room(room, name)
    screen.message("a zebra of bob").focus()
    screen.page.keyboard.press("/")
    expect(field(screen)).to_be_focused()
    field(screen).press_sequentially("zebra from:ali")
    expect(screen.page.get_by_role("option").first).to_contain_text("@alice")
    screen.has_no_barrier()
    field(screen).press("Enter")
    expect(field(screen)).to_have_value("zebra from:alice ")
    expect(finds(screen)).to_have_count(1)
    expect(finds(screen)).to_contain_text("of alice")
    field(screen).press_sequentially("in:long")
    expect(screen.page.get_by_role("option")).to_contain_text([name])
    field(screen).press("Tab")
    expect(field(screen)).to_have_value(f'zebra from:alice in:"{name}" ')
    expect(finds(screen)).to_have_count(1)
    field(screen).fill("zebra in:nowhere-at-all")
    field(screen).press("Enter")
    expect(screen.says("search.none")).to_be_visible()
    screen.has_no_barrier()
    screen.button("search.clear").click()
    expect(field(screen)).to_have_value("")
    expect(screen.says("search.hints").first).to_be_visible()


def test_switcher_leads_to_the_search_and_who_is_outside_finds_nothing(
    topology: Topology, enter: Enter
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, name="Without bob")
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "quagga between us"})
    screen = enter(bob, web=0)
    screen.page.goto("/later/")
    expect(screen.page.get_by_role("heading", level=1, name=screen.word("later.title"))).to_be_visible()
    screen.page.keyboard.press("Control+k")
    screen.page.get_by_role("combobox", name=screen.word("sidebar.find")).fill("quagga")
    screen.page.get_by_role("option", name=screen.word("switcher.search", query="quagga")).click()
    expect(field(screen)).to_have_value("quagga")
    expect(screen.says("search.none")).to_be_visible()
    inside = enter(alice, web=1)
    inside.page.goto("/search/?q=quagga")
    expect(finds(inside)).to_have_count(1)


def test_more_is_shown_page_by_page_and_the_best_first_when_asked(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Many finds")
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "the okapi itself"})
    for number in range(24):
        topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": f"okapis and others {number}"})
    screen = enter(bob, web=0)
    screen.page.goto("/search/?q=okapi")
    expect(finds(screen)).to_have_count(20)
    screen.button("search.more").click()
    expect(finds(screen)).to_have_count(25)
    expect(screen.button("search.more")).to_have_count(0)
    screen.button("search.best").click()
    expect(finds(screen).first).to_contain_text("the okapi itself")
    expect(screen.page).to_have_url(re.compile(r"sort=best"))
