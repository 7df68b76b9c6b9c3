from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from scripts.services.process import until
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.browser.voices import write
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

WAYS = [("en", False), ("ko", True)]


def people(screen: Screen) -> Locator:
    """The rows of the people in a room."""
    return screen.page.get_by_role("list", name=re.compile(r"\(")).get_by_role("listitem")


def rooms(screen: Screen) -> Locator:
    """The rooms that can be browsed."""
    return screen.page.get_by_role("main").get_by_role("listitem")


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_somebody_is_found_among_many_and_given_a_role(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    owner = topology["지우" if language == "ko" else "alice"]
    guests = [topology[f"guest-{number}"] for number in range(1, 13)]
    name = f"Crowd {language}"
    room = topology.room(owner, *guests, name=name)
    here = enter(topology["guest-7"], web=1)
    here.open_room(room, name)

    def are_others_gone() -> bool:
        items = topology.ask(owner, "GET", f"/rooms/{room}/members?limit=50")["items"]
        online = {item["user"]["handle"] for item in items if item["user"]["status"] != "offline"}
        return "guest-7" in online and online <= {"guest-7", owner.handle}

    # Whom another story has let in counts as there for a while.
    assert until(are_others_gone, 60)
    screen = enter(owner, web=0, language=language, phone=phone)
    screen.page.goto(f"/rooms/{room}/?panel=members")
    # Who is online stands before the others, by name.
    first, second = (owner.handle, "guest-7") if language == "en" else ("guest-7", owner.handle)
    expect(people(screen).nth(0)).to_contain_text(first)
    expect(people(screen).nth(1)).to_contain_text(second)
    screen.has_no_barrier()
    fits(screen)
    order = screen.page.get_by_label(screen.word("members.order"), exact=True)
    order.select_option("name")
    expect(people(screen).nth(1 if language == "en" else 0)).to_contain_text("guest-1")

    field = screen.page.get_by_role("searchbox", name=screen.word("members.search"))
    field.fill("guest-11")
    expect(people(screen)).to_have_count(1)
    screen.button("members.menu", name="guest-11").click()
    screen.page.get_by_role("menuitem", name=screen.word("role.make_moderator")).click()
    expect(people(screen)).to_contain_text(screen.word("role.moderator"))
    field.fill("")
    screen.page.get_by_label(screen.word("members.which"), exact=True).select_option("moderator")
    expect(people(screen)).to_have_count(1)
    expect(people(screen)).to_contain_text("guest-11")
    field.fill("nobody of this name")
    expect(screen.says("people.none")).to_be_visible()
    field.fill("")

    screen.page.get_by_label(screen.word("members.which"), exact=True).select_option("")
    field.fill("guest-12")
    screen.button("members.menu", name="guest-12").click()
    screen.page.get_by_role("menuitem", name=screen.word("members.ban")).click()
    dialog = screen.dialog("moderate.title", name="guest-12")
    dialog.get_by_role("button", name=screen.word("moderate.ban"), exact=True).click()
    expect(screen.says("people.none")).to_be_visible()


def plant(topology: Topology, room: int, count: int) -> None:
    """Have many people in a room, faster than they could come."""
    topology.rows(
        """INSERT INTO chat_user (handle, name, password, email, role, is_bot, is_active, language, time_zone,
             session_salt, is_superuser, created_at)
           SELECT 'fan-' || n, 'Fan ' || lpad(n::text, 3, '0'), '!', '', 'member', false, true, '', '', '', false, now()
           FROM generate_series(1, %s::int) AS n RETURNING id""",
        count,
    )
    topology.rows(
        """INSERT INTO chat_membership (room_id, user_id, role, level, read_msg_no, joined_seq, joined_at)
           SELECT %s, id, 'member', 'all', 0, 1, now() FROM chat_user WHERE handle LIKE 'fan-%%' RETURNING id""",
        room,
    )


def test_of_a_large_room_only_a_part_is_in_the_page(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Stadium")
    plant(topology, room, 300)
    screen = enter(alice, web=0)
    screen.page.goto(f"/rooms/{room}/?panel=members")
    screen.page.get_by_label(screen.word("members.order"), exact=True).select_option("name")
    expect(people(screen).nth(1)).to_contain_text("Fan 001")
    scroller = screen.page.locator(".windowed")
    seen: set[str] = set()

    def has_all() -> bool:
        seen.update(re.findall(r"Fan \d{3}", scroller.inner_text()))
        assert people(screen).count() <= 50
        scroller.evaluate("(list) => { list.scrollTop += list.clientHeight / 2; }")
        return len(seen) == 300

    assert until(has_all, 60)
    screen.page.get_by_role("searchbox", name=screen.word("members.search")).fill("fan-299")
    expect(people(screen)).to_have_count(1)
    expect(people(screen)).to_contain_text("Fan 299")


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_an_open_room_is_looked_at_before_it_is_joined(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, guest = topology["alice"], topology["지우" if language == "ko" else "carol"]
    name = f"Harbour {language}"
    room = topology.room(alice, topology["bob"], name=name, kind="open")
    topology.room(alice, name=f"Hidden harbour {language}")
    quiet = topology.room(alice, name=f"Harbour wall {language}", kind="open")
    topology.ask(alice, "PATCH", f"/rooms/{quiet}", {"topic": "Ships and boats"})
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "The tide is out"})
    screen = enter(guest, web=1, language=language, phone=phone)
    screen.page.goto("/rooms/")
    field = screen.page.get_by_role("searchbox", name=screen.word("browse.search"))
    field.fill(f"harbour {language}")
    expect(rooms(screen)).to_have_count(1)
    field.fill("boats")
    expect(rooms(screen).filter(has_text=f"Harbour wall {language}")).to_have_count(1)
    field.fill("harbour")
    screen.page.get_by_label(screen.word("browse.order"), exact=True).select_option("members")
    screen.page.get_by_label(screen.word("browse.which"), exact=True).select_option("joinable")
    mine = rooms(screen).filter(has_text=language)
    expect(mine).to_have_count(2)
    expect(mine.nth(0)).to_contain_text(name)
    screen.has_no_barrier()
    fits(screen)

    # The keys lead from the field to the rooms and back.
    first = rooms(screen).first.get_by_role("link")
    field.press("ArrowDown")
    expect(first).to_be_focused()
    first.press("ArrowUp")
    expect(field).to_be_focused()

    mine.nth(0).get_by_role("link").click()
    expect(screen.page.get_by_role("heading", name=name, level=1)).to_be_visible()
    look = screen.page.get_by_role("log", name=screen.word("stranger.look"))
    expect(look.get_by_role("article")).to_contain_text("The tide is out")
    expect(screen.composer(name)).to_have_count(0)
    screen.has_no_barrier()
    fits(screen)
    screen.button("rooms.join").click()
    expect(screen.composer(name)).to_be_visible()
    screen.sees("The tide is out")

    screen.page.goto("/rooms/")
    screen.page.get_by_label(screen.word("browse.which"), exact=True).select_option("joined")
    row = rooms(screen).filter(has_text=name)
    expect(row).to_contain_text(screen.word("browse.joined"))
    row.get_by_role("button", name=screen.word("browse.leave")).click()
    question = screen.dialog("rooms.leave_title", name=name)
    question.get_by_role("button", name=screen.word("rooms.leave")).click()
    expect(row).to_have_count(0)
    field = screen.page.get_by_role("searchbox", name=screen.word("browse.search"))
    field.fill("no such room at all")
    expect(screen.says("browse.none", query="no such room at all")).to_be_visible()
    screen.button("browse.clear").click()
    expect(rooms(screen).filter(has_text=name)).to_have_count(1)


def top_of(screen: Screen, text: str) -> float:
    """How far below the upper edge of the list a message stands."""
    top: float = screen.message(text).evaluate(
        "(row) => row.getBoundingClientRect().top - row.closest('.timeline').getBoundingClientRect().top"
    )
    return top


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_a_room_stands_where_it_was_left(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, reader = topology["alice"], topology["지우" if language == "ko" else "bob"]
    long, other = f"Long walk {language}", f"Short stop {language}"
    room = topology.room(alice, reader, name=long)
    topology.room(alice, reader, name=other)
    write(topology, alice, room, [f"step {number:03}" for number in range(180)])
    topology.ask(reader, "POST", f"/rooms/{room}/read", {"msg_no": 180})
    screen = enter(reader, web=0, language=language, phone=phone)
    if phone:
        screen.page.goto("/")
        screen.room_link(long).click()
    else:
        screen.open_room(room, long)
    screen.sees("step 179")

    # Far up, where more than the last page has been read.
    def is_far_up() -> bool:
        screen.log.evaluate("(list) => { list.scrollTop = 0; }")
        return screen.message("step 040").count() == 1

    assert until(is_far_up, 30)
    screen.message("step 040").evaluate("(row) => row.scrollIntoView({ block: 'start' })")
    expect(screen.button("timeline.jump")).to_be_visible()
    stood = top_of(screen, "step 040")

    def leave_and_return() -> None:
        if phone:
            screen.button("nav.back").click()
        screen.room_link(other).click()
        expect(screen.composer(other)).to_be_visible()
        if phone:
            screen.button("nav.back").click()
        screen.room_link(long).click()

    leave_and_return()
    expect(screen.message("step 040")).to_be_in_viewport()
    assert until(lambda: abs(top_of(screen, "step 040") - stood) < 2, 30)

    # Back and forward in the browser lead there too.
    screen.page.go_back()
    expect(screen.log).to_have_count(0 if phone else 1)
    screen.page.go_forward()
    expect(screen.message("step 040")).to_be_in_viewport()
    assert until(lambda: abs(top_of(screen, "step 040") - stood) < 2, 30)

    # At its end it opens at its end.
    screen.button("timeline.jump").click()
    expect(screen.message("step 179")).to_be_in_viewport()
    leave_and_return()
    expect(screen.message("step 179")).to_be_in_viewport()
