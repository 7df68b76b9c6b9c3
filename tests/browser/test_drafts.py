from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.test_phone import fits
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

WAYS = [("en", False), ("ko", True)]


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_what_is_begun_on_one_device_is_sent_on_another(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    author, alice = topology["지우" if language == "ko" else "bob"], topology["alice"]
    name = f"Drafts {language}"
    room = topology.room(alice, author, name=name)
    laptop = enter(author, web=0, language=language)
    other = enter(author, web=1, language=language, phone=phone)
    laptop.open_room(room, name)
    other.open_room(room, name)
    laptop.composer(name).press_sequentially("안녕하세요, 내일")
    expect(other.composer(name)).to_have_value("안녕하세요, 내일")
    # Who goes on writing takes it over.
    other.composer(name).press_sequentially(" 봐요")
    expect(laptop.composer(name)).to_have_value("안녕하세요, 내일 봐요")
    other.page.goto("/later/")
    row = other.page.get_by_role("main").get_by_role("listitem").filter(has_text="안녕하세요, 내일 봐요")
    expect(row).to_contain_text(name)
    other.has_no_barrier()
    if phone:
        fits(other)
    laptop.composer(name).press("Enter")
    laptop.sees("안녕하세요, 내일 봐요")
    # Sent is gone, everywhere.
    expect(row).to_have_count(0)
    assert topology.ask(author, "GET", "/drafts")["items"] == []


def test_a_draft_outlives_the_page_and_is_thrown_away_in_the_list(topology: Topology, enter: Enter) -> None:
    bob, alice = topology["bob"], topology["alice"]
    room = topology.room(alice, bob, name="Begun")
    screen = enter(bob)
    screen.open_room(room, "Begun")
    with screen.page.expect_response(
        lambda answer: answer.url.endswith("/drafts") and answer.request.method == "PUT"
    ):
        screen.composer("Begun").press_sequentially("not yet")
    screen.page.reload()
    expect(screen.composer("Begun")).to_have_value("not yet")
    again = enter(bob, web=1)
    again.page.goto("/later/")
    discard = again.button("drafts.discard", name="Begun")
    expect(discard).to_be_visible()
    expect(again.room_link("Begun")).to_contain_text(again.word("sidebar.draft"))
    discard.click()
    expect(again.room_link("Begun")).not_to_contain_text(again.word("sidebar.draft"))
    expect(screen.composer("Begun")).to_have_value("")
