from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from scripts.services import Worker, manage
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow


# What Chromium writes of an answer that the page shows in words.
@pytest.fixture
def ada(topology: Topology) -> Iterator[Person]:
    """Who runs the workspace; afterwards it keeps everything as before."""
    known = topology["ada"]
    topology.rows("UPDATE chat_user SET role = 'admin' WHERE id = %s RETURNING id", known.id)
    yield known
    topology.ask(known, "PATCH", "/retention", {"days": None})
    topology.ask(known, "DELETE", "/retention/hold")


def choice(place: Locator, screen: Screen, key: str) -> Locator:
    return place.get_by_role("radio", name=re.compile(f"^{re.escape(screen.word(key))}"))


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_who_deletes_their_account_is_out_in_every_window_and_what_was_said_stays_without_a_name(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    gus = topology[f"leaver-{language}"]
    bob, name = topology["bob"], f"Farewell {language}"
    room = topology.room(bob, gus, name=name)
    topology.ask(gus, "POST", f"/rooms/{room}/messages", {"body": "said before"})
    watching, other = enter(bob, web=1), enter(gus, web=1, language=language)
    for screen in (watching, other):
        screen.open_room(room, name)
    screen = enter(gus, web=0, language=language, phone=phone)
    screen.page.goto("/settings/data/")
    screen.button("erase.open").click()
    dialog = screen.dialog("erase.title")
    submit = dialog.get_by_role("button", name=screen.word("erase.submit"))
    expect(submit).to_be_disabled()
    screen.has_no_barrier()
    password = dialog.get_by_label(screen.word("erase.password"))
    password.fill("not it")
    submit.click()
    expect(dialog.get_by_role("alert")).to_have_text(screen.word("erase.wrong_password"))
    screen.was_refused("403")
    password.fill(gus.password)
    screen.is_put_out = other.is_put_out = True
    submit.click()
    expect(screen.page).to_have_url(re.compile("/accounts/login/"))
    expect(other.says("link.disabled")).to_be_visible()
    other.page.reload()
    expect(other.page).to_have_url(re.compile("/accounts/login/"))
    with Worker(topology.folder, env=topology.env, concurrency=1):
        topology.ask(bob, "POST", f"/rooms/{room}/messages", {"body": "@bob he is gone"})
        expect(watching.log.get_by_text("Deleted user").first).to_be_visible(timeout=60_000)
    watching.sees("said before")
    assert topology.call(gus, "GET", "/me").status_code == 401


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_an_admin_sets_how_long_a_room_keeps_and_what_is_older_goes_from_open_pages(
    topology: Topology, enter: Enter, ada: Person, language: str, phone: bool
) -> None:
    bob, name = topology["bob"], f"Keeping {language}"
    room = topology.room(ada, bob, name=name)
    for body in ("long ago", "today"):
        topology.ask(bob, "POST", f"/rooms/{room}/messages", {"body": body})
    for table in ("chat_change", "chat_message"):
        topology.rows(
            f"UPDATE {table} SET at = at - interval '40 days' WHERE room_id = %s AND seq <="
            " (SELECT seq FROM chat_message WHERE room_id = %s AND body = 'long ago') RETURNING seq",
            room, room,
        )  # fmt: skip
    watching, screen = enter(bob, web=1), enter(ada, web=0, language=language, phone=phone)
    watching.open_room(room, name)
    screen.open_room(room, name)
    dialog = open_settings(screen)
    screen.has_no_barrier()
    choice(dialog, screen, "keeping.days").check()
    days = days_of(screen)
    days.fill("3")
    expect(dialog.get_by_role("alert")).to_be_visible()
    days.fill("30")
    dialog.get_by_role("button", name=screen.word("keeping.hold_set")).click()
    expect(dialog.get_by_role("button", name=screen.word("keeping.release"))).to_be_visible()
    dialog.get_by_role("button", name=screen.word("dialog.save")).click()
    expect(dialog).to_have_count(0)

    # Held: it is said what would go, and nothing goes.
    screen.page.goto("/admin/data/")
    going = screen.page.locator("details").filter(has_text=screen.word("keeping.going"))
    going.locator("summary").click()
    row = going.get_by_role("listitem").filter(has_text=name)
    expect(row).to_contain_text(screen.word("keeping.going_held"))
    screen.has_no_barrier()
    manage(["retention"], topology.env)
    watching.sees("long ago")

    screen.open_room(room, name)
    dialog = open_settings(screen)
    expect(choice(dialog, screen, "keeping.days")).to_be_checked()
    expect(days_of(screen)).to_have_value("30")
    dialog.get_by_role("button", name=screen.word("keeping.release")).click()
    expect(dialog.get_by_role("button", name=screen.word("keeping.hold_set"))).to_be_visible()
    manage(["retention"], topology.env)
    expect(watching.message("long ago")).to_have_count(0)
    watching.sees("today")


def test_the_workspace_keeps_for_days_and_is_held_by_who_runs_it_alone(
    topology: Topology, enter: Enter, ada: Person
) -> None:
    screen = enter(ada)
    screen.page.goto("/admin/data/")
    choice(screen.page.locator("body"), screen, "keeping.days").check()
    days_of(screen).fill("90")
    form = screen.page.locator("form").filter(has=days_of(screen))
    form.get_by_role("button", name=screen.word("dialog.save")).click()
    expect(screen.says("settings.saved")).to_be_visible()
    screen.button("keeping.hold_set").click()
    expect(screen.button("keeping.release")).to_be_visible()
    screen.page.reload()
    expect(days_of(screen)).to_have_value("90")
    expect(screen.button("keeping.release")).to_be_visible()
    stored = topology.ask(ada, "GET", "/retention")
    assert (stored["days"], stored["hold"]["by"]) == (90, ada.id)
    other = enter(topology["bob"])
    other.page.goto("/settings/data/")
    expect(other.button("erase.open")).to_be_visible()
    expect(other.page.get_by_role("link", name=other.word("settings.workspace"), exact=True)).to_have_count(0)
    expect(other.page.get_by_text(other.word("keeping.title"))).to_have_count(0)


def days_of(screen: Screen) -> Locator:
    return screen.page.get_by_role("spinbutton", name=screen.word("keeping.days_label"))


def open_settings(screen: Screen) -> Locator:
    """Open the settings of the room, once how long it is kept is known."""
    screen.button("rooms.menu").click()
    screen.page.get_by_role("menuitem", name=screen.word("rooms.settings")).click()
    dialog = screen.dialog("rooms.settings")
    expect(choice(dialog, screen, "keeping.workspace")).to_be_visible()
    return dialog
