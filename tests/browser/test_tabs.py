from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

_NO_NETWORK = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
_NETWORK = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}


@pytest.fixture
def tabs(topology: Topology, enter: Enter) -> Iterator[tuple[Screen, Screen]]:
    """Two tabs of Alice in one browser."""
    first = enter(topology["alice"], web=0)
    second = Screen(first.context, first.language)
    yield first, second
    assert not second.problems


def test_f_38_what_a_tab_without_network_wrote_is_said_once_by_the_other(
    topology: Topology, enter: Enter, tabs: tuple[Screen, Screen]
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Two tabs")
    first, second = tabs
    reader = enter(bob, web=1)
    for screen in (first, second, reader):
        screen.open_room(room, "Two tabs")
    first.is_cut = True
    network = first.context.new_cdp_session(first.page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", _NO_NETWORK)
    expect(first.says("link.offline")).to_be_visible()
    first.post("Two tabs", "하나")
    first.post("Two tabs", "둘")
    second.post("Two tabs", "다른 탭에서")
    # The tab that is connected says what the other one cannot.
    for screen in (second, reader):
        for body in ("하나", "둘", "다른 탭에서"):
            screen.sees(body)
    network.send("Network.emulateNetworkConditions", _NETWORK)
    for body in ("하나", "둘", "다른 탭에서"):
        first.sees(body)
    stored = [body for _, _, _, body in topology.stored(room)]
    assert sorted(stored) == sorted(["하나", "둘", "다른 탭에서"])
    assert stored.index("하나") < stored.index("둘")
    for screen in (first, second, reader):
        assert screen.bodies() == stored


def test_a_tab_that_is_closed_while_it_sends_leaves_its_messages_to_the_other(
    topology: Topology, tabs: tuple[Screen, Screen]
) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Closed tab")
    first, second = tabs
    for screen in (first, second):
        screen.open_room(room, "Closed tab")
        screen.is_cut = True
    topology.webs[0].freeze()
    for number in range(3):
        first.post("Closed tab", f"닫기 전 {number}")
    first.page.close()
    topology.webs[0].thaw()
    for number in range(3):
        second.sees(f"닫기 전 {number}")
    bodies = [f"닫기 전 {number}" for number in range(3)]
    assert [body for _, _, _, body in topology.stored(room)] == bodies
    assert second.bodies() == bodies


def test_what_a_room_refuses_stays_mine_with_its_reason(
    topology: Topology, enter: Enter, tabs: tuple[Screen, Screen]
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(bob, alice, name="Refused")
    first, second = tabs
    for screen in (first, second):
        screen.open_room(room, "Refused")
        screen.is_cut = True
    topology.webs[0].freeze()
    first.post("Refused", "너무 늦었어요")
    topology.ask(bob, "DELETE", f"/rooms/{room}/members/{alice.id}", web=1)
    topology.webs[0].thaw()
    left = first.page.get_by_role("region", name=first.word("unsent.title"))
    expect(left).to_contain_text("너무 늦었어요")
    expect(left).to_contain_text(first.word("error.not_found"))
    first.has_no_barrier()
    left.get_by_role("button", name=first.word("pending.discard")).click()
    expect(left).to_have_count(0)
    first.page.reload()
    expect(first.says("stranger.missing")).to_be_visible()
    expect(left).to_have_count(0)
    assert topology.stored(room) == []
    for screen in (first, second):
        screen.was_missing()
