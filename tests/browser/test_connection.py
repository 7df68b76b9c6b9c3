from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


def test_a_cut_connection_is_told_and_what_was_missed_comes(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Tunnel")
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, "Tunnel")
    first.post("Tunnel", "before")
    second.sees("before")
    second.is_cut = True
    topology.webs[1].kill()
    expect(second.says("link.reconnecting")).to_be_visible()
    for number in range(5):
        first.post("Tunnel", f"놓친 말 {number}")
    first.act("before", "message.delete")
    first.dialog("message.delete_title").get_by_role("button", name=first.word("message.delete")).click()
    first.sees("놓친 말 4")
    topology.heal()
    # Whoever writes does not wait for the next try, which after a while comes seldom.
    second.post("Tunnel", "다시 왔어요")
    for screen in (first, second):
        screen.sees("다시 왔어요")
        assert screen.bodies() == [*(f"놓친 말 {number}" for number in range(5)), "다시 왔어요"]
    expect(second.says("link.reconnecting")).to_have_count(0)


def test_a_restart_behind_the_proxy_loses_nothing_and_needs_no_reload(
    topology: Topology, enter: Enter
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Deploy")
    screens = [enter(alice, web=None), enter(bob, web=None)]
    for screen in screens:
        screen.open_room(room, "Deploy")
        screen.is_cut = True
    for number, web in enumerate(topology.webs):
        os.kill(web.pid, signal.SIGTERM)
        screens[0].post("Deploy", f"배포 중에 {number}")
        screens[1].post("Deploy", f"during {number}")
        for screen in screens:
            screen.sees(f"배포 중에 {number}")
            screen.sees(f"during {number}")
        web.stop()
        topology.heal()
    stored = [body for _, _, _, body in topology.stored(room)]
    assert sorted(stored) == sorted(["배포 중에 0", "during 0", "배포 중에 1", "during 1"])
    for screen in screens:
        assert screen.bodies() == stored


def test_what_is_written_offline_is_kept_over_a_reload_and_sent_once(
    topology: Topology, enter: Enter
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Train")
    first, second = enter(alice, web=0), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, "Train")
    first.is_cut = True
    first.context.set_offline(True)
    expect(first.says("link.offline")).to_be_visible()
    first.composer("Train").fill("터널을 지나며 하나")
    first.composer("Train").press("Enter")
    first.composer("Train").fill("터널을 지나며 둘")
    first.composer("Train").press("Enter")
    for body in ("하나", "둘"):
        expect(first.message(body)).to_contain_text(first.word("pending.waiting"))
    expect(second.message("터널을 지나며 하나")).to_have_count(0)
    first.page.goto("about:blank")
    first.context.set_offline(False)
    first.open_room(room, "Train")
    for screen in (first, second):
        for body in ("하나", "둘"):
            screen.sees(f"터널을 지나며 {body}")
        assert screen.bodies() == ["터널을 지나며 하나", "터널을 지나며 둘"]
    assert len(topology.stored(room)) == 2


def test_what_was_sent_without_an_answer_is_sent_again_after_a_reload_and_stored_once(
    topology: Topology, enter: Enter
) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Doubt")
    screen = enter(alice, web=0)
    screen.open_room(room, "Doubt")
    screen.is_cut = True
    # The frame has left the page; whether it is stored, the page cannot know.
    topology.webs[0].freeze()
    screen.composer("Doubt").fill("한 번만 저장돼요")
    screen.composer("Doubt").press("Enter")
    expect(screen.message("한 번만")).to_contain_text(screen.word("pending.sending"))
    screen.page.goto("about:blank")
    topology.webs[0].thaw()
    screen.open_room(room, "Doubt")
    screen.sees("한 번만 저장돼요")
    assert [body for _, _, _, body in topology.stored(room)] == ["한 번만 저장돼요"]


def test_a_draft_survives_a_reload(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Drafts")
    screen = enter(alice, web=0)
    screen.open_room(room, "Drafts")
    screen.composer("Drafts").fill("쓰다 만 글")
    screen.page.reload()
    expect(screen.composer("Drafts")).to_have_value("쓰다 만 글")
