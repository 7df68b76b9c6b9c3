from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import FilePayload, expect

from scripts.services import Worker
from tests.browser.conftest import Enter
from tests.browser.test_files import choose
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person
from tests.pictures.drawing import drawn

pytestmark = pytest.mark.slow


def paper(*words: str) -> bytes:
    """Return a PDF with a page for each text."""
    pages = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(words)))
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{pages}] /Count {len(words)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, word in enumerate(words):
        drawing = f"BT /F1 48 Tf 60 700 Td ({word}) Tj ET"
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        parts.append(f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream")
    written, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{part}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return written + end.encode()


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_a_pdf_is_read_in_the_page(topology: Topology, enter: Enter, language: str, phone: bool) -> None:
    alice, name = topology["alice"], f"Papers {language}"
    room = topology.room(alice, name=name)
    screen = enter(alice, language=language, phone=phone)
    screen.open_room(room, name)
    report = paper("First page", "Second page", "Third page")
    choose(screen, FilePayload(name="report.pdf", mimeType="application/pdf", buffer=report))
    screen.button("composer.send").click()
    card = screen.log.get_by_role("button", name=screen.word("files.open_pdf", name="report.pdf"))
    expect(
        screen.log.get_by_role("link", name=screen.word("files.download", name="report.pdf"))
    ).to_be_visible()
    screen.has_no_barrier()
    card.click()
    dialog = screen.page.get_by_role("dialog", name="report.pdf")
    expect(dialog.get_by_text("First page")).to_have_count(1)
    expect(dialog).to_contain_text(screen.word("files.page_place", at=1, n=3))
    page = dialog.get_by_role("region", name=screen.word("files.page", n=1), exact=True)
    expect(page.locator("canvas")).to_have_count(1)
    # Black letters on white paper were drawn, and nobody's script was run to do so.
    assert page.locator("canvas").evaluate(_INK) > 100
    screen.has_no_barrier()
    if phone:
        fits(screen)
    last = dialog.get_by_role("region", name=screen.word("files.page", n=3), exact=True)
    last.scroll_into_view_if_needed()
    expect(last.get_by_text("Third page")).to_have_count(1)
    before = page.bounding_box()
    screen.button("files.zoom_in").click()
    expect(dialog.get_by_text("Third page")).to_have_count(1)
    after = page.bounding_box()
    assert before
    assert after
    assert after["width"] > before["width"]
    screen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(card).to_be_focused()


_INK = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] < 100) dark += 1;
  return dark;
}"""


def test_a_broken_pdf_says_so_and_can_be_saved(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Broken papers")
    screen = enter(alice)
    screen.open_room(room, "Broken papers")
    broken = FilePayload(
        name="broken.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n" + b"no paper" * 50
    )
    choose(screen, broken)
    screen.button("composer.send").click()
    screen.log.get_by_role("button", name=screen.word("files.open_pdf", name="broken.pdf")).click()
    dialog = screen.page.get_by_role("dialog", name="broken.pdf")
    expect(dialog.get_by_role("alert")).to_have_text(screen.word("files.pdf_failed"))
    expect(dialog.get_by_role("link", name=screen.word("files.download", name="broken.pdf"))).to_be_visible()
    screen.has_no_barrier()
    # The reader tells the console what is wrong with the file.
    screen.problems = [problem for problem in screen.problems if not problem.startswith("warning: Warning:")]


def post_picture(topology: Topology, person: Person, room: int, alt: str, body: str = "") -> None:
    """Post a picture as a program does."""
    web = topology.webs[0].base_url
    said: dict[str, Any] = {"files": {"file": (f"{alt}.png", drawn("PNG", (640, 480)))}, "data": {"alt": alt}}
    made = httpx.post(
        f"{web}/api/v1/uploads", headers=person.headers, timeout=30, trust_env=False, **said
    ).json()
    topology.ask(person, "POST", f"/rooms/{room}/messages", {"body": body, "attachments": [made["id"]]})


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_one_walks_through_all_pictures_of_a_room(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    alice, bob, name = topology["alice"], topology["bob"], f"Gallery {language}"
    room = topology.room(alice, bob, name=name)
    post_picture(topology, alice, room, "the oldest")
    # So far back that it does not come with the room.
    for number in range(70):
        topology.ask(bob, "POST", f"/rooms/{room}/messages", {"body": f"line {number}"})
    for alt in ("a cat", "a dog"):
        post_picture(topology, alice, room, alt)
    screen = enter(bob, web=1, language=language, phone=phone)
    with Worker(topology.folder, env=topology.env, concurrency=1):
        topology.ask(alice, "POST", f"/rooms/{room}/messages", {"body": "@bob look"})
        screen.open_room(room, name)
        opens = screen.log.get_by_role("button", name=screen.word("files.open", name="a dog"))
        expect(opens).to_be_visible(timeout=60_000)
    opens.click()
    dialog = screen.page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="a dog")).to_be_visible()
    expect(dialog).to_contain_text("alice")
    walk = dialog.get_by_role("navigation", name=screen.word("files.walk"))
    expect(walk).to_contain_text(screen.word("files.place", at=3, n=3))
    screen.has_no_barrier()
    if phone:
        swipe = """(stage) => {
          const at = (x) => [new Touch({ identifier: 1, target: stage, clientX: x, clientY: 300 })];
          const begun = { touches: at(100), changedTouches: at(100), bubbles: true };
          stage.dispatchEvent(new TouchEvent("touchstart", begun));
          stage.dispatchEvent(new TouchEvent("touchend", { touches: [], changedTouches: at(300), bubbles: true }));
        }"""
        dialog.locator(".lightbox-stage").evaluate(swipe)
        fits(screen)
    else:
        screen.page.keyboard.press("ArrowLeft")
    expect(dialog.get_by_role("img", name="a cat")).to_be_visible()
    screen.page.keyboard.press("ArrowLeft")
    expect(dialog.get_by_role("img", name="the oldest")).to_be_visible()
    expect(screen.button("files.before")).to_be_disabled()
    expect(walk).to_contain_text(screen.word("files.place", at=1, n=3))
    screen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opens).to_be_focused()


def test_a_film_plays_and_can_be_sought_in(topology: Topology, enter: Enter) -> None:
    alice = topology["alice"]
    room = topology.room(alice, name="Films")
    screen = enter(alice)
    screen.open_room(room, "Films")
    screen.page.evaluate(_RECORD)
    expect(screen.page.get_by_role("list", name=screen.word("files.tray"))).to_be_visible()
    with screen.page.expect_response(re.compile(r"/attachments/\d+$")) as answered:
        screen.button("composer.send").click()
    assert answered.value.status == 206
    film = screen.log.locator("video")
    expect(film).to_have_attribute("src", re.compile(r"/attachments/\d+$"))
    expect(film).to_have_js_property("videoWidth", 64)
    film.evaluate("(film) => film.play()")
    expect(screen.log.get_by_text("film.webm")).to_be_visible()
    screen.has_no_barrier()


# Half a second of a picture that changes, recorded by the browser itself and pasted.
_RECORD = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const paint = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
  const pieces = [];
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.start();
  for (let turn = 0; turn < 10; turn++) {
    paint.fillStyle = `hsl(${turn * 36} 80% 50%)`;
    paint.fillRect(0, 0, 64, 48);
    await new Promise((done) => setTimeout(done, 50));
  }
  await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File(pieces, "film.webm", { type: "video/webm" }));
  document.querySelector("textarea")
    .dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData }));
}"""
