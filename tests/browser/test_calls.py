from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.screen import DESKTOP, PHONE, Screen
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow


@pytest.fixture
def admin(topology: Topology, ada: Person) -> Iterator[Person]:
    """Who runs the workspace; the groups go with the end of the story."""
    yield ada
    for group in topology.ask(ada, "GET", "/groups")["items"]:
        topology.call(ada, "DELETE", f"/groups/{group['id']}")


def in_both_widths(screen: Screen) -> None:
    """Look for barriers on a desk and on a phone."""
    for size in (DESKTOP, PHONE, DESKTOP):
        screen.page.set_viewport_size(size)
        screen.has_no_barrier()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_list_offers_to_call_the_room_and_who_is_called_sees_it(
    topology: Topology, enter: Enter, language: str
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    name = f"Called {language}"
    room = topology.room(alice, bob, topology["mina"], name=name)
    first, second = enter(alice, web=0, language=language), enter(bob, web=1, language=language)
    first.open_room(room, name)
    second.page.goto("/rooms/")
    expect(second.room_link(name)).to_be_visible()
    box = first.composer(name)
    box.press_sequentially("@")
    offered = first.page.get_by_role("listbox", name=first.word("composer.mention_list"))
    wanted = offered.get_by_role("option", name=re.compile(re.escape(first.word("calls.room"))))
    expect(wanted).to_contain_text(first.word("calls.people", n=2))
    in_both_widths(first)
    word = "@모두" if language == "ko" else "@room"
    box.press_sequentially(word[1:3])
    expect(offered.get_by_role("option")).to_have_count(1)
    box.press("Enter")
    expect(box).to_have_value(f"{word} ")
    expect(first.says("calls.tells", word=word, n=2)).to_be_visible()
    box.press_sequentially("lunch")
    box.press("Enter")
    first.sees("lunch")
    # Two are told without a question; the count comes live, and the word shows that it means me.
    expect(second.room_link(name)).to_contain_text(re.compile(r"1"))
    second.open_room(room, name)
    expect(second.message("lunch").locator(".mention-me")).to_have_text(word)
    expect(second.message("lunch")).to_have_attribute("data-names-me", "true")
    expect(first.message("lunch").locator(".mention-me")).to_have_count(0)
    in_both_widths(second)


def test_many_are_told_after_a_question(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, *(topology.newcomer() for _ in range(8)), name="Crowded")
    screen = enter(alice, phone=True)
    screen.open_room(room, "Crowded")
    box = screen.composer("Crowded")
    box.fill("@room fire drill")
    expect(screen.says("calls.tells", word="@room", n=8)).to_be_visible()
    screen.button("composer.send").click()
    question = screen.dialog("calls.ask", n=8)
    expect(question).to_be_visible()
    screen.has_no_barrier()
    question.get_by_role("button", name=screen.word("calls.back")).click()
    expect(box).to_have_value("@room fire drill")
    screen.button("composer.send").click()
    question.get_by_role("button", name=screen.word("composer.send")).click()
    screen.sees("fire drill")
    expect(box).to_have_value("")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_where_only_moderators_call_the_writer_is_told_before(
    topology: Topology, enter: Enter, language: str
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    name = f"Quiet {language}"
    room = topology.room(alice, bob, name=name)
    first, second = enter(alice, web=0, language=language), enter(bob, web=1, language=language)
    for screen in (first, second):
        screen.open_room(room, name)
    first.button("rooms.menu").click()
    first.page.get_by_role("menuitem", name=first.word("rooms.settings")).click()
    settings = first.dialog("rooms.settings")
    settings.get_by_label(first.word("fields.calls")).select_option("moderators")
    expect(settings.get_by_text(first.word("fields.calls_moderators_hint"))).to_be_visible()
    in_both_widths(first)
    settings.get_by_role("button", name=first.word("dialog.save")).click()
    expect(settings).to_have_count(0)
    second.composer(name).press_sequentially("@room")
    expect(second.says("calls.refused", word="@room")).to_be_visible()
    in_both_widths(second)
    second.composer(name).press("Escape")
    second.composer(name).press_sequentially(" please")
    second.composer(name).press("Enter")
    second.sees("@room please")
    expect(second.message("@room please").locator(".mention")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_an_admin_makes_a_group_and_a_message_calls_it(
    topology: Topology, enter: Enter, admin: Person, language: str
) -> None:
    bob, mina, carol = topology["bob"], topology["mina"], topology["carol"]
    name, handle = f"Grouped {language}", "디자인" if language == "ko" else "design"
    room = topology.room(admin, bob, mina, name=name)
    screen, other = enter(admin, web=0, language=language), enter(bob, web=1, language=language)
    screen.page.goto("/admin/groups/")
    expect(screen.says("groups.empty")).to_be_visible()
    in_both_widths(screen)
    screen.button("groups.make").click()
    dialog = screen.dialog("groups.make")
    dialog.get_by_label(screen.word("groups.name"), exact=True).fill("Design team")
    dialog.get_by_label(screen.word("groups.handle")).fill("bob")
    for person in (bob, carol):
        dialog.get_by_role("combobox").fill(person.handle)
        dialog.get_by_role("option", name=re.compile(person.handle, re.IGNORECASE)).click()
    make = dialog.get_by_role("button", name=screen.word("groups.make"))
    make.click()
    expect(dialog.get_by_text(screen.word("groups.handle_taken", handle="bob"))).to_be_visible()
    screen.was_refused("409 (Conflict)")
    in_both_widths(screen)
    dialog.get_by_label(screen.word("groups.handle")).fill(handle)
    make.click()
    row = screen.page.get_by_role("button", name=re.compile("Design team"))
    expect(row).to_contain_text(screen.word("calls.people", n=2))
    row.click()
    expect(screen.page.get_by_role("list", name=screen.word("groups.people"))).to_contain_text("@carol")
    in_both_widths(screen)
    screen.open_room(room, name)
    other.open_room(room, name)
    screen.composer(name).press_sequentially(f"@{handle[:2]}")
    screen.page.get_by_role("option", name=re.compile(f"@{handle}")).click()
    # Carol is in the group and not in the room.
    outside = screen.word("calls.outside", names="carol", n=1)
    expect(screen.page.get_by_text(outside)).to_be_visible()
    in_both_widths(screen)
    screen.composer(name).press_sequentially("look")
    screen.composer(name).press("Enter")
    screen.sees("look")
    pill = other.message("look").locator(".mention-me")
    expect(pill).to_have_text(f"@{handle}")
    pill.click()
    card = other.page.get_by_role("dialog", name="Design team")
    expect(card).to_contain_text("@carol")
    in_both_widths(other)
