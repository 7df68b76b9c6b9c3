from __future__ import annotations

from functools import partial

import pytest
from playwright.sync_api import expect

from scripts.services.process import until
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.voices import Portal, write
from tests.faults.proxy import Proxy
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

_KEPT = """async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name).filter((name) => name.startsWith("maru-kept"));
  return [...names, ...(await caches.keys()).filter((name) => name === "maru-shell")];
}"""
# Nothing is written before there is something to write; then what is here is written at once.
_KEEP_NOW = """() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
  delete document.hidden;
}"""
_KEPT_COUNT = """async () => {
  const [found] = (await indexedDB.databases()).filter(({ name }) => name.startsWith("maru-kept"));
  if (!found) return 0;
  const database = await new Promise((done) => {
    const request = indexedDB.open(found.name);
    request.onsuccess = () => done(request.result);
  });
  const rows = await new Promise((done) => {
    const request = database.transaction("messages").objectStore("messages").count();
    request.onsuccess = () => done(request.result);
  });
  database.close();
  return rows;
}"""


def keeps(screen: Screen, rooms: int) -> bool:
    """Have the page write down what it knows and tell whether so many rooms are there with their messages."""
    screen.page.evaluate(_KEEP_NOW)
    return bool(screen.page.evaluate(_KEPT_COUNT) == rooms)


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_the_page_starts_without_a_network_with_what_was_here_and_goes_on_when_it_is_back(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    names = [f"Mountain {language}", f"Valley {language}"]
    rooms = [topology.room(alice, bob, name=name) for name in names]
    for room in rooms:
        write(topology, alice, room, [f"산 {room} 하나", f"산 {room} 둘"])
    screen = enter(bob, web=0, language=language, phone=phone)
    for room, name in zip(rooms, names, strict=True):
        screen.open_room(room, name)
        screen.sees(f"산 {room} 둘")
        assert until(partial(keeps, screen, rooms.index(room) + 1), 30)
    assert until(screen.starts_alone, 30)
    screen.is_cut = True
    screen.context.set_offline(True)
    screen.page.reload()
    # The rooms, the people and the last messages, and what they are.
    line = screen.page.locator(".state-line[data-kind=offline]").first
    expect(line).to_be_visible()
    assert line.inner_text().startswith("오프라인" if language == "ko" else "Offline (as of")
    screen.sees(f"산 {rooms[1]} 둘")
    screen.has_no_barrier()
    if phone:
        screen.page.goto("/")
    screen.room_link(names[0]).click()
    screen.sees(f"산 {rooms[0]} 하나")
    # What is written meanwhile waits, and what was said meanwhile comes.
    screen.composer(names[0]).fill("연결되면 보내요")
    screen.button("composer.send").click()
    expect(screen.message("연결되면 보내요")).to_contain_text(screen.word("pending.waiting"))
    write(topology, alice, rooms[0], ["그동안에"])
    screen.context.set_offline(False)
    screen.sees("그동안에")
    screen.sees("연결되면 보내요")
    expect(screen.page.locator(".state-line")).to_have_count(0)
    assert screen.bodies()[-2:] == ["그동안에", "연결되면 보내요"]


def test_the_page_of_a_hotel_is_shown_and_not_kept(topology: Topology, enter: Enter, line: Proxy) -> None:
    alice, bob = topology["alice"], topology["bob"]
    room = topology.room(alice, bob, name="Before the trip")
    write(topology, alice, room, ["bring a charger"])
    screen = enter(bob, by=line)
    screen.open_room(room, "Before the trip")
    screen.sees("bring a charger")
    assert until(partial(keeps, screen, 1), 30)
    assert until(screen.starts_alone, 30)
    screen.is_cut = True
    with Portal(redirects=False) as portal:
        line.upstream = ("127.0.0.1", portal.server_port)
        line.reset_all()
        screen.page.goto("/")
        expect(screen.page).to_have_title("Welcome to our hotel")
    line.refuse()
    line.reset_all()
    screen.page.goto(f"/rooms/{room}/")
    screen.sees("bring a charger")


def test_after_signing_out_nothing_of_a_person_is_left_for_the_next_one(
    topology: Topology, enter: Enter, sessions: object
) -> None:
    alice, person = topology["alice"], topology.newcomer()
    room = topology.room(alice, person, name="Secret plans")
    write(topology, alice, room, ["nobody else may read this"])
    screen = enter(person, web=0)
    # A session of its own: the others' stories go on with theirs.
    screen.context.clear_cookies()
    screen.page.goto("/accounts/login/")
    screen.page.locator("[name=login]").fill(person.handle)
    screen.page.locator("[name=password]").fill(person.password)
    screen.page.locator("[name=password]").press("Enter")
    screen.open_room(room, "Secret plans")
    screen.sees("nobody else")
    assert until(partial(keeps, screen, 1), 30)
    assert until(screen.starts_alone, 30)
    assert len(screen.page.evaluate(_KEPT)) == 3
    screen.page.goto("/settings/")
    screen.is_put_out = True
    screen.button("sidebar.sign_out").click()
    screen.page.wait_for_url("**/accounts/login/**")
    assert screen.page.evaluate(_KEPT) == []
    screen.is_cut = True
    screen.context.set_offline(True)
    with pytest.raises(Exception, match="net::ERR_"):
        screen.page.goto(f"/rooms/{room}/")
