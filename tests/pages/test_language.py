from __future__ import annotations

from typing import Any

from django.test import Client

from chat.models import Workspace
from tests.cast import Cast
from tests.pages.conftest import config_of, seen


def test_browser_decides_for_a_stranger(cast: Cast) -> None:
    for wanted, language in (("ko-KR,en;q=0.5", "ko"), ("en-GB", "en"), ("fr", "en"), ("", "en")):
        response = Client(headers={"accept-language": wanted}).get("/accounts/login/")
        assert (seen(response).all("html"), response["Content-Language"]) == ([{"lang": language}], language)


def test_choice_of_a_stranger_is_kept_by_the_browser(cast: Cast, browser: Client) -> None:
    response = browser.post("/i18n/setlang/", {"language": "ko", "next": "/accounts/login/"})
    assert response["Location"] == "/accounts/login/"
    assert "아이디 또는 이메일" in seen(browser.get("/accounts/login/")).text


def test_choice_of_a_member_is_kept_by_the_account(cast: Cast, alice: Client) -> None:
    alice.post("/i18n/setlang/", {"language": "ko", "next": "/"})
    cast.alice.refresh_from_db()
    assert cast.alice.language == "ko"
    elsewhere = Client(headers={"accept-language": "en"})
    elsewhere.force_login(cast.alice)
    assert config_of(elsewhere.get("/"))["language"] == "ko"


def test_language_of_the_account_goes_before_that_of_the_browser(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.jiwoo)
    response = client.get("/")
    assert config_of(response)["language"] == response["Content-Language"] == "ko"
    assert seen(response).all("html") == [{"lang": "ko"}]
    assert seen(client.get("/accounts/password/change/")).all("html") == [{"lang": "ko"}]


def test_unknown_language_changes_nothing(cast: Cast, alice: Client) -> None:
    alice.post("/i18n/setlang/", {"language": "xx"})
    alice.post("/i18n/setlang/", {})
    cast.alice.refresh_from_db()
    assert cast.alice.language == ""


def test_choice_never_leads_elsewhere(cast: Cast, browser: Client) -> None:
    response = browser.post("/i18n/setlang/", {"language": "ko", "next": "https://evil.example/"})
    assert response["Location"] == "/"


def test_choice_is_made_by_post(cast: Cast, browser: Client) -> None:
    assert browser.get("/i18n/setlang/?language=ko").status_code == 405


def test_who_asks_for_no_language_that_we_have_gets_that_of_the_workspace(cast: Cast) -> None:
    Workspace.objects.update(language="ko")
    assert config_of(_of(cast, "fr")).get("language") == "ko"
    assert config_of(_of(cast, "fr, en;q=0.5")).get("language") == "en"
    Workspace.objects.update(language="")
    assert config_of(_of(cast, "fr")).get("language") == "en"


def _of(cast: Cast, languages: str) -> Any:
    client = Client(headers={"accept-language": languages})
    client.force_login(cast.bob)
    return client.get("/")
