from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.screen import DESKTOP, PHONE
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


def test_where_moderators_alone_write_others_answer_in_threads_and_the_page_says_so(
    topology: Topology, enter: Enter
) -> None:
    alice, jiwoo = topology["alice"], topology["지우"]
    room = topology.room(alice, jiwoo, name="소식")
    first, second = enter(alice, web=0), enter(jiwoo, web=1, language="ko")
    for screen in (first, second):
        screen.open_room(room, "소식")
    first.button("rooms.menu").click()
    first.page.get_by_role("menuitem", name=first.word("rooms.settings")).click()
    settings = first.dialog("rooms.settings")
    settings.get_by_role("radio", name=re.compile("^" + first.word("fields.posting_threads"))).check()
    first.has_no_barrier()
    settings.get_by_role("button", name=first.word("dialog.save")).click()
    # The face changes while the other one looks at it.
    expect(second.says("composer.posting_threads")).to_be_visible()
    expect(second.composer("소식")).to_have_count(0)
    second.has_no_barrier()
    second.page.set_viewport_size(PHONE)
    second.has_no_barrier()
    second.page.set_viewport_size(DESKTOP)
    first.post("소식", "We are moving")
    second.sees("We are moving")
    second.message("We are moving").hover()
    second.message("We are moving").get_by_role("button", name=second.word("message.reply")).click()
    answer = second.page.get_by_role("textbox", name=second.word("thread.placeholder"))
    answer.fill("언제 가요?")
    answer.press("Enter")
    expect(answer).to_have_value("")
    expect(first.message("We are moving").get_by_text(first.word("thread.replies", n=1))).to_be_visible()


def test_in_a_slow_room_the_composer_counts_down_and_keeps_the_text(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Slow lane")
    topology.ask(alice, "PATCH", f"/rooms/{room}", {"slow_s": 10})
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, "Slow lane")
    second.post("Slow lane", "one")
    first.sees("one")
    expect(second.page.get_by_text(re.compile(r"^You can write again in \d+ second"))).to_be_visible()
    second.composer("Slow lane").fill("two")
    second.composer("Slow lane").press("Enter")
    expect(second.composer("Slow lane")).to_have_value("two")
    expect(second.button("composer.send")).to_be_disabled()
    second.has_no_barrier()
    # Who runs the room does not wait.
    for text in ("mine", "and mine"):
        first.post("Slow lane", text)
        second.sees(text)
    expect(second.button("composer.send")).to_be_enabled(timeout=20_000)
    second.composer("Slow lane").press("Enter")
    first.sees("two")


def test_a_muted_room_is_quiet_on_all_devices(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Loud place")
    desk, phone = enter(bob, web=0), enter(bob, web=1, phone=True, language="ko")
    desk.open_room(room, "Loud place")
    phone.page.goto("/")
    expect(phone.room_link("Loud place")).to_be_visible()
    desk.button("rooms.menu").click()
    desk.page.get_by_role("menuitem", name=re.compile("^" + desk.word("level.menu"))).click()
    choice = desk.dialog("level.title", name="Loud place")
    choice.get_by_role("radio", name=re.compile("^" + desk.word("level.none"))).check()
    desk.has_no_barrier()
    choice.get_by_role("button", name=desk.word("dialog.done")).click()
    link = phone.room_link("Loud place")
    expect(link).to_have_attribute("data-muted", "true")
    desk.page.goto("/rooms/")
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "@bob anybody?"})
    topology.ask(alice, "PATCH", f"/rooms/{room}", {"name": "Louder place"})
    # The second came after the first, and brought no count with it.
    expect(phone.room_link("Louder place")).to_be_visible()
    expect(phone.room_link("Louder place")).not_to_contain_text("1")
    phone.has_no_barrier()


def test_the_topic_is_written_in_the_head(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Topical")
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, "Topical")
    expect(second.button("rooms.topic_add")).to_have_count(0)
    first.button("rooms.topic_add").click()
    field = first.page.get_by_role("textbox", name=first.word("rooms.topic"), exact=True)
    expect(field).to_be_focused()
    field.fill("What we talk about")
    field.press("Enter")
    expect(second.page.get_by_role("button", name="What we talk about")).to_be_visible()
    expect(first.button("rooms.topic_edit")).to_be_focused()


def test_an_archived_room_says_so_and_comes_back_from_there(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Attic")
    topology.ask(alice, "PATCH", f"/rooms/{room}", {"archived": True})
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.page.goto(f"/rooms/{room}/")
        expect(screen.says("composer.archived")).to_be_visible()
    expect(second.button("rooms.restore")).to_have_count(0)
    first.has_no_barrier()
    first.button("rooms.restore").click()
    second.post("Attic", "back again")
    first.sees("back again")


def test_a_conversation_of_several_is_named_and_grows_into_a_new_one(
    topology: Topology, enter: Enter
) -> None:
    alice, bob, mina = topology["alice"], topology["bob"], topology["mina"]
    group = topology.ask(alice, "POST", "/directs", {"users": [bob.id, mina.id]})["id"]
    topology.ask(alice, "POST", f"/rooms/{group}/messages", {"body": "between us three"})
    first, second = enter(bob, web=0), enter(mina, web=1)
    for screen in (first, second):
        screen.page.goto(f"/rooms/{group}/")
        screen.sees("between us three")
    first.button("rooms.menu").click()
    first.page.get_by_role("menuitem", name=first.word("direct.name")).click()
    dialog = first.dialog("direct.name_title")
    dialog.get_by_label(first.word("fields.name"), exact=True).fill("Lunch club")
    dialog.get_by_role("button", name=first.word("dialog.save")).click()
    expect(second.page.get_by_role("heading", name="Lunch club", level=1)).to_be_visible()
    second.page.reload()
    expect(second.room_link("Lunch club")).to_be_visible()
    first.button("rooms.menu").click()
    first.page.get_by_role("menuitem", name=first.word("members.add")).click()
    dialog = first.dialog("members.add")
    dialog.get_by_role("combobox").fill("지우")
    dialog.get_by_role("option", name=re.compile("지우")).click()
    dialog.get_by_role("button", name=first.word("direct.submit")).click()
    expect(first.page.get_by_role("heading", name=re.compile("지우"), level=1)).to_be_visible()
    # What was said before stays where it was.
    expect(first.message("between us three")).to_have_count(0)
