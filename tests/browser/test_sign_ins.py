"""How one signs in: a second step, a passkey, the devices where one is signed in, the tokens of one's programs."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.screen import Screen
from tests.browser.test_accounts import press, said, sign_in
from tests.browser.test_phone import fits
from tests.browser.totp import code_of
from tests.flows.topology import Topology

Window = Any


def confirm(screen: Screen, password: str) -> None:
    """Say the password once more."""
    screen.page.locator("input[name=password]").fill(password)
    press(screen, "Continue")


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_a_second_step_is_set_up_and_asked_for(
    topology: Topology, window: Window, language: str, phone: bool
) -> None:
    person = topology.newcomer()
    topology.ask(person, "PATCH", "/me", {"language": language})
    screen = window(topology.webs[0].base_url, language=language, phone=phone)
    screen.page.goto("/accounts/login/")
    sign_in(screen, person.handle, person.password)
    expect(screen.page).not_to_have_url(re.compile("/accounts/"))
    screen.page.goto("/settings/security/")
    expect(screen.says("security.app")).to_be_visible()
    screen.has_no_barrier()
    screen.page.get_by_role("link", name=screen.word("security.app_add"), exact=True).click()
    confirm(screen, person.password)
    secret = screen.page.locator(".account-key").inner_text()
    screen.has_no_barrier()
    if phone:
        fits(screen)
    screen.page.locator("input[name=code]").fill(code_of(secret, time.time()))
    press(screen, "Switch it on")
    expect(screen.page.locator(".account-codes li")).to_have_count(10)
    code = screen.page.locator(".account-codes li").first.inner_text()
    screen.has_no_barrier()
    screen.page.get_by_role("link", name=said(language, "I have kept them")).click()
    expect(screen.says("security.codes_left", n=10)).to_be_visible()
    screen.has_no_barrier()
    if phone:
        fits(screen)

    other = window(topology.webs[1].base_url, language=language, phone=phone)
    other.page.goto("/accounts/login/")
    sign_in(other, person.handle, person.password)
    field = other.page.locator("input[name=code]")
    field.fill("123")
    press(other, "Sign in")
    expect(other.page.locator(".field-error")).to_be_visible()
    other.has_no_barrier()
    field.fill(code)
    press(other, "Sign in")
    expect(other.page).not_to_have_url(re.compile("/accounts/"))

    screen.page.goto("/settings/security/")
    screen.page.get_by_role("link", name=screen.word("security.app_remove")).click()
    screen.has_no_barrier()
    press(screen, "Take it away")
    expect(screen.page.get_by_role("link", name=screen.word("security.app_add"), exact=True)).to_be_visible()


def test_a_passkey_signs_in_alone_and_is_removed(topology: Topology, window: Window) -> None:
    person = topology.newcomer()
    # A passkey belongs to a name, and an address of numbers is none.
    base_url = topology.webs[0].base_url.replace("127.0.0.1", "localhost")
    screen = window(base_url)
    devtools = screen.context.new_cdp_session(screen.page)
    devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    screen.page.goto("/accounts/login/?next=/livez")
    sign_in(screen, person.handle, person.password)
    screen.page.goto("/accounts/2fa/passkeys/add/")
    confirm(screen, person.password)
    screen.page.locator("input[name=name]").fill("내 노트북")
    screen.has_no_barrier()
    press(screen, "Add a passkey")
    expect(screen.page.locator(".account-codes")).to_be_visible()
    (key,) = topology.ask(person, "GET", "/me/factors")["passkeys"]
    assert key["name"] == "내 노트북"

    screen.context.clear_cookies()
    screen.page.goto("/accounts/login/?next=/livez")
    screen.has_no_barrier()
    press(screen, "Use a passkey")
    expect(screen.page).to_have_url(re.compile(r"localhost:\d+/(livez)?$"))
    screen.page.goto(f"/accounts/2fa/passkeys/{key['id']}/remove/")
    if "/reauthenticate/" in screen.page.url:
        confirm(screen, person.password)
    screen.has_no_barrier()
    press(screen, "Remove it")
    expect(screen.page).not_to_have_url(re.compile("/remove/"))
    assert topology.ask(person, "GET", "/me/factors")["passkeys"] == []
    # The socket of the page is only for the address that the operator has named; it tries until the page is left.
    screen.page.goto("/livez")
    screen.problems.clear()


@pytest.mark.parametrize(("language", "phone"), [("en", True), ("ko", False)])
def test_one_sees_where_one_is_signed_in_and_ends_the_others(
    topology: Topology, window: Window, language: str, phone: bool
) -> None:
    person = topology.newcomer()
    topology.ask(person, "PATCH", "/me", {"language": language})
    room = topology.room(person, name=f"Devices {language}")
    screens = [window(topology.webs[web].base_url, language=language, phone=phone) for web in (0, 1, 1)]
    for screen in screens:
        screen.page.goto("/accounts/login/")
        sign_in(screen, person.handle, person.password)
        screen.open_room(room, f"Devices {language}")
    screen, *others = screens
    screen.page.goto("/settings/devices/")
    rows = screen.page.get_by_role("list", name=screen.word("settings.devices")).get_by_role("listitem")
    expect(rows.filter(has_text=screen.word("devices.this"))).to_have_count(1)
    screen.has_no_barrier()
    if phone:
        fits(screen)
    before = rows.count()
    for other in others:
        other.is_put_out = True
    # The one used last stands first among the others.
    rows.nth(1).get_by_role("button", name=screen.word("devices.end"), exact=True).click()
    expect(rows).to_have_count(before - 1)
    expect(others[1].page).to_have_url(re.compile("/accounts/login/"))
    screen.button("devices.end_others").click()
    expect(rows).to_have_count(1)
    expect(others[0].page).to_have_url(re.compile("/accounts/login/"))
    screen.has_no_barrier()
    screen.page.reload()
    expect(rows).to_have_count(1)


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("ko", True)])
def test_a_token_is_made_shown_once_and_revoked(
    topology: Topology, enter: Enter, language: str, phone: bool
) -> None:
    person = topology.newcomer()
    topology.ask(person, "PATCH", "/me", {"language": language})
    screen = enter(person, language=language, phone=phone)
    screen.page.goto("/settings/tokens/")
    screen.page.get_by_label(screen.word("tokens.label"), exact=True).fill("백업 script")
    screen.button("tokens.make").click()
    field = screen.page.get_by_label(screen.word("tokens.secret"), exact=True)
    expect(field).to_have_value(re.compile("^maru_"))
    secret = field.input_value()
    headers = {"authorization": f"Bearer {secret}"}
    answer = screen.page.request.get("/api/v1/me", headers=headers)
    assert answer.json()["handle"] == person.handle
    screen.has_no_barrier()
    if phone:
        fits(screen)
    screen.page.reload()
    row = screen.page.get_by_role("listitem").filter(has_text="백업 script")
    expect(row).to_be_visible()
    expect(field).to_have_count(0)
    row.get_by_role("button", name=screen.word("tokens.revoke"), exact=True).click()
    expect(row).to_have_count(0)
    assert screen.page.request.get("/api/v1/me", headers=headers).status == 401
