from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from scripts.services.process import until
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

# Each language and each theme once: a barrier comes from the words or from the colours, not from their pair.
LOOKS = [("en", "light"), ("ko", "dark")]


def fill(topology: Topology, name: str) -> int:
    """Make a room in which there is something of everything."""
    alice, jiwoo = topology["alice"], topology["지우"]
    room = topology.room(alice, jiwoo, name=name)
    topology.ask(alice, "PATCH", f"/rooms/{room}", {"topic": "Everything in one place · 모든 것"})
    path = f"/rooms/{room}/messages"
    topology.ask(
        alice, "POST", path, {"body": "Look: **bold**, `code`, https://example.org and\n\n> a quote"}
    )
    parent = topology.ask(jiwoo, "POST", path, {"body": "@alice 안녕하세요\n\n- 하나\n- 둘"})
    topology.ask(alice, "POST", path, {"body": "```python\nprint('안녕')\n```"})
    topology.ask(jiwoo, "POST", path, {"body": "답글이에요", "parent": parent["id"]})
    topology.ask(alice, "PUT", f"/messages/{parent['id']}/reactions/👍")
    topology.ask(jiwoo, "PATCH", f"/messages/{parent['id']}", {"body": "@alice 안녕하세요\n\n- 하나\n- 셋"})
    slip = topology.ask(alice, "POST", path, {"body": "a slip"})
    topology.ask(alice, "DELETE", f"/messages/{slip['id']}")
    return room


def places(screen: Screen, room: int, name: str) -> list[str]:
    """Look at every place of the page and return their names."""
    seen = []

    def look(place: str) -> None:
        screen.has_no_barrier()
        seen.append(place)

    def close() -> None:
        screen.page.keyboard.press("Escape")
        expect(screen.page.get_by_role("dialog")).to_have_count(0)

    screen.open_room(room, name)
    expect(screen.log).to_contain_text(screen.word("message.deleted"))
    look("room")
    screen.message("하나").hover()
    expect(screen.message("하나").get_by_role("toolbar")).to_be_visible()
    look("message tools")
    screen.message("하나").get_by_role("button", name=screen.word("message.more"), exact=True).click()
    expect(screen.page.get_by_role("menu")).to_be_visible()
    look("message menu")
    screen.page.keyboard.press("Escape")
    screen.page.goto(f"/rooms/{room}/")
    screen.composer(name).press_sequentially("@al" if screen.language == "ko" else "@지")
    expect(screen.page.get_by_role("listbox", name=screen.word("composer.mention_list"))).to_be_visible()
    look("people to mention")
    screen.composer(name).fill("")
    screen.page.get_by_role("button", name=screen.word("members.show", n=2)).click()
    expect(screen.page.get_by_role("heading", name=screen.word("members.title", n=2))).to_be_visible()
    look("members")
    screen.button("members.add").first.click()
    expect(screen.dialog("members.add_to", name=name)).to_be_visible()
    look("add people")
    close()
    screen.page.goto(f"/rooms/{room}/")
    replies = re.compile(re.escape(screen.word("thread.replies", n=1)))
    screen.page.get_by_role("link", name=replies).click()
    expect(screen.page.get_by_role("heading", name=screen.word("thread.title"))).to_be_visible()
    expect(screen.page.get_by_text("답글이에요")).to_be_visible()
    look("thread")
    for title, opens in (
        ("create.title", "sidebar.add_room"),
        ("sidebar.new_direct", "sidebar.new_direct"),
        ("invite.title", "sidebar.invite"),
    ):
        screen.button(opens).click()
        if opens == "sidebar.add_room":
            screen.page.get_by_role("menuitem", name=screen.word("sidebar.new_room")).click()
        expect(screen.dialog(title, workspace="Maru")).to_be_visible()
        look(title)
        close()
    screen.page.keyboard.press("Control+k")
    expect(screen.page.get_by_role("dialog")).to_be_visible()
    look("switcher")
    close()
    screen.button("sidebar.me_menu").click()
    screen.page.get_by_role("menuitem", name=screen.word("sidebar.help")).click()
    expect(screen.dialog("help.title")).to_be_visible()
    look("help")
    close()
    screen.page.goto("/rooms/")
    expect(screen.page.get_by_role("searchbox", name=screen.word("browse.search"))).to_be_visible()
    expect(screen.page.get_by_role("heading", level=2, name="Lobby")).to_be_visible()
    look("browser")
    screen.page.goto("/settings/")
    expect(screen.page.get_by_role("heading", name=screen.word("settings.title"))).to_be_visible()
    expect(screen.page.get_by_role("heading", name=screen.word("settings.profile"))).to_be_visible()
    look("settings")
    screen.page.get_by_role("link", name=screen.word("notify.title"), exact=True).click()
    expect(screen.page.get_by_role("checkbox", name=screen.word("notify.mail_on"))).to_be_visible()
    expect(screen.page.get_by_role("heading", name=screen.word("ledger.title"))).to_be_visible()
    look("notifications")
    screen.page.goto("/later/")
    expect(screen.page.get_by_role("heading", name=screen.word("reminders.heading"))).to_be_visible()
    look("later")
    return seen


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_no_place_has_a_barrier(topology: Topology, enter: Enter, language: str, theme: str) -> None:
    name = f"All {language} {theme}"
    room = fill(topology, name)
    person = topology["지우" if language == "ko" else "alice"]
    screen = enter(person, web=0, language=language, color_scheme=theme)
    assert len(places(screen, room, name)) == 16
    expect(screen.page.locator("html")).to_have_attribute("data-theme", theme)
    expect(screen.page.locator("html")).to_have_attribute("lang", language)


def newer_places(screen: Screen, room: int, name: str) -> list[str]:
    """Look at the lists over all rooms, what is done with a message, and the areas of settings and administration."""
    seen = []

    def look(place: str, *keys: str) -> None:
        for key in keys:
            expect(
                screen.page.get_by_role("heading", name=screen.word(key), exact=True).first
            ).to_be_visible()
        # Nothing of it is still on its way.
        expect(screen.page.locator("#main .skeleton-row")).to_have_count(0)
        screen.has_no_barrier()
        seen.append(place)

    for place, key in (
        ("unread", "all_unread.title"),
        ("mentions", "mentions.title"),
        ("threads", "threads.title"),
        ("saved", "saved.title"),
    ):
        screen.page.goto(f"/{place}/")
        look(place, key)
    screen.page.goto("/search/?q=in")
    expect(screen.page.locator("#main")).to_be_visible()
    look("search")
    for section in ("profile", "appearance", "security", "devices", "tokens", "data", "workspace"):
        screen.page.goto(f"/settings/{section}/")
        expect(screen.page.locator("#main h2").first).to_be_visible()
        look(f"settings {section}")
    for section in ("people", "workspace", "data", "reports", "audit", "health"):
        screen.page.goto(f"/admin/{section}/")
        look(f"admin {section}", f"admin.{section}")
    screen.open_room(room, name)
    screen.button("poll.new").click()
    expect(screen.dialog("poll.new")).to_be_visible()
    look("new poll")
    screen.page.keyboard.press("Escape")
    expect(screen.page.get_by_role("group", name=screen.word("poll.label"))).to_be_visible()
    look("poll")
    for action, title, values in (
        ("message.moderate", "moderate.title", {"name": "bob"}),
        ("forward.open", "forward.title", {"n": 1}),
    ):
        screen.message("unkind words").hover()
        screen.message("unkind words").get_by_role(
            "button", name=screen.word("message.more"), exact=True
        ).click()
        screen.page.get_by_role("menuitem", name=screen.word(action, **values)).click()
        expect(screen.dialog(title, **values)).to_be_visible()
        look(action)
        screen.page.keyboard.press("Escape")
        expect(screen.page.get_by_role("dialog")).to_have_count(0)
    screen.page.goto(f"/rooms/{room}/?panel=pins")
    look("pins", "pins.title")
    return seen


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_no_newer_place_has_a_barrier(
    topology: Topology, enter: Enter, ada: Person, language: str, theme: str
) -> None:
    name = f"Newer {language} {theme}"
    bob = topology["bob"]
    room = topology.room(ada, bob, name=name)
    path = f"/rooms/{room}/messages"
    topology.ask(bob, "POST", path, {"body": "unkind words for @ada"})
    topology.ask(bob, "POST", path, {"body": "Which one?", "poll": {"options": ["in", "out"]}})
    first = topology.ask(ada, "POST", path, {"body": "a thread"})
    topology.ask(bob, "POST", path, {"body": "an answer", "parent": first["id"]})
    topology.ask(ada, "PUT", f"/messages/{first['id']}/pin")
    topology.ask(ada, "PUT", f"/saved/{first['id']}", {})
    topology.ask(
        topology["bob"], "POST", f"/messages/{first['id']}/report", {"kind": "spam", "text": "really"}
    )
    screen = enter(ada, web=0, language=language, color_scheme=theme)
    topology.ask(ada, "PATCH", "/me", {"language": language})
    assert len(newer_places(screen, room, name)) == 23
    expect(screen.page.locator("html")).to_have_attribute("data-theme", theme)
    expect(screen.page.locator("html")).to_have_attribute("lang", language)


def test_the_language_changes_at_once_and_stays(topology: Topology, enter: Enter) -> None:
    guest = topology.newcomer()
    screen = enter(guest, web=0)
    screen.page.goto("/settings/appearance/")
    screen.page.get_by_role("radio", name="한국어").click()
    screen.language = "ko"
    expect(screen.page.get_by_role("heading", name=screen.word("settings.title"))).to_be_visible()
    expect(screen.page.locator("html")).to_have_attribute("lang", "ko")
    expect(screen.sidebar).to_contain_text(screen.word("sidebar.rooms"))
    assert until(lambda: topology.ask(guest, "GET", "/me")["language"] == "ko", 30)
    screen.page.reload()
    expect(screen.page.get_by_role("heading", name=screen.word("settings.title"))).to_be_visible()


def test_the_language_stays_although_the_page_is_loaded_anew_at_once(
    topology: Topology, enter: Enter
) -> None:
    guest = topology.newcomer()
    screen = enter(guest, web=0)
    for label, code in (("한국어", "ko"), ("English", "en")):
        screen.page.goto("/settings/appearance/")
        screen.page.get_by_role("radio", name=label).click()
        screen.page.reload()
        screen.language = code
        expect(screen.page.get_by_role("heading", name=screen.word("settings.title"))).to_be_visible()
        assert until(lambda code=code: topology.ask(guest, "GET", "/me")["language"] == code, 30)  # type: ignore[misc]


def test_the_colours_change_at_once_and_stay_without_a_flash(topology: Topology, enter: Enter) -> None:
    screen = enter(topology["mina"], web=0)
    screen.page.goto("/settings/appearance/")
    colour = "() => getComputedStyle(document.body).backgroundColor"
    light = screen.page.evaluate(colour)
    screen.page.get_by_role("radio", name=screen.word("settings.theme_dark")).check()
    expect(screen.page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = screen.page.evaluate(colour)
    assert light != dark
    # Before any script of the page has run, the chosen colours are there.
    screen.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { window.first = document.documentElement.dataset.theme; })"
    )
    screen.page.reload()
    assert screen.page.evaluate("window.first") == "dark"
    assert screen.page.evaluate(colour) == dark
    screen.page.get_by_role("radio", name=screen.word("settings.theme_system")).check()
    assert screen.page.evaluate(colour) == light
