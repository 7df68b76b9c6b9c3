from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

_HAS_HEIGHTS = """(wave) => {
  const heights = new Set([...wave.querySelectorAll("rect")].map((bar) => bar.getAttribute("height")));
  return heights.size > 1;
}"""

# The microphone is allowed when the test says so; answerMicrophone, there once it is asked for, tells how its track
# stands in the end.
_LATE_MICROPHONE = """() => {
  const { stream } = new AudioContext().createMediaStreamDestination();
  const [track] = stream.getTracks();
  navigator.mediaDevices.getUserMedia = () => new Promise((resolve) => {
    window.answerMicrophone = async () => {
      resolve(stream);
      while (track.readyState === "live") await new Promise((soon) => { setTimeout(soon, 20); });
      return track.readyState;
    };
  });
}"""

EnterWith = Callable[..., Screen]


@pytest.fixture
def enter_with(
    topology: Topology, window: Callable[..., Screen], sessions: Callable[[Person], list[Any]]
) -> EnterWith:
    """Open a window of somebody who may use these parts of the machine."""

    def open_signed_in(person: Person, *permissions: str, **options: Any) -> Screen:
        screen = window(topology.webs[0].base_url, permissions=list(permissions), **options)
        screen.context.add_cookies(sessions(person))
        return screen

    return open_signed_in


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_a_voice_message_is_recorded_heard_sent_and_played(
    topology: Topology, enter_with: EnterWith, language: str, phone: bool
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    name = f"Voices {language}"
    room = topology.room(alice, bob, name=name)
    screen, other = enter_with(alice, "microphone", language=language, phone=phone), enter_with(bob)
    for each in (screen, other):
        each.open_room(room, name)
    screen.button("voice.record").click()
    bar = screen.page.get_by_role("region", name=screen.word("voice.title"))
    expect(bar.get_by_text(screen.word("voice.recording"))).to_be_visible()
    screen.page.wait_for_function(_HAS_HEIGHTS, arg=bar.locator(".voice-wave").element_handle())
    screen.has_no_barrier()
    if phone:
        fits(screen)
    screen.button("voice.stop").click()
    # It can be heard before anybody else hears it, and the keyboard stands on its sending.
    expect(bar.get_by_role("button", name=screen.word("voice.play"))).to_be_enabled()
    expect(screen.button("voice.send")).to_be_focused()
    bar.get_by_role("button", name=screen.word("voice.play")).click()
    expect(bar.get_by_role("button", name=screen.word("voice.pause"))).to_be_visible()
    screen.has_no_barrier()
    screen.button("voice.send").click()
    expect(bar).to_have_count(0)
    player = other.log.get_by_role("group", name=other.word("voice.title"))
    expect(player.get_by_role("button", name=other.word("voice.play"))).to_be_enabled()
    (kept,) = topology.ask(bob, "GET", f"/rooms/{room}/messages")["items"]
    (file,) = kept["attachments"]
    assert file["type"] == "audio/webm"
    assert re.fullmatch(r"voice-message-[\d-]+\.webm", file["name"])
    assert file["alt"] == screen.word("voice.said")
    player.get_by_role("button", name=other.word("voice.speed", n=1)).click()
    expect(player.get_by_role("button", name=other.word("voice.speed", n=1.5))).to_be_visible()
    player.get_by_role("button", name=other.word("voice.play")).click()
    expect(player.get_by_role("button", name=other.word("voice.pause"))).to_be_visible()
    # It ends by itself and stands at its beginning.
    expect(player.get_by_role("button", name=other.word("voice.play"))).to_be_visible()
    expect(player.get_by_role("slider")).to_have_value("0")
    other.has_no_barrier()


def test_a_recording_that_is_thrown_away_leaves_nothing(topology: Topology, enter_with: EnterWith) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Unsaid")
    screen = enter_with(alice, "microphone")
    screen.open_room(room, "Unsaid")
    screen.button("voice.record").click()
    expect(screen.button("voice.stop")).to_be_enabled()
    screen.page.keyboard.press("Escape")
    expect(screen.page.get_by_role("region", name=screen.word("voice.title"))).to_have_count(0)
    expect(screen.composer("Unsaid")).to_be_focused()
    assert topology.ask(alice, "GET", f"/rooms/{room}/messages")["items"] == []


def test_escape_ends_a_recording_while_the_microphone_is_still_asked_for(
    topology: Topology, enter_with: EnterWith
) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Unasked")
    screen = enter_with(alice, "microphone")
    screen.open_room(room, "Unasked")
    screen.page.evaluate(_LATE_MICROPHONE)
    screen.button("voice.record").click()
    bar = screen.page.get_by_role("region", name=screen.word("voice.title"))
    expect(bar).to_be_focused()
    screen.page.wait_for_function("() => window.answerMicrophone")
    screen.page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    expect(screen.composer("Unasked")).to_be_focused()
    # It is allowed after all, too late: nobody listens.
    assert screen.page.evaluate("() => answerMicrophone()") == "ended"
    expect(bar).to_have_count(0)


def test_a_microphone_that_is_forbidden_is_told_in_words(topology: Topology, enter_with: EnterWith) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Mute")
    screen = enter_with(alice)
    screen.open_room(room, "Mute")
    screen.button("voice.record").click()
    expect(screen.says("voice.denied")).to_be_visible()
    expect(screen.composer("Mute")).to_be_focused()
