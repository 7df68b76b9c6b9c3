"""Parts of the page that come when they are first shown: missed on the way, or replaced by a newer deployment."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

PART_ADDRESS = re.compile(r"404 .*/assets/SavedPage-")
PART = re.compile(r"/assets/SavedPage-[^/]+\.js$")


def open_saved(screen: Screen) -> None:
    screen.sidebar.get_by_role("link", name=screen.word("saved.title"), exact=True).click()


def test_a_part_missed_on_the_way_is_asked_for_again_and_the_page_stays(
    topology: Topology, enter: Enter
) -> None:
    # Somebody who has saved nothing in another story.
    guest = topology.newcomer()
    screen = enter(guest, web=0, service_workers="block")
    screen.is_cut = True
    screen.open_room(topology.room(topology["alice"], guest, name="Missed part"), "Missed part")
    screen.mark_page()
    screen.page.route(PART, lambda route: route.abort())
    open_saved(screen)
    expect(screen.says("state.part_failed")).to_be_visible()
    screen.page.unroute(PART)
    screen.button("state.retry").click()
    expect(screen.says("saved.none")).to_be_visible()
    assert screen.is_same_page()


def test_a_part_that_a_newer_deployment_replaced_comes_with_the_newer_page(
    topology: Topology, enter: Enter
) -> None:
    # Somebody who has saved nothing in another story.
    guest = topology.newcomer()
    screen = enter(guest, web=0, service_workers="block")
    screen.is_cut = True
    screen.open_room(topology.room(topology["alice"], guest, name="Replaced part"), "Replaced part")
    screen.mark_page()

    def newer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, body=re.sub(r"/assets/main-[^\"]+\.js", "/assets/newer.js", answer.text())
        )

    screen.page.route(PART, lambda route: route.fulfill(status=404))
    screen.page.route(re.compile(r"^https?://[^/]+/$"), newer)
    with screen.page.expect_event("load"):
        open_saved(screen)
    screen.page.unroute_all()
    expect(screen.says("saved.none")).to_be_visible()
    assert not screen.is_same_page()
    missed = [problem for problem in screen.problems if PART_ADDRESS.search(problem)]
    assert missed, "the part was there"
    screen.problems = [problem for problem in screen.problems if problem not in missed]
