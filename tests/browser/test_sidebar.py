from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


def menu(screen: Screen, room: str, key: str) -> None:
    """Choose from the menu of a room in the left column, by the keyboard."""
    screen.room_link(room).focus()
    screen.page.keyboard.press("Shift+F10")
    screen.page.get_by_role("menuitem", name=screen.word(key)).click()


def part(screen: Screen, title: str) -> Locator:
    """A part of the left column."""
    heading = screen.page.get_by_role("heading", name=title, exact=True)
    return screen.sidebar.locator("section").filter(has=heading)


def rooms_in(screen: Screen, title: str) -> Locator:
    return part(screen, title).get_by_role("link")


def test_favourites_and_sections_are_the_same_on_all_devices(topology: Topology, enter: Enter) -> None:
    bob, mina = topology["bob"], topology["mina"]
    names = ["Arrange one", "Arrange two", "Arrange three"]
    rooms = [topology.room(bob, mina, name=name) for name in names]
    topology.ask(bob, "PUT", "/me/sidebar", {**topology.ask(bob, "GET", "/me/sidebar"), "folded": []})
    desk, phone = enter(bob, web=0), enter(bob, web=1, phone=True, language="ko")
    desk.open_room(rooms[0], names[0])
    phone.page.goto("/")
    menu(desk, names[0], "place.favourite")
    expect(rooms_in(desk, desk.word("sidebar.favourites"))).to_have_text([names[0]])
    expect(rooms_in(phone, phone.word("sidebar.favourites"))).to_have_text([names[0]])
    # A section of one's own, with a room in it at once.
    menu(desk, names[1], "place.move")
    desk.dialog("place.title", name=names[1]).get_by_role("button", name=desk.word("section.new")).click()
    desk.dialog("section.new").get_by_label(desk.word("fields.name"), exact=True).fill("봄 일정")
    desk.dialog("section.new").get_by_role("button", name=desk.word("dialog.save")).click()
    expect(rooms_in(phone, "봄 일정")).to_have_text([names[1]])
    # Dragged before the other one.
    desk.room_link(names[2]).drag_to(desk.room_link(names[1]))
    expect(rooms_in(desk, "봄 일정")).to_have_text([names[2], names[1]])
    expect(rooms_in(phone, "봄 일정")).to_have_text([names[2], names[1]])
    menu(desk, names[2], "place.down")
    expect(rooms_in(phone, "봄 일정")).to_have_text([names[1], names[2]])
    desk.has_no_barrier()
    phone.has_no_barrier()
    # Folded here, it is folded there, also when it comes anew.
    part(desk, "봄 일정").get_by_role("button", name="봄 일정", exact=True).click()
    expect(rooms_in(phone, "봄 일정")).to_have_count(0)
    phone.page.reload()
    folded = part(phone, "봄 일정").get_by_role("button", name="봄 일정", exact=True)
    expect(folded).to_have_attribute("aria-expanded", "false")
    desk.button("section.menu", name="봄 일정").click()
    desk.page.get_by_role("menuitem", name=desk.word("section.remove")).click()
    expect(phone.room_link(names[1])).to_be_visible()
    expect(phone.page.get_by_role("heading", name="봄 일정")).to_have_count(0)


def test_unread_rooms_come_first_or_alone(topology: Topology, enter: Enter) -> None:
    alice, carol = topology["alice"], topology["carol"]
    quiet = topology.room(carol, alice, name="Aa quiet")
    loud = topology.room(carol, alice, name="Zz loud")
    screen = enter(carol, web=0)
    screen.open_room(quiet, "Aa quiet")
    topology.ask(alice, "POST", f"/rooms/{loud}/messages", {"body": "hello"})
    expect(screen.room_link("Zz loud")).to_have_attribute("data-bold", "true")
    screen.button("order.menu").click()
    screen.has_no_barrier()
    screen.page.get_by_role("menuitemradio", name=screen.word("order.unread")).click()
    expect(rooms_in(screen, screen.word("sidebar.rooms")).first).to_contain_text("Zz loud")
    screen.button("order.menu").click()
    screen.page.get_by_role("menuitemradio", name=screen.word("order.only_unread")).click()
    # The open one stays; the other one is what waits.
    expect(screen.room_link("Aa quiet")).to_be_visible()
    screen.room_link("Zz loud").click()
    expect(screen.room_link("Aa quiet")).to_have_count(0)
