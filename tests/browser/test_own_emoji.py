"""Emoji of the workspace's own: made by hand, seen by all at once, in texts, reactions and the picker; and its logo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.test_phone import fits
from tests.flows.topology import Topology
from tests.people import Person
from tests.pictures.drawing import drawn, moving


@pytest.fixture
def ada(topology: Topology) -> Person:
    known = topology["ada"]
    topology.rows("UPDATE chat_user SET role = 'admin' WHERE id = %s RETURNING id", known.id)
    return known


@pytest.fixture
def logo(topology: Topology, ada: Person) -> Iterator[None]:
    yield
    topology.ask(ada, "DELETE", "/admin/workspace/logo")


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)], ids=["desktop", "phone"])
def test_an_emoji_is_made_used_called_otherwise_and_taken_away(
    topology: Topology, enter: Enter, tmp_path: Path, language: str, phone: bool
) -> None:
    maker, bob = topology.newcomer(), topology["bob"]
    name, alias, room_name = f"party_{language}", f"회식_{language}", f"Emoji {language}"
    room = topology.room(bob, maker, name=room_name)
    topology.ask(maker, "POST", f"/rooms/{room}/messages", {"body": f"said before :{name}:"})
    watching = enter(bob, web=1)
    watching.open_room(room, room_name)
    expect(watching.message("said before")).to_contain_text(f":{name}:")

    screen = enter(maker, web=0, language=language, phone=phone)
    screen.page.goto("/settings/emoji/")
    screen.button("own_emoji.add").click()
    dialog = screen.dialog("own_emoji.add")
    file = tmp_path / f"{name}.gif"
    file.write_bytes(moving("GIF"))
    dialog.locator("input[type=file]").set_input_files(file)
    field = dialog.get_by_label(screen.word("own_emoji.name"), exact=True)
    expect(field).to_have_value(name)
    field.fill("tada")
    dialog.get_by_role("button", name=screen.word("dialog.save")).click()
    expect(dialog.get_by_text(screen.word("own_emoji.taken", name="tada"))).to_be_visible()
    screen.has_no_barrier()
    screen.was_refused("409 (Conflict)")
    field.fill(name.upper())
    expect(field).to_have_value(name)
    dialog.get_by_role("button", name=screen.word("dialog.save")).click()
    expect(dialog).to_have_count(0)
    row = screen.page.get_by_role("listitem").filter(has_text=f":{name}:")
    expect(row.get_by_role("img", name=f":{name}:")).to_be_visible()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    # In what was said before too, on another device, at once.
    picture = watching.message("said before").get_by_role("img", name=f":{name}:")
    expect(picture).to_be_visible()

    row.get_by_role("button", name=screen.word("own_emoji.menu", name=name)).click()
    screen.page.get_by_role("menuitem", name=screen.word("own_emoji.alias")).click()
    naming = screen.dialog("own_emoji.alias_title", name=name)
    naming.get_by_label(screen.word("own_emoji.alias"), exact=True).fill(alias)
    naming.get_by_role("button", name=screen.word("dialog.save")).click()
    expect(row).to_contain_text(f":{alias}:")

    # By the list at the colon, in a message of its own.
    screen.open_room(room, room_name)
    box = screen.composer(room_name)
    box.press_sequentially(f":회식_{language[0]}")
    screen.page.get_by_role("option", name=alias).click()
    expect(box).to_have_value(f":{name}: ")
    screen.button("composer.send").click()
    alone = watching.log.get_by_role("article").last.get_by_role("img", name=f":{name}:")
    expect(alone).to_be_visible()
    expect(watching.log.locator(".message-body-emoji")).to_have_count(1)

    # As a reaction, out of the picker.
    watching.message("said before").hover()
    watching.message("said before").get_by_role("button", name=watching.word("message.react")).click()
    picker = watching.page.get_by_role("dialog", name=watching.word("emoji.label"))
    picker.locator("emoji-picker input").fill(f"party {language}")
    picker.locator("emoji-picker").get_by_role("option", name=re.compile(name)).first.click()
    pill = screen.message("said before").locator(".reaction").first
    expect(pill.get_by_role("img", name=f":{name}:", include_hidden=True)).to_be_visible()
    pill.click()
    expect(watching.message("said before").locator(".reaction-count").first).to_have_text("2")
    watching.has_no_barrier()
    screen.has_no_barrier()

    # Taken away, its name stands where it stood.
    screen.page.goto("/settings/emoji/")
    row.get_by_role("button", name=screen.word("own_emoji.menu", name=name)).click()
    screen.page.get_by_role("menuitem", name=screen.word("own_emoji.remove")).click()
    screen.dialog("own_emoji.remove_title", name=name).get_by_role(
        "button", name=screen.word("own_emoji.remove"), exact=True
    ).click()
    expect(row).to_have_count(0)
    expect(picture).to_have_count(0)
    expect(watching.message("said before")).to_contain_text(f":{name}:")
    expect(watching.message("said before").locator(".reaction-emoji").first).to_have_text(f":{name}:")


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)], ids=["desktop", "phone"])
def test_a_logo_stands_above_the_rooms_and_at_the_door(
    topology: Topology, enter: Enter, ada: Person, logo: None, tmp_path: Path,
    language: str, phone: bool,
) -> None:  # fmt: skip
    member = enter(topology["bob"], web=1)
    member.page.goto("/")
    head = member.sidebar.locator(".side-head")
    expect(head.locator("svg.mark")).to_be_visible()
    screen = enter(ada, web=0, language=language, phone=phone)
    screen.page.goto("/admin/workspace/")
    picture = tmp_path / "logo.png"
    picture.write_bytes(drawn("PNG", (900, 300)))
    screen.page.locator("input[type=file]").set_input_files(picture)
    expect(screen.says("settings.saved")).to_be_visible()
    expect(screen.button("workspace.logo_remove")).to_be_visible()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    # With everybody who is here, without a reload.
    expect(head.locator("img.workspace-logo")).to_be_visible()
    screen.context.clear_cookies()
    screen.page.goto("/accounts/login/")
    expect(screen.page.locator("img.account-logo")).to_be_visible()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    topology.ask(ada, "DELETE", "/admin/workspace/logo")
    expect(head.locator("svg.mark")).to_be_visible()
