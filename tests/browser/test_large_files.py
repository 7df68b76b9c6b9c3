from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Locator, Route, expect

from scripts.services.process import until
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_files import choose
from tests.browser.test_phone import fits
from tests.faults.proxy import Proxy
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
FILM = FilePayload(
    name="film.bin", mimeType="application/octet-stream", buffer=bytes(range(256)) * 4_096 * 12
)


def tray(screen: Screen) -> Locator:
    return screen.page.get_by_role("list", name=screen.word("files.tray"))


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_a_broken_upload_goes_on_where_it_was(
    topology: Topology, enter: Enter, line: Proxy, language: str, phone: bool
) -> None:
    alice, name = topology["alice"], f"Broken line {language}"
    room = topology.room(alice, name=name)
    screen = enter(alice, by=line, language=language, phone=phone)
    screen.open_room(room, name)
    screen.is_cut = True
    before = line.to_server_bytes
    line.rate(1.5 * MIB)
    choose(screen, FILM)
    assert until(lambda: line.to_server_bytes - before > 5 * MIB, 60)
    line.refuse()
    line.reset_all()
    expect(tray(screen).get_by_role("status")).to_contain_text("%")
    expect(tray(screen).get_by_role("status")).to_contain_text(
        screen.word("files.paused", n="").split("%")[1]
    )
    screen.has_no_barrier()
    if phone:
        fits(screen)
    cut_at = line.to_server_bytes
    line.heal()
    expect(tray(screen).get_by_role("progressbar")).to_have_count(0, timeout=60_000)
    # The first four were kept.
    assert line.to_server_bytes - cut_at < 9 * MIB
    screen.composer(name).fill("the whole film")
    screen.button("composer.send").click()
    screen.sees("the whole film")
    (sent,) = topology.ask(alice, "GET", f"/rooms/{room}/messages")["items"][-1]["attachments"]
    got = topology.call(alice, "GET", sent["url"].removeprefix("/api/v1"))
    assert got.content == FILM["buffer"]


def test_what_stood_beside_the_text_stands_there_after_a_reload(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Reloaded")
    screen = enter(alice)
    screen.open_room(room, "Reloaded")
    held: list[Route] = []
    screen.page.route("**/api/v1/uploads/resumable/*", lambda route: held.append(route))
    choose(screen, FILM, FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"words"))
    expect(tray(screen).get_by_role("progressbar")).to_have_count(1)
    assert until(lambda: bool(screen.page.evaluate(_KEPT)), 30)
    screen.page.unroute_all(behavior="ignoreErrors")
    screen.page.reload()
    expect(tray(screen).get_by_role("listitem")).to_have_count(2)
    expect(tray(screen).get_by_role("progressbar")).to_have_count(0)
    screen.composer("Reloaded").fill("both of them")
    screen.composer("Reloaded").press("Enter")
    screen.sees("both of them")
    expect(tray(screen)).to_have_count(0)
    screen.page.reload()
    screen.sees("both of them")
    expect(tray(screen)).to_have_count(0)


# Whether the browser has kept what the server calls the upload.
_KEPT = """async () => {
  const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith("maru-kept-files"));
  const database = await new Promise((done) => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => done(asked.result);
  });
  const rows = await new Promise((done) => {
    const asked = database.transaction("about").objectStore("about").getAll();
    asked.onsuccess = () => done(asked.result);
  });
  database.close();
  return rows.some(({ begun }) => begun !== null);
}"""


def test_a_paused_upload_is_thrown_away_here_and_there(topology: Topology, enter: Enter, line: Proxy) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Given up")
    screen = enter(alice, by=line)
    screen.open_room(room, "Given up")
    screen.is_cut = True
    before = line.to_server_bytes
    line.rate(1.5 * MIB)
    choose(screen, FILM)
    assert until(lambda: line.to_server_bytes - before > MIB, 60)
    line.heal()
    screen.button("files.remove", name="film.bin").click()
    expect(tray(screen)).to_have_count(0)
    query = "SELECT count(*) FROM chat_piecedupload"
    assert until(lambda: topology.rows(query)[0][0] == 0, 30)
