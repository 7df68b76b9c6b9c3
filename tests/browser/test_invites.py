from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


def test_a_link_for_a_guest_is_made_seen_and_ended(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(bob, alice, name="Guest house")
    screen = enter(bob, web=0, language="ko")
    screen.open_room(room, "Guest house")
    screen.button("rooms.menu").click()
    screen.page.get_by_role("menuitem", name=screen.word("members.add")).click()
    screen.dialog("members.add_to", name="Guest house").get_by_role(
        "button", name=screen.word("members.by_link")
    ).click()
    dialog = screen.dialog("invite.title", workspace="Maru")
    dialog.get_by_role("radio", name=re.compile("^" + screen.word("role.guest"))).check()
    # The room that one came from is chosen already.
    expect(dialog.get_by_label(screen.word("invite.room"), exact=True)).to_have_value(str(room))
    dialog.get_by_label(screen.word("invite.room"), exact=True).select_option("")
    expect(dialog.get_by_text(screen.word("invite.room_missing"))).to_be_visible()
    expect(dialog.get_by_role("button", name=screen.word("invite.make"))).to_be_disabled()
    dialog.get_by_label(screen.word("invite.room"), exact=True).select_option(str(room))
    dialog.get_by_label(screen.word("invite.uses")).select_option("1")
    dialog.get_by_role("button", name=screen.word("invite.make")).click()
    expect(dialog.get_by_role("textbox")).to_have_value(re.compile(r"/invite/"))
    row = dialog.get_by_role("listitem").filter(has_text="Guest house")
    expect(row).to_contain_text(screen.word("invite.used", n=0, max=1))
    row.get_by_role("button", name=screen.word("invite.who", name="Guest house")).click()
    expect(row.get_by_text(screen.word("invite.nobody"))).to_be_visible()
    screen.has_no_barrier()
    row.get_by_role("button", name=screen.word("invite.revoke", name="Guest house")).click()
    expect(row).to_have_count(0)
    assert topology.ask(bob, "GET", "/invites?scope=mine")["items"] == []
