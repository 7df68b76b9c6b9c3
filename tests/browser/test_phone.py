from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

# Smaller is hard to hit with a thumb.
_LEAST_PX = 44
_SMALL = """() => [...document.querySelectorAll("a, button, input, textarea, select, [role=button]")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.disabled)
  .filter((one) => !one.closest("article [dir=auto], .skip-link"))
  .map((one) => [one.getAttribute("aria-label") || one.textContent.trim() || one.type, one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.height < %d || box.width < 24))
  .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""


def fits(screen: Screen) -> None:
    """Fail when the page is wider than the window."""
    width, view = screen.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert width <= view


@pytest.mark.parametrize("language", ["en", "ko"])
def test_on_a_phone_one_place_is_shown_at_a_time(topology: Topology, enter: Enter, language: str) -> None:
    alice, other = topology["alice"], topology["지우" if language == "ko" else "bob"]
    name = f"손안에 {language}"
    room = topology.room(alice, other, name=name)
    desktop = enter(alice, web=0)
    desktop.open_room(room, name)
    phone = enter(other, web=1, phone=True, language=language)
    phone.page.goto("/")
    expect(phone.sidebar).to_be_visible()
    expect(phone.log).to_have_count(0)
    phone.has_no_barrier()
    fits(phone)
    assert phone.page.evaluate(_SMALL % _LEAST_PX) == []
    phone.room_link(name).tap()
    expect(phone.composer(name)).to_be_visible()
    expect(phone.sidebar).to_have_count(0)
    phone.composer(name).fill("엄지로 썼어요, a long line that has to be broken somewhere " + "x" * 60)
    phone.button("composer.send").tap()
    phone.sees("엄지로 썼어요")
    desktop.sees("엄지로 썼어요")
    expect(phone.composer(name)).to_be_focused()
    phone.has_no_barrier()
    fits(phone)
    assert phone.page.evaluate(_SMALL % _LEAST_PX) == []
    phone.page.get_by_role("button", name=phone.word("members.show", n=2)).tap()
    expect(phone.page.get_by_role("heading", name=phone.word("members.title", n=2))).to_be_visible()
    expect(phone.composer(name)).to_be_hidden()
    phone.has_no_barrier()
    fits(phone)
    phone.button("nav.back").last.tap()
    expect(phone.composer(name)).to_be_visible()
    phone.button("nav.back").tap()
    expect(phone.sidebar).to_be_visible()
    expect(phone.page).to_have_url(re.compile(r"/$"))
    desktop.post(name, "새 글")
    expect(phone.room_link(name)).to_contain_text(phone.word("sidebar.unread", n=1))


def test_enter_on_a_phone_breaks_the_line(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Lines")
    phone = enter(alice, web=0, phone=True)
    phone.open_room(room, "Lines")
    phone.composer("Lines").fill("하나")
    phone.composer("Lines").press("Enter")
    phone.composer("Lines").press_sequentially("둘")
    expect(phone.composer("Lines")).to_have_value("하나\n둘")
    phone.button("composer.send").tap()
    phone.sees("둘")
    assert [body for _, _, _, body in topology.stored(room)] == ["하나\n둘"]
