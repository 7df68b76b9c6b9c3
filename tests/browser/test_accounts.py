from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils.translation import gettext, override
from playwright.sync_api import Locator, expect

from scripts.services import Serve, environment, free_port, manage
from scripts.services.process import ROOT
from tests.browser.screen import Screen
from tests.flows.topology import Topology

pytestmark = pytest.mark.slow

Window = Callable[..., Screen]


def said(language: str, text: str) -> str:
    """Return a text of the server's pages as it is said in a language."""
    with override(language):
        return gettext(text)


def field(screen: Screen, label: str) -> Locator:
    """The field with this label."""
    return screen.page.get_by_label(said(screen.language, label), exact=True)


def press(screen: Screen, name: str) -> None:
    """Press the button with this name."""
    screen.page.get_by_role("button", name=said(screen.language, name), exact=True).click()


def sign_in(screen: Screen, handle: str, password: str) -> None:
    """Fill the sign-in page."""
    field(screen, "Username or email").fill(handle)
    field(screen, "Password").fill(password)
    press(screen, "Sign in")


@pytest.fixture
def empty(built: None, tmp_path: Path) -> Iterator[Serve]:
    """One web process of its own with SQLite and without Redis, in which nobody has an account."""
    port = free_port()
    env = environment(tmp_path, PORT=str(port), STATIC_ROOT=str(ROOT / "var" / "static"))
    manage(["migrate"], env)
    with Serve(tmp_path, env=env, port=port) as web:
        yield web


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ko", "dark")])
def test_the_first_person_sets_up_and_invites_the_second(
    empty: Serve, window: Window, language: str, theme: str
) -> None:
    first = window(empty.base_url, language=language, color_scheme=theme)
    first.page.goto("/")
    expect(first.page).to_have_url(re.compile(r"/setup/$"))
    first.has_no_barrier()
    field(first, "Name of the workspace").fill("마당 Yard")
    field(first, "Your name").fill("정아 Jung-a")
    field(first, "Username").fill("jung-a")
    field(first, "Password").fill("짧다")
    press(first, "Start")
    expect(field(first, "Password")).to_have_attribute("aria-invalid", "true")
    field(first, "Password").fill("나무 그늘 아래 앉아요")
    room = field(first, "First room").input_value()
    press(first, "Start")
    first.post(room, "첫 글 first words")
    first.sees("첫 글 first words")
    expect(first.sidebar.get_by_role("heading", name="마당 Yard")).to_be_visible()

    first.button("sidebar.invite").click()
    invitation = first.dialog("invite.title", workspace="마당 Yard")
    invitation.get_by_role("button", name=first.word("invite.make")).click()
    link = invitation.get_by_role("textbox")
    expect(link).to_have_value(re.compile(r"/invite/"))
    address = link.input_value()
    first.button("dialog.done").click()

    second = window(empty.base_url, language=language, color_scheme=theme)
    second.page.goto("/setup/")
    expect(second.page).to_have_url(re.compile(r"/accounts/login/"))
    second.page.goto(address)
    second.has_no_barrier()
    second.page.get_by_role("link", name=said(language, "Make an account")).click()
    second.has_no_barrier()
    field(second, "Your name").fill("새 사람")
    field(second, "Username").fill("newcomer")
    field(second, "Password").fill("저도 그늘이 좋아요")
    press(second, "Make an account")
    lobby = said(language, "Lobby")
    second.room_link(lobby).click()
    second.post(lobby, "안녕하세요, 처음 왔어요")
    first.room_link(lobby).click()
    first.sees("안녕하세요, 처음 왔어요")


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("ko", "dark")])
def test_signing_in_leads_to_where_one_wanted_to_go_and_out_again(
    topology: Topology, window: Window, language: str, theme: str
) -> None:
    mina = topology["mina"]
    room = topology.room(mina, name="Behind the door")
    screen = window(topology.webs[1].base_url, language=language, color_scheme=theme)
    screen.page.goto(f"/rooms/{room}/")
    expect(screen.page).to_have_url(re.compile(r"/accounts/login/\?next="))
    screen.has_no_barrier()
    sign_in(screen, mina.handle, "not the password")
    expect(screen.page.get_by_role("alert")).to_be_visible()
    screen.has_no_barrier()
    sign_in(screen, mina.handle, mina.password)
    expect(screen.page).to_have_url(re.compile(rf"/rooms/{room}/$"))
    expect(screen.composer("Behind the door")).to_be_visible()
    screen.is_put_out = True
    screen.button("sidebar.me_menu").click()
    screen.page.get_by_role("menuitem", name=screen.word("sidebar.sign_out")).click()
    expect(screen.page).to_have_url(re.compile(r"/accounts/login/"))
    screen.page.goto(f"/rooms/{room}/")
    expect(screen.page).to_have_url(re.compile(r"/accounts/login/\?next="))


def test_signing_out_in_one_window_ends_the_other_of_the_same_browser(
    topology: Topology, window: Window
) -> None:
    carol = topology["carol"]
    room = topology.room(carol, name="Two tabs")
    screen = window(topology.webs[0].base_url)
    screen.page.goto("/accounts/login/")
    sign_in(screen, carol.handle, carol.password)
    screen.open_room(room, "Two tabs")
    other = screen.context.new_page()
    other.goto(f"/rooms/{room}/")
    expect(other.get_by_role("log")).to_be_visible()
    screen.is_put_out = True
    screen.button("sidebar.me_menu").click()
    screen.page.get_by_role("menuitem", name=screen.word("sidebar.sign_out")).click()
    for page in (screen.page, other):
        expect(page).to_have_url(re.compile(r"/accounts/login/"))
