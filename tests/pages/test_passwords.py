from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail as django_mail
from django.test import Client

from chat.models import User
from chat.pages import mail
from tests.cast import Cast, make_user
from tests.pages.conftest import seen

NEW = "seven quiet rivers"


@pytest.fixture
def dora(cast: Cast) -> User:
    return make_user("dora", "Dora", email="dora@example.org")


def mails() -> list[Any]:
    mail.flush()
    return django_mail.outbox


def link_of(message: Any) -> str:
    found = re.search(r"http://[^/]+(/accounts/\S+)", message.body)
    assert found is not None
    return found[1]


def test_forgotten_password_is_replaced_by_the_link_of_a_mail(dora: User, browser: Client) -> None:
    assert (
        browser.post("/accounts/password/reset/", {"email": "Dora@example.org"})["Location"]
        == "/accounts/password/reset/done/"
    )
    (message,) = mails()
    assert message.to == ["dora@example.org"]
    assert message.subject == "[Maru] A new password for your account"
    assert "Your username is dora." in message.body
    form = browser.get(link_of(message))
    response = browser.post(form["Location"], {"password1": NEW})
    assert response["Location"] == "/accounts/password/reset/key/done/"
    assert "Your password is changed" in seen(browser.get(response["Location"])).text
    assert browser.post("/accounts/login/", {"login": "dora", "password": NEW})["Location"] == "/"


def test_link_of_a_mail_works_once(dora: User, browser: Client) -> None:
    browser.post("/accounts/password/reset/", {"email": "dora@example.org"})
    link = link_of(mails()[0])
    browser.post(browser.get(link)["Location"], {"password1": NEW})
    page = seen(Client(headers={"accept-language": "en"}).get(link))
    assert "This link does not work any more" in page.text


def test_korean_browser_gets_a_korean_mail(dora: User) -> None:
    Client(headers={"accept-language": "ko"}).post("/accounts/password/reset/", {"email": "dora@example.org"})
    (message,) = mails()
    assert message.subject == "[Maru] 새 비밀번호를 정해 주세요"
    assert "Dora님, 안녕하세요." in message.body


def test_unknown_address_gets_the_same_answer_and_no_mail(dora: User, browser: Client) -> None:
    known = browser.post("/accounts/password/reset/", {"email": "dora@example.org"})
    unknown = browser.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mails()) == 1


def test_mail_server_that_is_down_does_not_show(dora: User, browser: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    response = browser.post("/accounts/password/reset/", {"email": "dora@example.org"})
    assert response["Location"] == "/accounts/password/reset/done/"
    mail.flush()


def test_password_is_changed_with_the_current_one_and_others_are_signed_out(dora: User) -> None:
    here, there = Client(headers={"accept-language": "en"}), Client()
    for client in (here, there):
        client.post("/accounts/login/", {"login": "dora", "password": "secret-dora"})
    response = here.post("/accounts/password/change/", {"oldpassword": "secret-dora", "password1": NEW})
    assert response["Location"] == "/accounts/password/change/"
    assert "Your password is changed." in seen(here.get(response["Location"])).text
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    assert [message.subject for message in mails()] == ["[Maru] Your password was changed"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("wrong", NEW, "This is not your current password."),
        ("secret-dora", "short", "It must contain at least 10 characters."),
        ("secret-dora", "dora@example.org", "too similar"),
    ],
)
def test_bad_change_of_password_is_said_and_changes_nothing(
    old: str, new: str, problem: str, dora: User, browser: Client
) -> None:
    browser.force_login(dora)
    response = browser.post("/accounts/password/change/", {"oldpassword": old, "password1": new})
    assert problem in seen(response).text
    dora.refresh_from_db()
    assert dora.check_password("secret-dora")


def test_account_without_password_sets_one(cast: Cast, browser: Client) -> None:
    user = User.objects.create_user("dora", None)
    browser.force_login(user)
    assert browser.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"
    browser.post("/accounts/password/set/", {"password1": NEW})
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_email_is_changed_when_the_new_address_is_confirmed(dora: User, browser: Client) -> None:
    browser.post("/accounts/login/", {"login": "dora", "password": "secret-dora"})
    browser.post("/accounts/email/", {"action_add": "", "email": "New@example.org"})
    dora.refresh_from_db()
    assert dora.email == "dora@example.org"
    message = next(message for message in mails() if message.to == ["new@example.org"])
    assert "new@example.org waits for its confirmation." in seen(browser.get("/accounts/email/")).text
    link = link_of(message)
    assert "Is new@example.org your address?" in seen(browser.get(link)).text
    browser.post(link)
    dora.refresh_from_db()
    assert dora.email == "new@example.org"


def test_address_of_another_account_is_refused(dora: User, browser: Client) -> None:
    make_user("eve", email="eve@example.org")
    browser.post("/accounts/login/", {"login": "dora", "password": "secret-dora"})
    response = browser.post("/accounts/email/", {"action_add": "", "email": "EVE@example.org"})
    assert "Another account has this email address." in seen(response).text
    assert mails() == []


def test_address_that_another_account_took_meanwhile_is_not_confirmed(dora: User, browser: Client) -> None:
    browser.post("/accounts/login/", {"login": "dora", "password": "secret-dora"})
    browser.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
    link = link_of(next(message for message in mails() if message.to == ["new@example.org"]))
    make_user("eve", email="new@example.org")
    assert browser.post(link).status_code in (200, 302)
    dora.refresh_from_db()
    assert dora.email == "dora@example.org"
