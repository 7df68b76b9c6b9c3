from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from scripts.services.process import until
from tests.browser.conftest import RESUME_MAX_CHANGES, Enter
from tests.browser.screen import Screen
from tests.browser.voices import Portal, write, writing
from tests.faults.proxy import Proxy
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow


def shows(screen: Screen, bodies: list[str]) -> None:
    """Wait until the timeline ends with the last of these, and compare all of it."""
    screen.sees(bodies[-1])
    assert screen.bodies() == bodies


def test_f_34_a_flapping_line_keeps_one_socket_and_the_order(
    topology: Topology, enter: Enter, line: Proxy
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Flapping")
    first, second = enter(alice, by=line), enter(bob, web=1)
    first.count_sockets()
    for screen in (first, second):
        screen.open_room(room, "Flapping")
    first.is_cut = True
    bodies = []
    for turn in range(4):
        for is_up in (False, True):
            if is_up:
                line.heal()
                # Two seconds a turn: long enough to come back now and then, and too short to settle.
                first.page.wait_for_timeout(1_300)
            else:
                line.refuse()
                line.reset_all()
                first.page.wait_for_timeout(700)
            bodies.append(f"{turn} {'위' if is_up else '아래'}")
            first.post("Flapping", bodies[-1])
    # By now the page waits long between two attempts; a network that is back for good is not waited for.
    first.page.evaluate("dispatchEvent(new Event('online'))")
    for screen in (first, second):
        shows(screen, bodies)
    assert [body for _, _, _, body in topology.stored(room)] == bodies
    assert first.sockets("most") == 1
    # Eight seconds of flapping are no reason to knock more often than backoff and a writing person do.
    assert first.sockets("made") <= 20


def test_who_comes_back_shows_the_ticket_of_the_connection_before(
    topology: Topology, enter: Enter, line: Proxy
) -> None:
    room = topology.room(topology["alice"], name="Ticket")
    screen = enter(topology["alice"], by=line)
    screen.count_sockets()
    screen.open_room(room, "Ticket")
    assert screen.page.evaluate("sockets.last.protocol") == ""
    screen.is_cut = True
    line.reset_all()
    screen.post("Ticket", "다시 왔어요")
    screen.sees("다시 왔어요")
    # Selected only because it was offered, and offered only with a ticket.
    assert screen.page.evaluate("sockets.last.protocol") == "maru.v1"


def test_f_35_a_page_that_slept_knows_what_it_missed(topology: Topology, enter: Enter, line: Proxy) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room, other = topology.room(alice, bob, name="Overnight"), topology.room(alice, bob, name="Awake")
    write(topology, alice, room, ["어제"])
    screen = enter(bob, by=line)
    screen.open_room(room, "Overnight")
    screen.sees("어제")
    screen.open_room(other, "Awake")
    screen.is_cut = True
    laptop = screen.context.new_cdp_session(screen.page)
    laptop.send("Page.setWebLifecycleState", {"state": "frozen"})
    # Nobody tells a sleeping machine that its connection is gone.
    line.drop()
    write(topology, alice, room, [f"밤새 {number}" for number in range(12)])
    line.heal(is_reset=True)
    laptop.send("Page.setWebLifecycleState", {"state": "active"})
    expect(screen.room_link("Overnight")).to_contain_text(screen.word("sidebar.unread", n=12))
    screen.room_link("Overnight").click()
    screen.sees("밤새 11")
    assert screen.bodies()[-12:] == [f"밤새 {number}" for number in range(12)]
    expect(screen.room_link("Overnight")).not_to_contain_text(screen.word("sidebar.unread", n=12))


def test_f_37_the_sign_in_page_of_a_hotel_is_not_taken_for_the_server(
    topology: Topology, enter: Enter, line: Proxy
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Hotel")
    screen = enter(alice, by=line)
    screen.open_room(room, "Hotel")
    screen.post("Hotel", "체크인 전")
    screen.sees("체크인 전")
    # What is read and kept once after a start is none of the questions that are counted here.
    assert until(screen.starts_alone, 30)
    screen.page.wait_for_load_state("networkidle")
    screen.mark_page()
    screen.is_cut = True
    with Portal() as portal:
        line.upstream = ("127.0.0.1", portal.server_port)
        line.reset_all()
        expect(screen.says("link.reconnecting")).to_be_visible()
        screen.post("Hotel", "호텔에서")
        expect(screen.message("호텔에서")).to_contain_text(screen.word("pending.waiting"))
        # A wait that is long enough to be told, with the way to end it.
        expect(screen.button("link.try_now")).to_be_visible(timeout=40_000)
        assert portal.handshakes_count <= 12
        assert len(portal.asked) <= 6, portal.asked
        assert screen.is_same_page()
        before = portal.handshakes_count
        line.upstream = ("127.0.0.1", topology.webs[0].port)
        screen.button("link.try_now").click()
        shows(screen, ["체크인 전", "호텔에서"])
        assert portal.handshakes_count == before
    expect(screen.says("link.reconnecting")).to_have_count(0)
    assert screen.is_same_page()
    assert [body for _, _, _, body in topology.stored(room)] == ["체크인 전", "호텔에서"]


def test_a_server_that_is_killed_takes_nothing_that_is_being_written(
    topology: Topology, enter: Enter
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Killed")
    first, second = enter(alice, web=1), enter(bob, web=0)
    for screen in (first, second):
        screen.open_room(room, "Killed")
    first.mark_page()
    first.is_cut = True
    # The frame has left the page, and nobody will ever answer it.
    topology.webs[1].freeze()
    first.post("Killed", "보낸 글")
    first.composer("Killed").press_sequentially("쓰던 ")
    topology.webs[1].kill()
    expect(first.says("link.reconnecting")).to_be_visible()
    first.composer("Killed").press_sequentially("글")
    topology.heal()
    for screen in (first, second):
        shows(screen, ["보낸 글"])
    expect(first.composer("Killed")).to_have_value("쓰던 글")
    expect(first.composer("Killed")).to_be_focused()
    expect(first.says("link.reconnecting")).to_have_count(0)
    assert first.is_same_page()
    assert [body for _, _, _, body in topology.stored(room)] == ["보낸 글"]


def test_restarts_under_load_are_no_more_than_a_pause(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Busy deploy")
    screen = enter(alice, web=None)
    screen.count_sockets()
    screen.open_room(room, "Busy deploy")
    screen.mark_page()
    screen.is_cut = True
    said: list[str] = []
    for web in topology.webs:
        # Never more than is replayed to who comes back, however slow the machine.
        with writing(topology, bob, room, RESUME_MAX_CHANGES - 20, web.name) as now:
            assert until(lambda now=now: len(now) >= 10, 30)  # type: ignore[misc]
            web.stop()
            screen.post("Busy deploy", f"배포 {web.name}")
            screen.sees(f"배포 {web.name}")
            topology.heal()
        said += now
        screen.sees(now[-1])
    stored = [body for _, _, _, body in topology.stored(room)]
    shows(screen, stored)
    assert [body for body in stored if not body.startswith("배포")] == said
    assert screen.sockets("most") == 1
    assert screen.is_same_page()


def test_a_room_that_went_too_far_ahead_shows_the_gap_and_is_read_backwards(
    topology: Topology, enter: Enter, line: Proxy
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Far ahead")
    count = RESUME_MAX_CHANGES + 30
    write(topology, alice, room, ["지난주"])
    screen = enter(bob, by=line)
    screen.open_room(room, "Far ahead")
    screen.sees("지난주")
    screen.mark_page()
    screen.is_cut = True
    line.refuse()
    line.reset_all()
    bodies = [f"휴가 중 {number}" for number in range(count)]
    write(topology, alice, room, bodies)
    line.heal()
    screen.sees(bodies[-1])
    # What was read before the gap does not stand beside what came after it.
    expect(screen.message("지난주")).to_have_count(0)
    shown = screen.bodies()
    assert shown == bodies[-len(shown) :]
    screen.log.hover()
    while screen.message("지난주").count() == 0:
        screen.page.mouse.wheel(0, -4_000)
        screen.page.wait_for_timeout(50)
        shown = screen.bodies()
        assert shown == ["지난주", *bodies][-len(shown) :]
    screen.button("timeline.jump").click()
    expect(screen.message(bodies[-1])).to_be_in_viewport()
    expect(screen.log).to_have_attribute("aria-busy", "false")
    assert screen.is_same_page()


def test_what_is_read_is_told_although_the_page_goes_at_once(topology: Topology, enter: Enter) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="In passing")
    screen = enter(bob, web=0)
    for number in range(3):
        write(topology, alice, room, [f"소식 {number}"])
        screen.open_room(room, "In passing")
        screen.sees(f"소식 {number}")
        expect(screen.page).to_have_title(re.compile(r"^In passing"))
        screen.page.goto("about:blank")

        def is_read() -> bool:
            return bool(topology.ask(bob, "GET", f"/rooms/{room}", web=0)["unread"] == 0)

        assert until(is_read, 30), "what was read is not told to the server"
