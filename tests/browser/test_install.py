from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.test_phone import fits
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

# As Chromium offers it; it does so only to people who have been here for a while.
_OFFER = """() => {
  const event = new Event("beforeinstallprompt", { cancelable: true });
  event.prompt = async () => { window.asked = (window.asked ?? 0) + 1; return { outcome: "accepted" }; };
  dispatchEvent(event);
}"""
_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
)


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_the_page_is_installed_from_the_settings(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    screen = enter(topology["bob"], language=language, phone=phone)
    screen.page.goto("/settings/appearance/")
    expect(screen.says("install.none")).to_be_visible()
    screen.page.evaluate(_OFFER)
    expect(screen.says("install.offered")).to_be_visible()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    screen.button("install.button").click()
    expect(screen.says("install.installed")).to_be_visible()
    expect(screen.button("install.button")).to_have_count(0)
    assert screen.page.evaluate("window.asked") == 1


def test_it_is_said_once_that_the_page_can_be_installed(topology: Topology, enter: Enter) -> None:
    screen = enter(topology["bob"])
    for _ in range(2):
        screen.page.goto("/rooms/")
        expect(screen.sidebar).to_be_visible()
        screen.page.evaluate(_OFFER)
        expect(screen.button("install.hint")).to_have_count(0)
    screen.page.goto("/rooms/")
    expect(screen.sidebar).to_be_visible()
    screen.page.evaluate(_OFFER)
    expect(screen.button("install.hint")).to_be_visible()
    screen.has_no_barrier()
    screen.button("install.hint_close").click()
    expect(screen.button("install.hint")).to_have_count(0)
    screen.page.goto("/rooms/")
    expect(screen.sidebar).to_be_visible()
    screen.page.evaluate(_OFFER)
    expect(screen.button("install.hint")).to_have_count(0)


def test_an_iphone_is_told_the_way(topology: Topology, enter: Enter) -> None:
    screen = enter(topology["bob"], phone=True, user_agent=_IPHONE)
    screen.page.goto("/settings/appearance/")
    expect(screen.says("install.by_hand")).to_be_visible()
