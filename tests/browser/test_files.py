from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Route, expect

from scripts.services import Worker
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.flows.topology import Topology
from tests.pictures.drawing import drawn, photo

pytestmark = pytest.mark.slow

CAT = FilePayload(name="cat.jpg", mimeType="image/jpeg", buffer=photo(6, (800, 600)))
NOTES = FilePayload(name="notes.txt", mimeType="text/plain", buffer=b"words")


def choose(screen: Screen, *files: FilePayload) -> None:
    with screen.page.expect_file_chooser() as chosen:
        screen.beside_text("files.attach")
    chosen.value.set_files(list(files))


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_files_are_chosen_described_sent_and_looked_at(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, bob = topology["alice"], topology["bob"]
    name = f"Files {language}"
    room = topology.room(alice, bob, name=name)
    first, second = enter(alice, web=0, language=language, phone=phone), enter(bob, web=1)
    for screen in (first, second):
        screen.open_room(room, name)
    choose(first, CAT, NOTES)
    tray = first.page.get_by_role("list", name=first.word("files.tray"))
    expect(tray.get_by_role("listitem")).to_have_count(2)
    expect(tray.get_by_role("progressbar")).to_have_count(0)
    tray.get_by_role("textbox", name=first.word("files.alt_of", name="cat.jpg")).fill("a cat")
    first.has_no_barrier()
    first.button("composer.send").click()
    expect(tray).to_have_count(0)
    # Nobody sees it before it was made anew.
    expect(second.log.get_by_text(second.word("files.preparing"))).to_be_visible()
    expect(
        second.log.get_by_role("link", name=second.word("files.download", name="notes.txt"))
    ).to_be_visible()
    worker = Worker(topology.folder, env=topology.env, concurrency=1)
    with worker:
        topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "@bob look"})
        picture = second.log.get_by_role("button", name=second.word("files.open", name="a cat"))
        expect(picture).to_be_visible(timeout=60_000)
    image = picture.get_by_role("img")
    expect(image).to_have_attribute("alt", "a cat")
    expect(image).to_have_js_property("complete", True)
    box = image.bounding_box()
    assert box is not None
    assert (round(box["width"]), round(box["height"])) == (225, 300)
    second.has_no_barrier()
    picture.click()
    alone = second.page.get_by_role("dialog", name="a cat")
    expect(alone.get_by_role("img")).to_have_js_property("naturalWidth", 600)
    second.has_no_barrier()
    second.button("files.zoom_in").click()
    expect(alone.get_by_role("img")).to_have_attribute("src", re.compile(r"/attachments/\d+$"))
    second.has_no_barrier()
    second.button("files.zoom_out").click()
    expect(alone.get_by_role("img")).to_have_attribute("src", re.compile("size=large$"))
    second.page.keyboard.press("Escape")
    expect(alone).to_have_count(0)
    expect(picture).to_be_focused()


def test_pasted_and_dropped_files_come_into_the_tray(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Drop")
    screen = enter(alice)
    screen.open_room(room, "Drop")
    give = """([selector, kind, name]) => {
      const data = new DataTransfer();
      data.items.add(new File(["words"], name, { type: "text/plain" }));
      const options = { bubbles: true, cancelable: true };
      const event = kind === "paste"
        ? new ClipboardEvent(kind, { ...options, clipboardData: data })
        : new DragEvent(kind, { ...options, dataTransfer: data });
      document.querySelector(selector).dispatchEvent(event);
    }"""
    screen.page.evaluate(give, ["textarea", "paste", "pasted.txt"])
    screen.page.evaluate(give, [".timeline, [role=log]", "dragenter", "dropped.txt"])
    expect(screen.page.locator("main[data-drop]")).to_have_count(1)
    screen.page.evaluate(give, [".timeline, [role=log]", "drop", "dropped.txt"])
    expect(screen.page.locator("main[data-drop]")).to_have_count(0)
    tray = screen.page.get_by_role("list", name=screen.word("files.tray"))
    expect(tray.get_by_role("listitem")).to_have_count(2)
    screen.button("files.remove", name="pasted.txt").click()
    expect(tray.get_by_role("listitem")).to_have_count(1)
    screen.composer("Drop").press("Enter")
    expect(
        screen.log.get_by_role("link", name=screen.word("files.download", name="dropped.txt"))
    ).to_be_visible()


def test_message_whose_files_have_arrived_survives_a_reload(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Kept files")
    screen = enter(alice)
    screen.open_room(room, "Kept files")
    choose(screen, CAT, NOTES)
    tray = screen.page.get_by_role("list", name=screen.word("files.tray"))
    expect(tray.get_by_role("listitem")).to_have_count(2)
    expect(tray.get_by_role("progressbar")).to_have_count(0)
    tray.get_by_role("textbox", name=screen.word("files.alt_of", name="cat.jpg")).fill("a cat")
    # What is said of the picture does not get through, so neither does the message.
    held: list[Route] = []
    screen.page.route("**/api/v1/uploads/*", lambda route: held.append(route))
    screen.composer("Kept files").press("Enter")
    expect(screen.log.get_by_role("article")).to_have_count(1)
    # The first page is gone before anything gets through again.
    screen.page.goto("about:blank")
    screen.page.unroute_all(behavior="ignoreErrors")
    screen.page.goto(f"/rooms/{room}/")
    expect(
        screen.log.get_by_role("link", name=screen.word("files.download", name="notes.txt"))
    ).to_be_visible()
    expect(screen.log.get_by_role("img", name="a cat")).to_be_visible()
    expect(screen.log.get_by_role("article")).to_have_count(1)


def test_text_beside_files_is_taken_away_and_the_files_stay(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Edited files")
    screen = enter(alice)
    screen.open_room(room, "Edited files")
    choose(screen, NOTES)
    expect(screen.button("scheduled.without_files")).to_be_disabled()
    screen.composer("Edited files").fill("with words")
    screen.composer("Edited files").press("Enter")
    screen.sees("with words")
    expect(screen.button("scheduled.without_files")).to_have_count(0)
    screen.composer("Edited files").press("ArrowUp")
    box = screen.page.get_by_role("textbox", name=screen.word("message.edit_label"))
    box.fill("")
    box.press("Enter")
    expect(screen.message("with words")).to_have_count(0)
    expect(
        screen.log.get_by_role("link", name=screen.word("files.download", name="notes.txt"))
    ).to_be_visible()


SLOW = FilePayload(name="slow.png", mimeType="image/png", buffer=drawn("PNG"))


def test_message_waits_for_its_files_over_a_reload(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Slow files")
    screen = enter(alice)
    screen.open_room(room, "Slow files")
    held: list[Route] = []
    # Not the method itself: Playwright writes its mark on what it is given.
    screen.page.route("**/api/v1/uploads", lambda route: held.append(route))
    choose(screen, SLOW)
    screen.composer("Slow files").fill("with a picture")
    screen.composer("Slow files").press("Enter")
    pending = screen.message("with a picture")
    expect(pending.get_by_role("progressbar")).to_be_visible()
    assert pending.get_attribute("data-seq") is None
    screen.page.reload()
    expect(screen.message("with a picture").get_by_role("progressbar")).to_be_visible()
    screen.page.unroute_all(behavior="ignoreErrors")
    screen.page.reload()
    screen.sees("with a picture")


def test_without_a_place_in_the_browser_it_says_what_a_reload_has_lost(
    topology: Topology, enter: Enter
) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Lost files")
    screen = enter(alice)
    screen.page.add_init_script(
        """const open = indexedDB.open.bind(indexedDB);
        IDBFactory.prototype.open = (name, version) => {
          if (name.startsWith("maru-kept-files")) throw new Error("forbidden");
          return open(name, version);
        };"""
    )
    screen.open_room(room, "Lost files")
    held: list[Route] = []
    screen.page.route("**/api/v1/uploads", lambda route: held.append(route))
    choose(screen, SLOW)
    screen.composer("Lost files").fill("with a picture")
    screen.composer("Lost files").press("Enter")
    pending = screen.message("with a picture")
    expect(pending.get_by_role("progressbar")).to_be_visible()
    screen.page.reload()
    expect(screen.message("with a picture").get_by_role("alert")).to_contain_text("slow.png")
    screen.message("with a picture").get_by_role("button", name=screen.word("pending.discard")).click()
    expect(screen.message("with a picture")).to_have_count(0)
