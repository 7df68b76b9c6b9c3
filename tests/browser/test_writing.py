from __future__ import annotations

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.conftest import Enter
from tests.browser.test_phone import fits
from tests.browser.voices import write
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

_RTL = "\u202eevil \u05e9\u05dc\u05d5\u05dd"
_LEFT_OF = """(row) => {
  const range = document.createRange();
  range.selectNodeContents(row.querySelector('[dir="auto"]'));
  return Math.round(range.getBoundingClientRect().left);
}"""
_MOVING = """() => document.getAnimations()
  .filter((one) => one.playState === "running" && one.effect.getComputedTiming().duration > 1)
  .map((one) => one.animationName ?? one.transitionProperty)"""


def composing(session: CDPSession, text: str) -> None:
    """Have the keyboard show a syllable that is not finished."""
    session.send(
        "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
    )


def enter_key(session: CDPSession, code: int) -> None:
    """Press Enter as a keyboard of Korean does: with 229 while it composes, then as itself."""
    key = {"key": "Enter" if code == 13 else "Process", "code": "Enter", "windowsVirtualKeyCode": code}
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def test_enter_never_sends_half_a_syllable(topology: Topology, enter: Enter) -> None:
    person = topology["지우"]
    room = topology.room(person, name="한글")
    screen = enter(person, language="ko")
    screen.open_room(room, "한글")
    box = screen.composer("한글")
    box.focus()
    session = screen.context.new_cdp_session(screen.page)
    for step in ("ㅇ", "아", "안"):
        composing(session, step)
    expect(box).to_have_value("안")
    # The Enter that ends a syllable belongs to the keyboard.
    enter_key(session, 229)
    expect(screen.log.get_by_role("article")).to_have_count(0)
    session.send("Input.insertText", {"text": "안"})
    for step in ("ㄴ", "녀", "녕"):
        composing(session, step)
    enter_key(session, 229)
    session.send("Input.insertText", {"text": "녕"})
    expect(box).to_have_value("안녕")
    expect(screen.log.get_by_role("article")).to_have_count(0)
    enter_key(session, 13)
    expect(box).to_have_value("")
    screen.sees("안녕")
    assert [body for *_, body in topology.stored(room)] == ["안녕"]


def test_what_runs_from_right_to_left_leaves_its_neighbours_alone(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Both ways")
    write(topology, alice, room, ["before it", _RTL, "**bold** after it"])
    screen = enter(bob)
    screen.open_room(room, "Both ways")
    rows = screen.log.get_by_role("article")
    expect(rows).to_have_count(3)
    lefts = [rows.nth(place).evaluate(_LEFT_OF) for place in range(3)]
    # The Hebrew one stands at the right edge; those around it begin where they always do.
    assert lefts[0] == lefts[2]
    assert rows.nth(1).locator('[dir="auto"]').evaluate("(one) => getComputedStyle(one).unicodeBidi") in (
        "isolate",
        "plaintext",
        "isolate-override",
    )
    screen.has_no_barrier()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_at_twice_the_size_everything_is_there_and_nothing_moves_for_who_wants_it_still(
    topology: Topology, enter: Enter, scheme: str
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    name = f"Large {scheme}"
    room = topology.room(alice, bob, name=name)
    write(topology, alice, room, ["a word", "말 한마디"])
    screen = enter(bob, color_scheme=scheme, reduced_motion="reduce", device_scale_factor=2)
    # What a window of 1440 shows at 200 %.
    screen.page.set_viewport_size({"width": 720, "height": 450})
    screen.open_room(room, name)
    screen.sees("a word")
    fits(screen)
    screen.has_no_barrier()
    screen.page.goto("/settings/notifications/")
    expect(screen.page.get_by_role("heading", name=screen.word("bell.title"))).to_be_visible()
    fits(screen)
    screen.has_no_barrier()
    assert screen.page.evaluate(_MOVING) == []
