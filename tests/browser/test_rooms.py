import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


def test_a_new_room_is_there_at_once_for_those_who_are_in_it(topology: Topology, enter: Enter) -> None:
    alice, jiwoo = topology["alice"], topology["지우"]
    first, second = enter(alice, web=0), enter(jiwoo, web=1, language="ko")
    for screen in (first, second):
        screen.page.goto("/rooms/")
        expect(screen.page.get_by_role("heading", name=screen.word("browse.title"))).to_be_visible()
    first.button("sidebar.new_room").click()
    dialog = first.dialog("create.title")
    dialog.get_by_label(first.word("fields.name"), exact=True).fill("봄 소풍")
    dialog.get_by_label(first.word("fields.topic")).fill("어디로 갈까요?")
    dialog.get_by_role("radio", name=re.compile("^" + first.word("fields.kind_closed"))).check()
    people = dialog.get_by_role("combobox", name=first.word("create.people"))
    people.fill("지우")
    dialog.get_by_role("option", name=re.compile("지우")).click()
    dialog.get_by_role("button", name=first.word("create.submit")).click()
    expect(first.composer("봄 소풍")).to_be_visible()
    second.room_link("봄 소풍").click()
    expect(second.page.get_by_role("heading", name="봄 소풍", level=1)).to_be_visible()
    second.post("봄 소풍", "강가는 어때요?")
    first.sees("강가는 어때요?")


def test_an_open_room_is_found_joined_and_left(topology: Topology, enter: Enter) -> None:
    alice, carol = topology["alice"], topology["carol"]
    room = topology.room(alice, name="Open garden", kind="open")
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "Come in"})
    first, guest = enter(alice, web=0), enter(carol, web=1)
    first.open_room(room, "Open garden")
    guest.page.goto("/rooms/")
    guest.page.get_by_role("searchbox", name=guest.word("browse.search")).fill("garden")
    row = guest.page.get_by_role("listitem").filter(has=guest.page.get_by_role("heading", name="Open garden"))
    row.get_by_role("button", name=guest.word("rooms.join")).click()
    guest.sees("Come in")
    guest.post("Open garden", "들어왔어요")
    first.sees("들어왔어요")
    expect(first.page.get_by_role("button", name=first.word("members.show", n=2))).to_be_visible()
    guest.button("rooms.menu").click()
    guest.page.get_by_role("menuitem", name=guest.word("rooms.leave")).click()
    question = guest.dialog("rooms.leave_title", name="Open garden")
    question.get_by_role("button", name=guest.word("rooms.leave")).click()
    expect(guest.room_link("Open garden")).to_have_count(0)
    expect(first.page.get_by_role("button", name=first.word("members.show", n=1))).to_be_visible()


def test_a_direct_conversation_is_started_by_name(topology: Topology, enter: Enter) -> None:
    bob, mina = topology["bob"], topology["mina"]
    first, second = enter(bob, web=0), enter(mina, web=1)
    for screen in (first, second):
        screen.page.goto("/rooms/")
        expect(screen.page.get_by_role("heading", name=screen.word("browse.title"))).to_be_visible()
    first.button("sidebar.new_direct").click()
    dialog = first.dialog("sidebar.new_direct")
    dialog.get_by_role("combobox").fill("mina")
    dialog.get_by_role("option", name=re.compile("mina")).click()
    dialog.get_by_role("button", name=first.word("direct.submit")).click()
    first.post("mina", "둘만의 이야기")
    second.room_link("bob").click()
    second.sees("둘만의 이야기")
    second.post("bob", "just us")
    first.sees("just us")


def test_who_is_removed_while_looking_at_a_room_is_told_and_sees_no_more_of_it(
    topology: Topology, enter: Enter
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Members only")
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, "Members only")
    first.post("Members only", "still together")
    second.sees("still together")
    first.page.get_by_role("button", name=first.word("members.show", n=2)).click()
    first.button("members.menu", name="bob").click()
    first.page.get_by_role("menuitem", name=first.word("members.remove")).click()
    dialog = first.dialog("moderate.title", name="bob")
    dialog.get_by_role("button", name=first.word("moderate.remove"), exact=True).click()
    expect(second.says("stranger.missing")).to_be_visible()
    expect(second.room_link("Members only")).to_have_count(0)
    expect(second.composer("Members only")).to_have_count(0)
    first.post("Members only", "among ourselves")
    first.sees("among ourselves")
    expect(second.page.get_by_text("among ourselves")).to_have_count(0)
    second.page.reload()
    expect(second.says("stranger.missing")).to_be_visible()
    second.was_missing()
