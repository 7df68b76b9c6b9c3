from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

WAYS = [("en", False), ("ko", True)]


def say(topology: Topology, person: Person, room: int, body: str, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = topology.ask(person, "POST", f"/rooms/{room}/messages", {"body": body, **fields})
    return made


def link(screen: Screen) -> Locator:
    """The way to the threads, in the left column."""
    return screen.sidebar.get_by_role("link", name=re.compile(rf"^{screen.word('threads.title')}( ?,|$)"))


def cards(screen: Screen) -> Locator:
    return screen.page.get_by_role("main").locator("section.thread-card")


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_a_thread_is_told_of_read_and_answered_where_it_is_found(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    asker, other = topology["지우" if language == "ko" else "bob"], topology["alice"]
    name = f"Threads {language}"
    room = topology.room(other, asker, name=name)
    root = say(topology, asker, room, "어느 쪽이 좋아요?")
    screen = enter(asker, language=language, phone=phone)
    screen.page.goto("/" if phone else f"/rooms/{room}/")
    expect(link(screen)).to_be_visible()
    for body in ("하나", "둘", "셋", "넷"):
        say(topology, other, room, body, parent=root["id"])
    unread = screen.word("threads.unread", n=1)
    expect(link(screen)).to_contain_text(unread)
    link(screen).click()
    card = cards(screen).filter(has_text="어느 쪽이 좋아요?")
    expect(card).to_contain_text("넷")
    expect(card).not_to_contain_text("하나")
    expect(card.get_by_text(screen.word("threads.earlier", n=1))).to_be_visible()
    expect(card.get_by_text(screen.word("timeline.new"))).to_be_visible()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    # Seen is read, on every device.
    expect(card.locator(".thread-new")).to_have_count(0)
    again = enter(asker, web=1, language=language)
    again.page.goto("/threads/")
    expect(cards(again).filter(has_text="어느 쪽이 좋아요?")).to_be_visible()
    expect(link(again)).not_to_contain_text(unread)
    card.get_by_role("button", name=screen.word("threads.answer")).click()
    box = card.get_by_role("textbox", name=screen.word("thread.placeholder"))
    box.fill("그럼 둘로 해요")
    card.get_by_label(screen.word("thread.also_in_room", name=name)).check()
    screen.has_no_barrier()
    card.get_by_role("button", name=screen.word("composer.send"), exact=True).click()
    expect(card.get_by_role("article").filter(has_text="그럼 둘로 해요")).to_have_attribute(
        "data-seq", re.compile(r"\d")
    )
    expect(cards(again).filter(has_text="그럼 둘로 해요")).to_be_visible()
    # One message, in both places.
    reader = enter(other, web=1)
    reader.open_room(room, name)
    reader.sees("그럼 둘로 해요")
    expect(reader.message("그럼 둘로 해요")).to_contain_text(reader.word("thread.reply_line"))
    assert [row[3] for row in topology.stored(room)].count("그럼 둘로 해요") == 1


def test_a_thread_is_left_and_followed_with_the_bell(topology: Topology, enter: Enter) -> None:
    bob, alice = topology["bob"], topology["alice"]
    room = topology.room(alice, bob, name="Bells")
    root = say(topology, alice, room, "a question")
    say(topology, alice, room, "more of it", parent=root["id"])
    screen = enter(bob)
    screen.page.goto(f"/rooms/{room}/?thread={root['id']}")
    # Bob has nothing to do with it yet.
    bell = screen.button("threads.follow")
    expect(bell).to_have_attribute("aria-pressed", "false")
    bell.click()
    left = screen.button("threads.unfollow")
    expect(left).to_have_attribute("aria-pressed", "true")
    screen.page.goto("/threads/")
    expect(cards(screen).filter(has_text="a question")).to_be_visible()
    before = link(screen).inner_text()
    cards(screen).filter(has_text="a question").get_by_role(
        "button", name=screen.word("threads.unfollow")
    ).click()
    expect(screen.button("threads.follow").first).to_be_visible()
    say(topology, alice, room, "for nobody", parent=root["id"])
    expect(cards(screen).filter(has_text="for nobody")).to_be_visible()
    assert link(screen).inner_text() == before
    assert [one["message"] for one in topology.ask(bob, "GET", "/threads/state")["items"]].count(
        root["id"]
    ) == 0


def test_without_threads_the_page_says_how_they_come_about(topology: Topology, enter: Enter) -> None:
    screen = enter(topology.newcomer())
    screen.page.goto("/threads/")
    expect(screen.says("threads.empty")).to_be_visible()
    screen.has_no_barrier()
