"""What others see of me: names, a face, what I am doing; and it is seen at once."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from scripts.services.process import until
from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.pictures.drawing import drawn


def name_in(screen: Screen, text: str) -> Locator:
    return screen.message(text).locator("button.message-name")


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_one_tells_of_oneself_and_others_see_it_at_once(
    topology: Topology, enter: Enter, tmp_path: Path, language: str, phone: bool
) -> None:
    alice, person = topology["alice"], topology.newcomer()
    topology.ask(person, "PATCH", "/me", {"language": language, "time_zone": "Asia/Seoul"})
    name = f"Faces {language}"
    room = topology.room(alice, person, name=name)
    topology.ask(person, "POST", f"/rooms/{room}/messages", {"body": "who am I"})
    watching = enter(alice, web=1)
    watching.open_room(room, name)
    expect(name_in(watching, "who am I")).to_be_visible()

    screen = enter(person, web=0, language=language, phone=phone)
    screen.page.goto("/settings/profile/")
    field = screen.page.get_by_label(screen.word("settings.name"), exact=True)
    field.fill(f"박새얼굴 {language}")
    screen.page.get_by_label(screen.word("settings.job"), exact=True).fill("Gardener")
    screen.page.get_by_label(screen.word("settings.handle"), exact=True).fill("alice")
    save = screen.button("dialog.save")
    save.click()
    expect(screen.says("settings.handle_taken")).to_be_visible()
    expect(save).to_be_disabled()
    screen.has_no_barrier()
    screen.was_refused("409 (Conflict)")
    screen.page.get_by_label(screen.word("settings.handle"), exact=True).fill(f"newface-{language}")
    save.click()
    expect(screen.says("settings.saved")).to_be_visible()
    expect(name_in(watching, "who am I")).to_have_text(f"박새얼굴 {language}")

    picture = tmp_path / "face.png"
    picture.write_bytes(drawn("PNG", (600, 300)))
    screen.page.set_input_files("input[type=file]", picture)
    dialog = screen.dialog("face.title")
    canvas = dialog.get_by_role("img", name=screen.word("face.picture"))
    canvas.press("ArrowRight")
    dialog.get_by_role("slider", name=screen.word("face.zoom")).fill("2")
    screen.has_no_barrier()
    if phone:
        fits(screen)
    dialog.get_by_role("button", name=screen.word("dialog.save")).click()
    expect(dialog).to_have_count(0)
    face = watching.message("who am I").locator(".message-side img")
    expect(face).to_be_visible()
    shown = watching.page.request.get(face.get_attribute("src") or "")
    assert Image.open(BytesIO(shown.body())).size == (128, 128)

    screen.button("doing.title").click()
    screen.dialog("doing.title").get_by_role("button", name=re.compile(screen.word("doing.lunch"))).click()
    expect(screen.dialog("doing.title")).to_have_count(0)
    expect(watching.message("who am I").locator(".doing")).to_contain_text("🍜")
    name_in(watching, "who am I").click()
    card = watching.page.get_by_role("dialog", name=f"박새얼굴 {language}")
    expect(card).to_contain_text(f"@newface-{language}")
    expect(card).to_contain_text("Gardener")
    expect(card).to_contain_text(screen.word("doing.lunch"))
    expect(card.get_by_text(re.compile("local time"))).to_be_visible()
    watching.has_no_barrier()
    card.get_by_role("button", name=watching.word("people.message")).click()
    expect(watching.composer(f"박새얼굴 {language}")).to_be_visible()
    expect(watching.page.locator(".room-topic")).to_contain_text(screen.word("doing.lunch"))

    screen.button("face.remove").click()
    expect(screen.button("face.choose")).to_be_visible()
    expect(watching.page.locator(".room-title img")).to_have_count(0)
    screen.has_no_barrier()
    if phone:
        fits(screen)


def test_what_one_does_ends_by_itself_on_a_page_that_only_stands_there(
    topology: Topology, enter: Enter
) -> None:
    bob, person = topology["bob"], topology.newcomer()
    room = topology.room(bob, person, name="Ends")
    topology.ask(person, "POST", f"/rooms/{room}/messages", {"body": "back soon"})
    screen = enter(bob, web=1)
    # Before the page starts, so that it is the clock of all its timers.
    screen.page.clock.install()
    screen.open_room(room, "Ends")
    now = topology.rows("SELECT now()")[0][0]
    said = {"emoji": "🚌", "text": "on the bus", "until": (now + timedelta(minutes=10)).isoformat()}
    topology.ask(person, "PUT", "/me/doing", said)
    mark = screen.message("back soon").locator(".doing")
    expect(mark).to_contain_text("🚌")
    screen.page.clock.fast_forward("11:00")
    expect(mark).to_have_count(0)
    # And who comes later never sees it: nothing had to run at that time.
    topology.rows(
        "UPDATE chat_user SET doing_until = now() - interval '1 second' WHERE id = %s RETURNING id", person.id
    )
    assert topology.ask(bob, "GET", f"/users/{person.id}")["doing"] is None


def test_my_other_window_follows_my_language(topology: Topology, enter: Enter) -> None:
    person = topology.newcomer()
    topology.ask(person, "PATCH", "/me", {"language": "en"})
    room = topology.room(person, name="Two windows")
    other = enter(person, web=1)
    other.open_room(room, "Two windows")
    screen = enter(person, web=0)
    screen.page.goto("/settings/appearance/")
    screen.page.get_by_role("radio", name="한국어").click()
    expect(other.page.locator("html")).to_have_attribute("lang", "ko")
    other.language = "ko"
    expect(other.composer("Two windows")).to_be_visible()
    screen.page.get_by_role("radio", name="English").click()
    expect(other.page.locator("html")).to_have_attribute("lang", "en")
    assert until(lambda: topology.ask(person, "GET", "/me")["language"] == "en", 30)
