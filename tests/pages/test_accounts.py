from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chat.models import User
from tests.cast import Cast, make_user
from tests.pages.conftest import seen
from tests.pages.hashing import CountingHasher

WRONG = "The username or email and the password do not belong together."
SLOWER = "Too many failed attempts."


def sign_in(browser: Client, login: str, password: str, **more: str) -> Any:
    return browser.post("/accounts/login/", {"login": login, "password": password, **more})


@pytest.mark.parametrize("login", ["alice", "ALICE", " Alice ", "ａｌｉｃｅ"])
def test_sign_in_by_handle_in_any_spelling(login: str, cast: Cast, browser: Client) -> None:
    assert sign_in(browser, login, "secret-alice")["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_sign_in_by_korean_handle(cast: Cast, browser: Client) -> None:
    assert sign_in(browser, "지우", "secret-지우")["Location"] == "/"


@pytest.mark.parametrize("login", ["dora@example.org", "Dora@Example.ORG"])
def test_sign_in_by_email(login: str, cast: Cast, browser: Client) -> None:
    make_user("dora", email="dora@example.org")
    assert sign_in(browser, login, "secret-dora")["Location"] == "/"


def test_sign_in_leads_back_to_where_one_wanted_to_go(cast: Cast, browser: Client) -> None:
    page = seen(browser.get("/accounts/login/?next=/rooms/12/%3Fseq%3D7"))
    assert {"type": "hidden", "name": "next", "value": "/rooms/12/?seq=7"} in page.all("input")
    response = sign_in(browser, "alice", "secret-alice", next="/rooms/12/?seq=7")
    assert response["Location"] == "/rooms/12/?seq=7"


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil"]
)
def test_sign_in_never_leads_elsewhere(place: str, cast: Cast, browser: Client) -> None:
    assert sign_in(browser, "alice", "secret-alice", next=place)["Location"] == "/"


def test_sign_in_gives_the_session_another_key(cast: Cast, browser: Client) -> None:
    session = browser.session
    session["planted"] = True
    session.save()
    before = str(session.session_key)
    browser.cookies["sessionid"] = before
    sign_in(browser, "alice", "secret-alice")
    assert browser.cookies["sessionid"].value != before


def test_every_failure_gets_the_same_answer_at_the_same_cost(cast: Cast, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.pages.hashing.CountingHasher"]
    make_user("dora", email="dora@example.org")
    make_user("gone", email="gone@example.org", is_active=False)
    tries = {
        "unknown handle": ("nobody", "secret-nobody"),
        "unknown address": ("nobody@example.org", "secret-nobody"),
        "wrong password": ("dora", "secret-other"),
        "wrong password by address": ("dora@example.org", "secret-other"),
        "disabled": ("gone", "secret-gone"),
        "disabled by address": ("gone@example.org", "secret-gone"),
    }
    answers, costs = {}, {}
    for name, (login, password) in tries.items():
        CountingHasher.count = 0
        response = sign_in(Client(headers={"accept-language": "en"}), login, password)
        costs[name] = CountingHasher.count
        answers[name] = (response.status_code, WRONG in seen(response).text)
    assert set(answers.values()) == {(200, True)}
    assert set(costs.values()) == {1}, costs


def test_bot_cannot_sign_in_without_password(cast: Cast, browser: Client) -> None:
    User.objects.create_user("robot", is_bot=True)
    for password in ("", "!", "None"):
        assert sign_in(browser, "robot", password).status_code == 200
    assert browser.get("/").status_code == 302


def test_failures_of_one_account_make_it_wait_however_it_is_spelled(cast: Cast) -> None:
    for login in ("alice", "ALICE", "ａlice", " alice", "Alice"):
        assert WRONG in seen(sign_in(Client(headers={"accept-language": "en"}), login, "wrong")).text
    response = sign_in(Client(headers={"accept-language": "en"}), "alice", "secret-alice")
    assert SLOWER in seen(response).text
    assert sign_in(Client(), "bob", "secret-bob").status_code == 302


def test_failures_from_one_address_make_it_wait(cast: Cast) -> None:
    for number in range(20):
        sign_in(Client(REMOTE_ADDR="203.0.113.9"), f"nobody{number}", "wrong")
    client = Client(REMOTE_ADDR="203.0.113.9", headers={"accept-language": "en"})
    assert SLOWER in seen(sign_in(client, "alice", "secret-alice")).text
    assert sign_in(Client(REMOTE_ADDR="203.0.113.10"), "alice", "secret-alice").status_code == 302


def test_success_costs_nothing_of_the_allowance(cast: Cast) -> None:
    for _ in range(8):
        assert sign_in(Client(), "alice", "secret-alice").status_code == 302


def test_too_many_forms_from_one_address_are_answered_429(cast: Cast, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client = Client(headers={"accept-language": "en"})
    sign_in(client, "alice", "wrong")
    response = sign_in(client, "alice", "wrong")
    assert response.status_code == 429
    assert "A little slower, please" in seen(response).text


def test_sign_in_works_where_no_address_is_known(cast: Cast) -> None:
    assert sign_in(Client(REMOTE_ADDR=""), "alice", "secret-alice").status_code == 302


@pytest.mark.parametrize("login", ["x" * 255, "a\x00b", "\ud7ff\u202e", "'; --"])
def test_strange_logins_are_refused_in_words(login: str, cast: Cast, browser: Client) -> None:
    response = sign_in(browser, login, "secret")
    assert response.status_code == 200
    assert browser.get("/").status_code == 302


def test_sign_out_asks_first_and_happens_by_post(alice: Client) -> None:
    assert "Sign out?" in seen(alice.get("/accounts/logout/")).text
    assert alice.get("/").status_code == 200
    assert alice.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert alice.get("/").status_code == 302
    assert "You are signed out." in seen(alice.get("/accounts/login/")).text


def test_form_of_another_site_is_refused(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    response = sign_in(strict, "alice", "secret-alice")
    assert response.status_code == 403
    assert "This form is too old" in seen(response).text


def test_signed_in_person_has_no_use_for_the_sign_in(alice: Client) -> None:
    assert alice.get("/accounts/login/")["Location"] == "/"
