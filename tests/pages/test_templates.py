from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from chat.models import User
from tests.cast import Cast, make_user
from tests.pages.conftest import seen
from tests.pages.test_invitation import ADDRESS, make_invite

TEMPLATES = Path(__file__).resolve().parents[2] / "chat" / "templates"
FOR_STRANGERS = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/unknown/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-unknown/",
    "/accounts/password/reset/key/done/",
    ADDRESS,
    "/invite/unknown/",
    "/nothing/",
]
FOR_MEMBERS = [
    "/",
    "/accounts/logout/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
]


@pytest.fixture
def dora(cast: Cast) -> User:
    make_invite(cast.alice, cast.room)
    return make_user("dora", email="dora@example.org")


def check(response: Any, language: str) -> None:
    assert response.status_code in (200, 404)
    page = seen(response)
    assert page.all("html") == [{"lang": language}]
    for script in page.all("script"):
        assert "src" in script or script.get("type") == "application/json"
    assert page.all("style") == []
    for _, attrs in page.elements:
        assert not [name for name in attrs if name.startswith("on") or name == "style"]
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for label in page.all("label"):
        assert label["for"] in ids
    assert response["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("place", FOR_STRANGERS)
@pytest.mark.parametrize("mode", ["open", "closed"])
def test_page_for_strangers(place: str, language: str, mode: str, dora: User, settings: Any) -> None:
    settings.SIGNUP = mode
    check(Client(headers={"accept-language": language}).get(place), language)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("place", FOR_MEMBERS)
def test_page_for_members(place: str, language: str, dora: User) -> None:
    client = Client(headers={"accept-language": language})
    client.post("/accounts/login/", {"login": "dora", "password": "secret-dora"})
    check(client.get(place), language)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_setup_page(language: str, fresh: None) -> None:
    check(Client(headers={"accept-language": language}).get("/setup/"), language)


def test_no_word_of_a_template_escapes_the_catalogue() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        bare = re.sub(
            r"{%.*?%}|{{.*?}}|<[^>]*>", " ", re.sub(r"{% blocktranslate.*?endblocktranslate %}", "", text)
        )
        assert set(re.findall(r"[A-Za-z]{2,}", bare)) <= {"Maru"}, path.name
