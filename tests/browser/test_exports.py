from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, expect

from scripts.services import Worker
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person

pytestmark = pytest.mark.slow

# Of the sweep and of a busy machine, too.
_SOON_MS = 60_000
_SEEN = """() => {
  window.seen = [];
  const look = () => {
    const bar = document.querySelector("progress");
    if (bar === null) return;
    const step = document.getElementById(bar.getAttribute("aria-describedby")).textContent;
    const last = window.seen.at(-1);
    if (last === undefined || last[0] !== bar.value || last[1] !== step) window.seen.push([bar.value, step]);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true,
    characterData: true });
}"""


def post_file(topology: Topology, person: Person, room: int, body: bytes) -> None:
    """Post a message with a file."""
    url = f"{topology.webs[0].base_url}/api/v1/uploads"
    sent = httpx.post(url, files={"file": ("notes.txt", body)}, headers=person.headers, trust_env=False)
    assert sent.status_code == 201, sent.text
    topology.ask(person, "POST", f"/rooms/{room}/messages", {"body": "", "attachments": [sent.json()["id"]]})


@contextmanager
def worker(topology: Topology, pause_s: float) -> Iterator[None]:
    """Run a worker that rests at each page, so that a person can see what it is at."""
    env = topology.env | {"FAILPOINTS": f"export.page=pause:{pause_s}"}
    with Worker(topology.folder, env=env, name="exports", concurrency=1):
        yield


def enter_settings(topology: Topology, enter: Enter, person: Person, **options: Any) -> Screen:
    topology.rows("DELETE FROM chat_export WHERE user_id = %s RETURNING id", person.id)
    screen = enter(person, web=0, **options)
    screen.page.goto("/settings/data/")
    expect(screen.page.get_by_role("heading", name=screen.word("export.title"))).to_be_visible()
    return screen


def downloaded(screen: Screen, link: Locator, folder: Path) -> zipfile.ZipFile:
    with screen.page.expect_download() as download:
        link.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return zipfile.ZipFile(path)


def files_of_folder(topology: Topology) -> list[Path]:
    return list((topology.folder / "exports").glob("*.zip"))


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_one_asks_for_ones_data_sees_it_being_made_opens_the_file_and_deletes_it(
    topology: Topology, enter: Enter, tmp_path: Path, language: str, phone: bool
) -> None:
    person = topology.newcomer()
    topology.ask(person, "PATCH", "/me", {"language": language})
    room = topology.room(person, name=f"Exports {language}")
    topology.ask(person, "POST", f"/rooms/{room}/messages", {"body": "what I have said"})
    post_file(topology, person, room, b"what I have sent")
    screen = enter_settings(topology, enter, person, language=language, phone=phone)
    screen.page.evaluate(_SEEN)
    link = screen.page.get_by_role("link", name=screen.word("export.download", size="").split("(")[0].strip())
    with worker(topology, 1.0):
        screen.button("export.ask_own").click()
        bar = screen.page.get_by_role("progressbar", name=screen.word("export.own"))
        expect(bar).to_be_visible()
        expect(screen.button("export.ask_own")).to_be_disabled()
        screen.has_no_barrier()
        if phone:
            fits(screen)
        expect(link).to_be_visible(timeout=_SOON_MS)
    expect(bar).to_have_count(0)
    seen = screen.page.evaluate("() => window.seen")
    percents, steps = [percent for percent, _ in seen], {step for _, step in seen}
    assert percents == sorted(percents)
    assert len({percent for percent in percents if 0 < percent < 100}) >= 3
    assert len(steps) >= 3
    expect(screen.page.get_by_role("status").filter(has_text=screen.word("export.is_ready"))).to_have_count(1)
    screen.has_no_barrier()
    if phone:
        fits(screen)
    with downloaded(screen, link, tmp_path) as archive:
        assert archive.testzip() is None
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["asked_by"]["handle"] == person.handle
        assert b"what I have said" in archive.read("messages-000001.jsonl")
        (name,) = [name for name in archive.namelist() if name.startswith("files/")]
        assert name.endswith("-notes.txt")
        assert archive.read(name) == b"what I have sent"
    before = len(files_of_folder(topology))
    screen.button("export.delete").click()
    expect(link).to_have_count(0)
    assert len(files_of_folder(topology)) == before - 1
    expect(screen.button("export.ask_own")).to_be_enabled()


def test_one_is_cancelled_in_the_middle_and_leaves_nothing(topology: Topology, enter: Enter) -> None:
    person = topology.newcomer()
    screen = enter_settings(topology, enter, person)
    before = len(files_of_folder(topology))
    with worker(topology, 2.0):
        screen.button("export.ask_own").click()
        step = screen.page.locator(".export-step")
        expect(step).to_contain_text("%", timeout=_SOON_MS)
        screen.button("export.cancel").click()
        expect(screen.page.get_by_role("progressbar")).to_have_count(0)
        expect(screen.page.get_by_role("heading", name=screen.word("export.title"))).to_be_focused()
        expect(screen.button("export.ask_own")).to_be_enabled()
    assert len(files_of_folder(topology)) == before
    assert topology.rows("SELECT state FROM chat_export WHERE user_id = %s", person.id) == [("cancelled",)]


def test_the_owner_says_why_conversations_are_taken_and_admins_see_it(
    topology: Topology, enter: Enter, tmp_path: Path
) -> None:
    owner, admin = topology.newcomer(), topology.newcomer()
    for person, role in ((owner, "owner"), (admin, "admin")):
        topology.rows("UPDATE chat_user SET role = %s WHERE id = %s RETURNING id", role, person.id)
        topology.ask(person, "PATCH", "/me", {"language": "en"})
    try:
        screen = enter_settings(topology, enter, owner)
        screen.page.goto("/admin/data/")
        screen.page.get_by_role("checkbox", name=screen.word("export.directs")).check()
        expect(screen.button("export.ask_workspace")).to_be_disabled()
        screen.page.get_by_label(screen.word("export.reason"), exact=True).fill("a court has asked")
        screen.has_no_barrier()
        link = screen.page.get_by_role("link", name="Download")
        with Worker(topology.folder, env=topology.env, name="workspace", concurrency=1):
            screen.button("export.ask_workspace").click()
            expect(link).to_be_visible(timeout=_SOON_MS)
        with downloaded(screen, link, tmp_path) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            assert (manifest["kind"], manifest["has_directs"]) == ("workspace", True)
        other = enter_settings(topology, enter, admin)
        other.page.goto("/admin/data/")
        expect(other.button("export.ask_workspace")).to_be_visible()
        expect(other.page.get_by_role("checkbox", name=other.word("export.directs"))).to_have_count(0)
        other.page.get_by_text(other.word("export.taken"), exact=True).click()
        expect(other.page.get_by_role("listitem").filter(has_text="a court has asked")).to_contain_text(
            other.word("export.downloads", n=1)
        )
        other.has_no_barrier()
    finally:
        for person in (owner, admin):
            topology.rows("UPDATE chat_user SET role = 'member' WHERE id = %s RETURNING id", person.id)
