from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from scripts.services.process import until
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

WAYS = [("en", False), ("ko", True)]


def say(topology: Topology, person: Person, room: int, *bodies: str) -> None:
    """Write to a room."""
    for body in bodies:
        topology.ask(person, "POST", f"/rooms/{room}/messages", {"body": body})


def catch_up(topology: Topology, person: Person) -> None:
    """Have read everything that other stories have said."""
    while found := topology.ask(person, "GET", "/unread?limit=20")["items"]:
        for item in found:
            last = item["room"]["last_msg_no"]
            topology.ask(person, "POST", f"/rooms/{item['room']['id']}/read", {"msg_no": last})


def group(screen: Screen, name: str) -> Locator:
    """What is unread in a room."""
    return screen.page.get_by_role("region", name=name, exact=True)


def finder(screen: Screen) -> Locator:
    """Where one types in the quick switcher."""
    return screen.page.get_by_role("combobox", name=screen.word("sidebar.find"))


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_all_that_is_unread_is_read_and_marked_in_one_place(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, reader = topology["alice"], topology["지우" if language == "ko" else "bob"]
    catch_up(topology, reader)
    first, second = f"Morning {language}", f"Evening {language}"
    rooms = [topology.room(alice, reader, name=name) for name in (first, second)]
    say(topology, alice, rooms[0], *(f"line {number}" for number in range(12)))
    say(topology, alice, rooms[1], f"@{reader.handle} the only one")

    screen = enter(reader, web=0, language=language, phone=phone)
    screen.page.goto("/unread/")
    expect(group(screen, first).get_by_role("article")).to_have_count(10)
    expect(group(screen, first)).to_contain_text(screen.word("all_unread.earlier", n=2))
    expect(group(screen, second)).to_contain_text("the only one")
    # Where I am named stands first.
    expect(screen.page.locator("[data-unread-room]").first).to_have_attribute(
        "data-unread-room", str(rooms[1])
    )
    screen.has_no_barrier()
    if phone:
        fits(screen)

    say(topology, alice, rooms[0], "said just now")
    expect(group(screen, first)).to_contain_text("said just now")
    mark = screen.word("all_unread.mark")
    group(screen, first).get_by_role("button", name=re.compile(re.escape(mark))).click()
    expect(group(screen, first)).to_have_count(0)
    group(screen, second).get_by_role("article").locator("time").first.click()
    expect(screen.page).to_have_url(re.compile(rf"/rooms/{rooms[1]}/\?seq=\d+$"))
    expect(screen.message("the only one")).to_be_in_viewport()
    screen.page.go_back()
    expect(screen.says("all_unread.empty")).to_be_visible()
    screen.has_no_barrier()
    # The page shows it at once and tells the server a moment later.
    assert until(lambda: topology.ask(reader, "GET", "/unread")["items"] == [], 30)


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_who_names_me_is_listed_and_followed_to_the_place(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, reader = topology["alice"], topology["지우" if language == "ko" else "bob"]
    catch_up(topology, reader)
    name = f"Naming {language}"
    room = topology.room(alice, reader, name=name)
    say(topology, alice, room, f"@{reader.handle} an early question", *(f"talk {n}" for n in range(70)))
    screen = enter(reader, web=0, language=language, phone=phone)
    screen.page.goto("/mentions/")
    items = screen.page.get_by_role("main").get_by_role("listitem")
    expect(items.first).to_contain_text("an early question")
    expect(items.first).to_contain_text(name)
    say(topology, alice, room, f"@{reader.handle} a late question")
    expect(items.first).to_contain_text("a late question")
    screen.has_no_barrier()
    if phone:
        fits(screen)
    screen.button("mentions.unread").click()
    expect(items).to_have_count(2)
    screen.button("mentions.all").click()

    items.filter(has_text="an early question").get_by_role("link", name=re.compile(name)).click()
    expect(screen.page).to_have_url(re.compile(rf"/rooms/{room}/\?seq=\d+$"))
    expect(screen.message("an early question")).to_be_in_viewport()
    screen.page.go_back()
    items.first.get_by_role("button", name=screen.word("mentions.mark", name=name)).click()
    screen.button("mentions.unread").click()
    expect(screen.says("mentions.none_unread")).to_be_visible()


def test_switcher_finds_rooms_commands_and_messages(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    here, there = (topology.room(alice, bob, name=name) for name in ("Quince", "Quokka"))
    say(topology, alice, there, "a marsupial that smiles")
    screen = enter(bob, web=0)
    options = screen.page.get_by_role("option")
    screen.open_room(there, "Quokka")
    screen.open_room(here, "Quince")

    # What was open last comes first.
    screen.page.keyboard.press("Control+k")
    expect(options.first).to_contain_text("Quokka")
    screen.has_no_barrier()
    screen.page.keyboard.press("Enter")
    expect(screen.page).to_have_url(re.compile(rf"/rooms/{there}/$"))

    screen.page.keyboard.press("Control+k")
    finder(screen).fill("marsup")
    expect(options.filter(has_text="a marsupial that smiles").locator("mark")).to_have_text("marsup")
    screen.has_no_barrier()
    options.filter(has_text="a marsupial that smiles").click()
    expect(screen.page).to_have_url(re.compile(rf"/rooms/{there}/\?seq=\d+$"))

    for scheme in ("dark", "light"):
        screen.page.keyboard.press("Control+k")
        finder(screen).fill(f"> {scheme}")
        expect(options.first).to_contain_text(screen.word(f"command.{scheme}"))
        screen.page.keyboard.press("Enter")
        expect(screen.page.locator("html")).to_have_attribute("data-theme", scheme)


def test_keys_lead_through_rooms_and_messages_and_leave_alone_who_types(
    topology: Topology, enter: Enter
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    catch_up(topology, bob)
    quiet, loud = (topology.room(alice, bob, name=name) for name in ("Aside", "Zebra crossing"))
    screen = enter(bob, web=0)
    screen.open_room(quiet, "Aside")
    screen.post("Aside", "mine")
    screen.sees("mine")
    say(topology, alice, quiet, "theirs")
    screen.sees("theirs")

    # Letters are text while somebody types.
    screen.composer("Aside").press_sequentially("jk?re")
    expect(screen.composer("Aside")).to_have_value("jk?re")
    screen.composer("Aside").fill("")
    screen.log.focus()
    screen.page.keyboard.press("k")
    expect(screen.message("theirs")).to_be_focused()
    screen.page.keyboard.press("k")
    expect(screen.message("mine")).to_be_focused()
    screen.page.keyboard.press("e")
    box = screen.page.get_by_role("textbox", name=screen.word("message.edit_label"))
    expect(box).to_have_value("mine")
    box.press("Escape")
    expect(screen.composer("Aside")).to_be_focused()
    screen.log.focus()
    screen.page.keyboard.press("k")
    screen.page.keyboard.press("r")
    expect(screen.page).to_have_url(re.compile(rf"/rooms/{quiet}/\?thread=\d+$"))
    screen.page.go_back()

    say(topology, alice, loud, "hear me")
    expect(screen.room_link("Zebra crossing")).to_have_attribute("data-bold", "true")
    screen.page.keyboard.press("Alt+Shift+ArrowDown")
    expect(screen.page).to_have_url(re.compile(rf"/rooms/{loud}/$"))
    screen.page.keyboard.press("Alt+ArrowUp")
    expect(screen.page).not_to_have_url(re.compile(rf"/rooms/{loud}/"))

    screen.page.keyboard.press("Control+/")
    expect(screen.dialog("help.title")).to_be_visible()
    screen.has_no_barrier()
    screen.page.get_by_role("checkbox", name=screen.word("help.letters")).uncheck()
    screen.page.keyboard.press("Escape")
    screen.log.focus()
    # Without letters it is nobody's.
    screen.page.keyboard.press("?")
    expect(screen.dialog("help.title")).to_have_count(0)
    screen.page.keyboard.press("Control+/")
    expect(screen.dialog("help.title")).to_have_count(1)
    expect(screen.page.get_by_role("checkbox", name=screen.word("help.letters"))).not_to_be_checked()


def test_escape_marks_the_room_as_read_in_every_tab(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Tall tower")
    say(topology, alice, room, *(f"storey {number}" for number in range(60)))
    other = enter(bob, web=1)
    other.page.goto("/later/")
    expect(other.room_link("Tall tower")).to_have_attribute("data-bold", "true")
    screen = enter(bob, web=0)
    first = topology.ask(bob, "GET", f"/rooms/{room}/messages?limit=60")["items"][0]
    screen.page.goto(f"/rooms/{room}/?seq={first['seq']}")
    expect(screen.message("storey 0")).to_be_in_viewport()
    expect(screen.room_link("Tall tower")).to_have_attribute("data-bold", "true")
    screen.page.keyboard.press("Escape")
    for one in (screen, other):
        expect(one.room_link("Tall tower")).not_to_have_attribute("data-bold", "true")
