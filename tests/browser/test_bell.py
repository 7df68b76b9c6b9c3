from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import expect

from scripts.services.process import until
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.browser.voices import read, write
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

# Every window of a browser that is steered believes that it has the keyboard. What rings is counted by its tones.
_ELSEWHERE = "Document.prototype.hasFocus = () => false;"
_COUNT_TONES = """
window.tones = 0;
window.OscillatorNode = class extends OscillatorNode {
  constructor(...given) { super(...given); window.tones += 1; }
};
"""
_HAS_WORKER = "async () => Boolean((await navigator.serviceWorker.getRegistration())?.active)"
_SHOWN = """async () => {
  const shown = await (await navigator.serviceWorker.ready).getNotifications();
  return shown.map(({ title, body, tag, data }) => [title, body, tag, data.path]);
}"""

EnterAllowed = Callable[..., Screen]


@pytest.fixture
def allowed(
    topology: Topology, window: Callable[..., Screen], sessions: Callable[[Person], list[Any]]
) -> EnterAllowed:
    """Open a window of somebody in a browser that may show notifications."""

    def open_signed_in(person: Person, **options: Any) -> Screen:
        screen = window(topology.webs[0].base_url, permissions=["notifications"], **options)
        screen.context.add_cookies(sessions(person))
        screen.context.add_init_script(_COUNT_TONES)
        return screen

    return open_signed_in


def switch_on(screen: Screen) -> None:
    """Have mentions shown on the desktop."""
    screen.page.goto("/settings/notifications/")
    switch = screen.page.get_by_role("checkbox", name=screen.word("bell.show"))
    switch.check()
    expect(switch).to_be_checked()


def has_shown(screen: Screen, count: int) -> bool:
    """Tell whether so many notifications stand on the desktop."""
    return len(screen.page.evaluate(_SHOWN)) == count


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_how_this_device_tells_is_chosen_heard_and_kept(
    topology: Topology, allowed: EnterAllowed, language: str, phone: bool
) -> None:
    screen = allowed(topology["지우" if language == "ko" else "bob"], language=language, phone=phone)
    switch_on(screen)
    screen.page.get_by_text(screen.word("bell.sound_drop"), exact=True).click()
    screen.page.wait_for_function("() => tones > 0")
    screen.has_no_barrier()
    if phone:
        fits(screen)
    screen.page.reload()
    expect(screen.page.get_by_role("checkbox", name=screen.word("bell.show"))).to_be_checked()
    expect(screen.page.get_by_role("radio", name=screen.word("bell.sound_drop"))).to_be_checked()


def test_of_two_tabs_one_tells_of_a_mention_and_what_is_read_goes_from_the_desktop(
    topology: Topology, allowed: EnterAllowed
) -> None:
    alice, guest = topology["alice"], topology.newcomer()
    room = topology.room(alice, guest, name="Ringing")
    screen = allowed(guest)
    switch_on(screen)
    screen.context.add_init_script(_ELSEWHERE)
    other = screen.context.new_page()
    for page in (screen.page, other):
        page.goto("/later/")
        assert until(partial(page.evaluate, _HAS_WORKER), 30)
        # Only what somebody has touched may make a sound.
        page.mouse.click(700, 500)
        page.wait_for_function("() => performance.getEntriesByName('maru.bell').length > 0")
    write(topology, alice, room, ["nothing for anybody", f"look here @{guest.handle}"])
    assert until(partial(has_shown, screen, 1), 30)
    ((title, body, tag, path),) = screen.page.evaluate(_SHOWN)
    assert (title, body, tag) == ("alice · Ringing", f"look here @{guest.handle}", f"room-{room}")
    assert path.startswith(f"/rooms/{room}/?seq=")
    tones = [page.evaluate("tones") for page in (screen.page, other)]
    assert min(tones) == 0 < max(tones)
    read(topology, guest, room, 2)
    assert until(partial(has_shown, screen, 0), 30)


def test_what_is_in_front_of_somebody_does_not_ring(topology: Topology, allowed: EnterAllowed) -> None:
    alice, guest = topology["alice"], topology.newcomer()
    room = topology.room(alice, guest, name="In front")
    screen = allowed(guest)
    switch_on(screen)
    screen.open_room(room, "In front")
    screen.page.wait_for_function("() => performance.getEntriesByName('maru.bell').length > 0")
    write(topology, alice, room, [f"here @{guest.handle}"])
    screen.sees("here @")
    # Told apart from what has not rung yet: the next one, somewhere else, does.
    elsewhere = topology.room(alice, guest, name="Elsewhere")
    write(topology, alice, elsewhere, [f"there @{guest.handle}"])
    screen.page.wait_for_function("() => tones > 0")
    assert screen.page.evaluate("tones") == 4
    assert screen.page.evaluate(_SHOWN) == []
