from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

WAYS = [("en", False), ("ko", True)]


def faces(screen: Screen, text: str, *names: str) -> Locator:
    """The faces of those who have read up to a message and no further."""
    listed = names[0] if len(names) == 1 else f"{names[0]} and {names[1]}"
    return screen.message(text).get_by_role("button", name=screen.word("seen.up_to", names=listed))


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_faces_show_live_who_has_read_and_a_press_tells_of_how_many(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    writer, bob, mina = topology["지우" if language == "ko" else "alice"], topology["bob"], topology["mina"]
    name = f"Reading {language}"
    room = topology.room(writer, bob, mina, name=name)
    screen = enter(writer, web=0, language=language, phone=phone)
    screen.open_room(room, name)
    screen.composer(name).fill("first words")
    screen.button("composer.send").click()
    screen.sees("first words")
    expect(screen.message("first words").locator(".seen-faces")).to_have_count(0)

    # Somebody else reads in a window of their own, on another process.
    reader = enter(bob, web=1)
    reader.open_room(room, name)
    expect(faces(screen, "first words", "bob")).to_be_visible()
    screen.composer(name).fill("second words")
    screen.button("composer.send").click()
    reader.sees("second words")
    expect(faces(screen, "second words", "bob")).to_be_visible()
    expect(screen.message("first words").locator(".seen-faces")).to_have_count(0)
    screen.has_no_barrier()
    fits(screen)

    topology.ask(mina, "POST", f"/rooms/{room}/read", {"msg_no": 1})
    expect(faces(screen, "first words", "mina")).to_be_visible()
    faces(screen, "first words", "mina").click()
    dialog = screen.dialog("seen.title")
    expect(dialog.get_by_text(screen.word("seen.count", n=2, of=2))).to_be_visible()
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    screen.has_no_barrier()
    screen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    # A reload reads it anew, and nothing of it stands in the log.
    screen.page.reload()
    expect(faces(screen, "second words", "bob")).to_be_visible()
    assert "seen" not in {kind for _, kind in topology.log(room)}


def test_who_hides_what_they_have_read_sees_nobody_and_is_not_seen(topology: Topology, enter: Enter) -> None:
    alice, carol, mina = topology["alice"], topology["carol"], topology["mina"]
    room = topology.room(alice, carol, mina, name="Quiet reading")
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "who reads this"})
    topology.ask(mina, "POST", f"/rooms/{room}/read", {"msg_no": 1})
    first, second = enter(alice, web=0), enter(carol, web=1)
    for screen in (first, second):
        screen.open_room(room, "Quiet reading")
    expect(faces(second, "who reads this", "mina")).to_be_visible()
    expect(faces(first, "who reads this", "carol", "mina")).to_be_visible()

    second.page.goto("/settings/profile/")
    choice = second.page.get_by_role("checkbox", name=second.word("seen.show_mine"))
    expect(choice).to_be_checked()
    choice.click()
    expect(choice).not_to_be_checked()
    second.has_no_barrier()
    second.open_room(room, "Quiet reading")
    second.post("Quiet reading", "I was here")
    expect(second.page.locator(".seen-faces")).to_have_count(0)
    second.message("who reads this").hover()
    second.message("who reads this").get_by_role(
        "button", name=second.word("message.more"), exact=True
    ).click()
    expect(second.page.get_by_role("menuitem", name=second.word("message.copy_link"))).to_be_visible()
    expect(second.page.get_by_role("menuitem", name=second.word("seen.menu"))).to_have_count(0)

    first.page.reload()
    expect(faces(first, "who reads this", "mina")).to_be_visible()
    first.act("I was here", "seen.menu")
    expect(first.dialog("seen.title").get_by_text(first.word("seen.nobody"))).to_be_visible()
    topology.ask(carol, "PATCH", "/me", {"hides_reading": False})


def test_a_room_can_be_told_not_to_show_it(topology: Topology, enter: Enter) -> None:
    alice, bob, mina = topology["alice"], topology["bob"], topology["mina"]
    room = topology.room(alice, bob, mina, name="Unseen")
    topology.ask(alice, "PATCH", f"/rooms/{room}/members/{mina.id}", {"role": "moderator"})
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "a secret ballot"})
    topology.ask(bob, "POST", f"/rooms/{room}/read", {"msg_no": 1})
    owner, moderator = enter(alice, web=0), enter(mina, web=1)
    for screen in (owner, moderator):
        screen.open_room(room, "Unseen")
    expect(faces(owner, "a secret ballot", "bob", "mina")).to_be_visible()
    moderator.button("rooms.menu").click()
    moderator.page.get_by_role("menuitem", name=moderator.word("seen.switch_off")).click()
    expect(owner.page.locator(".seen-faces")).to_have_count(0)

    owner.button("rooms.menu").click()
    owner.page.get_by_role("menuitem", name=owner.word("rooms.settings")).click()
    dialog = owner.dialog("rooms.settings")
    choice = dialog.get_by_role("checkbox", name=re.compile(owner.word("seen.room")))
    expect(choice).not_to_be_checked()
    choice.click()
    owner.has_no_barrier()
    dialog.get_by_role("button", name=owner.word("dialog.save")).click()
    expect(faces(owner, "a secret ballot", "bob", "mina")).to_be_visible()
    expect(faces(moderator, "a secret ballot", "bob")).to_be_visible()


def test_a_group_loses_its_name_and_is_called_by_its_people(topology: Topology, enter: Enter) -> None:
    alice, bob, carol = topology["alice"], topology["bob"], topology["carol"]
    group = topology.ask(alice, "POST", "/directs", {"users": [bob.id, carol.id]})["id"]
    topology.ask(alice, "PATCH", f"/rooms/{group}", {"name": "Book club"})
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.page.goto(f"/rooms/{group}/")
        expect(screen.page.get_by_role("heading", name="Book club", level=1)).to_be_visible()
    first.button("rooms.menu").click()
    first.page.get_by_role("menuitem", name=first.word("direct.name")).click()
    dialog = first.dialog("direct.name_title")
    dialog.get_by_label(first.word("fields.name"), exact=True).fill("")
    dialog.get_by_role("button", name=first.word("dialog.save")).click()
    expect(first.page.get_by_role("heading", name="bob, carol", level=1)).to_be_visible()
    expect(second.page.get_by_role("heading", name="alice, carol", level=1)).to_be_visible()
    second.page.reload()
    expect(second.page.get_by_role("heading", name="alice, carol", level=1)).to_be_visible()
