from __future__ import annotations

import pytest
from playwright.sync_api import expect

from scripts.services import manage
from tests.browser.conftest import Enter
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

_NOTE = "from chat.tasks import sweep_outbox; sweep_outbox()"
_CONFIRM = """
    INSERT INTO account_emailaddress (user_id, email, verified, "primary") VALUES (%s, %s, true, true) RETURNING id
"""


def reachable(topology: Topology, person: Person) -> str:
    """Give somebody an address that is confirmed."""
    email = f"{person.handle}@example.org"
    topology.rows("UPDATE chat_user SET email = %s WHERE id = %s RETURNING id", email, person.id)
    topology.rows(_CONFIRM, person.id, email)
    return email


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_one_chooses_what_comes_by_mail_and_sees_why_something_did_not(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, person = topology["alice"], topology.newcomer()
    topology.ask(person, "PATCH", "/me", {"language": language, "time_zone": "UTC"})
    name = f"Mail {language}"
    room = topology.room(alice, person, name=name)
    topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": f"@{person.handle} hello"})
    manage(["shell", "--no-imports", "-c", _NOTE], topology.env)
    screen = enter(person, web=0, language=language, phone=phone)

    screen.page.goto("/settings/")
    screen.page.get_by_role("link", name=screen.word("notify.title"), exact=True).click()
    expect(screen.page.get_by_role("heading", name=screen.word("ledger.title"))).to_be_visible()
    expect(screen.page.get_by_text(screen.word("notify.no_mail_no_address"))).to_be_visible()
    expect(screen.button("notify.test_send")).to_be_disabled()
    line = screen.page.get_by_role("listitem").filter(has_text=screen.word("ledger.suppressed.no_address"))
    expect(line).to_contain_text(name)
    screen.has_no_barrier()
    if phone:
        fits(screen)
    line.get_by_role("link").click()
    expect(screen.message("hello")).to_be_in_viewport()

    email = reachable(topology, person)
    screen.page.goto("/settings/notifications/")
    switch = screen.page.get_by_role("checkbox", name=screen.word("notify.mail_on"))
    expect(switch).to_be_checked()
    switch.click()
    expect(switch).not_to_be_checked()
    screen.page.get_by_role("radio", name=screen.word("notify.digest_daily")).check()
    screen.page.get_by_label(screen.word("notify.quiet_from"), exact=True).fill("21:30")
    screen.page.get_by_label(screen.word("notify.quiet_to"), exact=True).fill("21:30")
    expect(screen.page.get_by_role("alert")).to_have_text(screen.word("notify.quiet_same"))
    screen.page.get_by_label(screen.word("notify.quiet_to"), exact=True).fill("07:00")
    screen.button("notify.quiet_on").click()
    expect(screen.button("notify.quiet_off")).to_be_visible()
    screen.button("notify.zone_use", here="Asia/Seoul").click()
    expect(screen.button("notify.zone_use", here="Asia/Seoul")).to_have_count(0)
    screen.button("notify.test_send").click()
    expect(screen.button("notify.test_look")).to_be_visible()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    stored = topology.ask(person, "GET", "/me/notifications", web=1)
    assert (stored["mail"], stored["digest"], stored["quiet_from"], stored["quiet_to"]) == (
        False, "daily", "21:30", "07:00",
    )  # fmt: skip
    assert (stored["time_zone"], stored["email"], stored["no_mail"]) == ("Asia/Seoul", email, None)
    assert stored["test"] is not None

    screen.page.reload()
    expect(switch).not_to_be_checked()
    expect(screen.page.get_by_label(screen.word("notify.quiet_to"), exact=True)).to_have_value("07:00")
    screen.button("notify.quiet_off").click()
    expect(screen.button("notify.quiet_on")).to_be_visible()
    assert topology.ask(person, "GET", "/me/notifications")["quiet_from"] == ""


def test_the_list_of_what_came_goes_on_where_it_ends(topology: Topology, enter: Enter) -> None:
    alice, person = topology["alice"], topology.newcomer()
    room = topology.room(alice, person, name="Many mentions")
    for number in range(33):
        topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": f"@{person.handle} {number}"})
    manage(["shell", "--no-imports", "-c", _NOTE], topology.env)
    screen = enter(person, web=0)
    screen.page.goto("/settings/notifications/")
    lines = screen.page.get_by_role("listitem").filter(has_text=screen.word("ledger.suppressed.no_address"))
    expect(lines).to_have_count(30)
    screen.button("ledger.more").click()
    expect(lines).to_have_count(33)
    expect(screen.button("ledger.more")).to_have_count(0)
