"""Who runs the workspace ends a sign-in, resets a second step, and lifts bans and mutes of all rooms."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)], ids=["desktop", "phone"])
def test_a_sign_in_is_ended_and_a_second_step_reset(
    topology: Topology, enter: Enter, ada: Person, language: str, phone: bool
) -> None:
    handle = f"lost-{language}"
    person = topology[handle]
    room = topology.room(topology["bob"], person, name=f"Lost {language}")
    other = enter(person, web=1)
    other.open_room(room, f"Lost {language}")
    topology.rows(
        "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%s, 'totp', '{}', now())"
        " RETURNING id",
        person.id,
    )
    screen = enter(ada, web=0, language=language, phone=phone)
    screen.page.goto(f"/admin/people/{person.id}/")
    listed = screen.page.get_by_role("list", name=screen.word("people_admin.sign_ins"))
    expect(listed.get_by_role("listitem")).to_have_count(1)
    expect(screen.page.get_by_text(re.compile(screen.word("people_admin.factor_app")))).to_be_visible()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    listed.get_by_role("button", name=screen.word("devices.end")).click()
    dialog = screen.dialog("people_admin.session_title", name=person.handle)
    dialog.get_by_label(screen.word("moderate.reason")).fill("left in a train")
    screen.has_no_barrier()
    other.is_put_out = True
    dialog.get_by_role("button", name=screen.word("devices.end"), exact=True).click()
    expect(screen.says("people_admin.no_sessions")).to_be_visible()
    other.page.wait_for_url(re.compile("/accounts/login/"))

    screen.button("people_admin.factors_reset").click()
    asking = screen.dialog("people_admin.factors_title", name=person.handle)
    asking.get_by_label(screen.word("moderate.reason")).fill("lost the phone")
    screen.has_no_barrier()
    asking.get_by_role("button", name=screen.word("people_admin.factors_reset"), exact=True).click()
    expect(screen.says("people_admin.factors_none")).to_be_visible()
    screen.page.goto(f"/admin/audit/?person={person.id}")
    record = screen.page.locator("#main")
    for deed, reason in (("session.ended", "left in a train"), ("person.factors", "lost the phone")):
        entry = record.get_by_role("listitem").filter(has_text=screen.word(f"deed.{deed}"))
        expect(entry).to_contain_text(reason)


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)], ids=["desktop", "phone"])
def test_bans_and_mutes_of_all_rooms_are_seen_and_lifted(
    topology: Topology, enter: Enter, ada: Person, language: str, phone: bool
) -> None:
    owner, bob, handle = topology["alice"], topology["bob"], f"loud-{language}"
    loud = topology[handle]
    banned = topology.room(owner, loud, name=f"Library {language}")
    muted = topology.room(owner, bob, loud, name=f"Stage {language}")
    topology.ask(owner, "PUT", f"/rooms/{banned}/bans/{loud.id}", {"reason": "too loud"})
    topology.ask(owner, "PUT", f"/rooms/{muted}/members/{loud.id}/mute", {"minutes": 60})
    screen = enter(ada, web=0, language=language, phone=phone)
    screen.page.goto("/admin/sanctions/")
    screen.page.get_by_role("searchbox").fill(handle)
    rows = screen.page.locator("#main").get_by_role("listitem")
    expect(rows).to_have_count(2)
    screen.has_no_barrier()
    if phone:
        fits(screen)
    ban = rows.filter(has_text=f"Library {language}")
    expect(ban).to_contain_text(screen.word("sanctions.no_end"))
    ban.get_by_role("button", name=screen.word("sanctions.lift")).click()
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name=screen.word("sanctions.lift")).click()
    expect(screen.says("sanctions.none_found")).to_be_visible()
    screen.has_no_barrier()
    said = topology.ask(loud, "POST", f"/rooms/{muted}/messages", {"body": "hello again"})
    assert said["id"] > 0
