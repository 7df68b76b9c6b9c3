from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from chat import database
from chat.api import urls as api_urls
from chat.models import Change, Invite, Logo, Room, Token, User, Workspace
from chat.pages import mail
from chat.pages import urls as page_urls
from tests.cast import make_room, make_user
from tests.matrix.asking import ORIGIN
from tests.matrix.table import lines

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CSRF = "c" * 32
SECRET = "a-secret-that-nobody-guesses"
LOGO_KEY = "1" * 32
# How an address with a blank is filled in; the rest stands for itself.
FILLED = {
    "rooms/<int:room_id>/": "rooms/{room}/",
    "settings/<path:place>": "settings/account/",
    "admin/<path:place>": "admin/people/",
    "accounts/2fa/passkeys/<int:pk>/remove/": "accounts/2fa/passkeys/1/remove/",
    # Nobody can be asked here: tests/pages/test_oidc.py.
    "accounts/oidc/<str:provider_id>/login/": "accounts/oidc/oidc/login/",
    "accounts/oidc/<str:provider_id>/login/callback/": "accounts/oidc/oidc/login/callback/",
    "invite/<str:secret>/": f"invite/{SECRET}/",
    # Of whom it is the link decides, not who asks: tests/pages/test_unsubscribe.py.
    "logo/<str:key>": f"logo/{LOGO_KEY}",
    "unsubscribe/<str:secret>/": f"unsubscribe/{SECRET}/",
    r"^accounts/confirm-email/(?P<key>[-:\w]+)/$": "accounts/confirm-email/nothing/",
    r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "accounts/password/reset/key/1-x/",
    "api/": "api/nothing",
    "api/v1/": "api/v1/",
}
# The row that follows the one in which everybody signs out.
AFTER_SIGN_OUT = "accounts/password/change/"
_LETTERS = {403: "F", 404: "N", 405: "X"}


def _read() -> tuple[list[str], dict[str, dict[str, dict[str, str]]]]:
    """Return the roles, and the letters by address, method and role."""
    roles: list[str] = []
    found: dict[str, dict[str, dict[str, str]]] = {}
    address = ""
    for line in lines("pages.txt"):
        first, *rest = line.split()
        if first == "roles":
            roles = rest
        elif rest and line.startswith(" "):
            for method in first.split(","):
                found[address][method] = dict(zip(roles, rest, strict=True))
        else:
            address = line.removeprefix("/")
            found[address] = {}
    return roles, found


ROLES, PAGES = _read()


def _registered() -> set[str]:
    pages = {str(route.pattern) for route in page_urls.urlpatterns}
    api: set[str] = set()
    for route in api_urls.urlpatterns:
        if isinstance(route, URLPattern):
            api.add(f"api/{route.pattern}")
    # ninja's own routes are in the other table.
    api |= {"api/v1/", "api/v1/openapi.json", "api/v1/docs"}
    return pages | api


def test_every_page_and_method_has_a_row_and_nothing_else_has() -> None:
    assert set(PAGES) == _registered()
    assert {address: set(methods) for address, methods in PAGES.items()} == {
        address: set(METHODS) for address in PAGES
    }


class World:
    """One account for each role, signed in by a session."""

    def __init__(self) -> None:
        Workspace.objects.get_or_create(pk=1)
        Logo.objects.create(workspace_id=1, key=LOGO_KEY, picture=b"a picture", width=1, height=1)
        Room.objects.get_or_create(slug="lobby", defaults={"name": "Lobby", "kind": Room.Kind.OPEN})
        kinds: dict[str, dict[str, Any]] = {
            "gst": {"role": User.Role.GUEST},
            "adm": {"role": User.Role.ADMIN},
            "bot": {"is_bot": True},
        }
        self.users = {
            role: make_user(f"the-{role}", **kinds.get(role, {})) for role in ROLES if role != "anon"
        }
        self.room = make_room(make_user("owner"), self.users["mem"], kind="closed", name="Quiet")
        tomorrow = timezone.now() + timedelta(days=1)
        Invite.objects.create(
            digest=Token.digest_of(SECRET), created_by=self.room.memberships.get(role="owner").user,
            room=self.room, expires_at=tomorrow, max_uses=100,
        )  # fmt: skip
        self.keys: dict[str, str] = {}

    def sign_in(self) -> None:
        """Begin a session for everybody; the one account is disabled after that."""
        User.objects.filter(pk=self.users["dead"].pk).update(is_active=True)
        for role, user in self.users.items():
            browser = Client()
            browser.force_login(user)
            self.keys[role] = browser.cookies[settings.SESSION_COOKIE_NAME].value
        User.objects.filter(pk=self.users["dead"].pk).update(is_active=False)

    def headers(self, role: str, has_token: bool = True) -> dict[str, str]:
        """Return what a browser of ours sends, with or without the token against forgery."""
        cookies = [f"{settings.CSRF_COOKIE_NAME}={CSRF}"]
        if role in self.keys:
            cookies.append(f"{settings.SESSION_COOKIE_NAME}={self.keys[role]}")
        token = {"x-csrftoken": CSRF} if has_token else {}
        return {"cookie": "; ".join(cookies), "origin": ORIGIN, **token}


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    yield World()
    mail.flush()


def letter_of(response: httpx.Response) -> str:
    if response.is_success:
        return "Y"
    if response.is_redirect:
        where = response.headers["location"].removeprefix(ORIGIN)
        return "L" if re.match(r"/(accounts|staff)/login/", where) else "R"
    return _LETTERS.get(response.status_code, str(response.status_code))


def address_of(world: World, name: str) -> str:
    return "/" + FILLED.get(name, name).replace("{room}", str(world.room.pk))


async def test_everybody_is_answered_as_the_table_says(world: World, application: Any) -> None:
    wrong = []
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=30) as client:
        await database.run(world.sign_in)
        for name, methods in PAGES.items():
            if name == AFTER_SIGN_OUT:
                await database.run(world.sign_in)
            # What may end the session comes last.
            for method in sorted(methods, key=lambda method: method == "POST"):
                for role in ROLES:
                    client.cookies.clear()
                    # Who asks so much is told to wait, which is none of the table's answers.
                    await database.run(cache.clear)
                    response = await client.request(
                        method, address_of(world, name), headers=world.headers(role)
                    )
                    found = letter_of(response)
                    if found != methods[method][role]:
                        wrong.append(f"/{name}: {method}: {role}: {found}, not {methods[method][role]}")
    assert wrong == [], "\n" + "\n".join(wrong)


async def test_form_of_a_foreign_page_changes_nothing(world: World, application: Any) -> None:
    wrong = []
    before = await database.run(Change.objects.count)
    await database.run(world.sign_in)
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, timeout=30) as client:
        for name in PAGES:
            for role in ROLES:
                client.cookies.clear()
                headers = world.headers(role, has_token=False) | {"origin": "https://evil.example"}
                response = await client.post(
                    address_of(world, name), headers=headers, data={"language": "ko"}
                )
                if response.status_code not in (403, 404, 405):
                    wrong.append(f"/{name}: {role}: {response.status_code}")
    assert wrong == []
    assert await database.run(Change.objects.count) == before
