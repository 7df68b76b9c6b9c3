from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow


def section(screen: Screen, name: str) -> Locator:
    screen.page.goto(f"/admin/{name}/")
    expect(screen.page.get_by_role("heading", name=screen.word(f"admin.{name}")).first).to_be_visible()
    return screen.page.locator("#main")


def choose(place: Locator, screen: Screen, key: str) -> None:
    place.get_by_role("radio", name=re.compile(f"^{re.escape(screen.word(key))}")).check()


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_a_message_is_reported_seen_to_and_what_was_done_stands_in_the_record(
    topology: Topology, enter: Enter, ada: Person, language: str, phone: bool
) -> None:
    bob, name = topology["bob"], f"Unkind {language}"
    rude = topology[f"rude-{language}"]
    room = topology.room(bob, rude, topology["alice"], name=name)
    said = f"something bad in {language}"
    topology.ask(rude, "POST", f"/rooms/{room}/messages", {"body": said})
    reporting = enter(topology["alice"], web=1, language=language)
    reporting.open_room(room, name)
    reporting.act(said, "message.report")
    dialog = reporting.dialog("report.title")
    expect(dialog).to_be_visible()
    choose(dialog, reporting, "report.kind_abuse")
    dialog.get_by_label(reporting.word("report.words")).fill("This hurts")
    reporting.has_no_barrier()
    dialog.get_by_role("button", name=reporting.word("report.send")).click()
    expect(reporting.says("report.sent")).to_be_visible()

    screen = enter(ada, web=0, language=language, phone=phone)
    place = section(screen, "reports")
    card = place.get_by_role("article").filter(has_text=said)
    expect(card).to_contain_text("This hurts")
    screen.has_no_barrier()
    card.get_by_role("button", name=screen.word("reports.act")).click()
    acting = screen.page.get_by_role("dialog")
    choose(acting, screen, "reports.act_banned")
    acting.get_by_role("textbox", name=screen.word("moderate.reason")).fill("Against our rules")
    screen.has_no_barrier()
    acting.get_by_role("button", name=screen.word("reports.act_banned"), exact=True).click()
    expect(screen.says("reports.done")).to_be_visible()
    expect(card).to_have_count(0)

    # Gone from the room, with what is left of it; and who did it, to whom and why is known.
    expect(reporting.log.get_by_text(reporting.word("message.removed"))).to_be_visible()
    expect(reporting.log.get_by_text("Against our rules")).to_be_visible()
    assert topology.call(rude, "POST", f"/rooms/{room}/join").status_code in (403, 404)
    place = section(screen, "audit")
    entry = place.get_by_role("listitem").filter(has_text=rude.handle).first
    expect(entry).to_contain_text("Against our rules")
    screen.has_no_barrier()
    with screen.page.expect_download() as download:
        place.get_by_role("link", name=screen.word("audit.csv"), exact=True).click()
    assert "Against our rules" in download.value.path().read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_an_account_is_found_made_a_guest_switched_off_and_on(
    topology: Topology, enter: Enter, ada: Person, language: str, phone: bool
) -> None:
    handle = f"temp-{language}"
    temp = topology[handle]
    room = topology.room(topology["bob"], temp, name=f"Shared {language}")
    other = enter(temp, web=1)
    other.open_room(room, f"Shared {language}")
    screen = enter(ada, web=0, language=language, phone=phone)
    place = section(screen, "people")
    place.get_by_role("searchbox").fill(handle)
    row = place.get_by_role("link").filter(has_text=f"@{handle}")
    expect(row).to_have_count(1)
    screen.has_no_barrier()
    row.click()
    choice = place.get_by_role("radio", name=re.compile(f"^{screen.word('people_admin.role_guest')}"))
    choice.click()
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_role("button", name=screen.word("people_admin.role_submit")).click()
    expect(choice).to_be_checked()
    screen.has_no_barrier()
    # Another role opens the connection anew; what is seen then is what the new role may see.
    other.open_room(room, f"Shared {language}")
    topology.ask(topology["bob"], "POST", f"/rooms/{room}/messages", {"body": "are you back?"})
    other.sees("are you back?")
    other.is_put_out = True
    screen.button("people_admin.off").click()
    dialog.get_by_label(screen.word("moderate.reason")).fill("Left us")
    dialog.get_by_role("button", name=screen.word("people_admin.off"), exact=True).click()
    expect(screen.button("people_admin.on")).to_be_visible()
    expect(other.says("link.disabled")).to_be_visible()
    screen.button("people_admin.on").click()
    expect(screen.button("people_admin.off")).to_be_visible()
    assert topology.ask(temp, "GET", "/me")["role"] == "guest"


def test_the_workspace_is_named_and_only_admins_make_rooms(
    topology: Topology, enter: Enter, ada: Person
) -> None:
    screen = enter(ada)
    place = section(screen, "workspace")
    place.get_by_label(screen.word("workspace.name")).fill("Han River")
    makers = place.get_by_role("group", name=screen.word("workspace.room_makers"))
    choose(makers, screen, "workspace.who_admins")
    screen.has_no_barrier()
    screen.button("dialog.save").click()
    expect(screen.says("settings.saved")).to_be_visible()
    refused = topology.call(topology["bob"], "POST", "/rooms", {"name": "Mine"})
    assert refused.status_code == 403
    section(screen, "health")
    expect(screen.page.get_by_role("table")).to_be_visible()
    screen.has_no_barrier()
    member = enter(topology["bob"])
    member.page.goto("/")
    expect(member.page.get_by_role("heading", name="Han River")).to_be_visible()
    member.page.goto("/admin/people/")
    expect(member.says("admin.not_for_me")).to_be_visible()
