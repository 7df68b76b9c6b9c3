from __future__ import annotations

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail as django_mail
from django.core.cache import cache
from django.test import Client

from chat.features.sign_ins import factors
from chat.models import User
from chat.pages import mail, second_factor
from chat.queries import sign_in
from tests.cast import Cast, make_user
from tests.pages.conftest import seen

PASSWORD = "secret-dora"


@pytest.fixture
def dora(cast: Cast) -> User:
    return make_user("dora", "Dora", email="dora@example.org")


def signed_in(handle: str = "dora") -> Client:
    client = Client(headers={"accept-language": "en"})
    client.post("/accounts/login/", {"login": handle, "password": f"secret-{handle}"})
    return client


def code_of(secret: str, ahead: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead)))


def confirm(client: Client) -> None:
    """Say the password once more, as allauth wants it before such a change."""
    assert (
        client.post("/accounts/reauthenticate/?next=/livez", {"password": PASSWORD})["Location"] == "/livez"
    )


def set_up(client: Client) -> str:
    """Set an app up and return its secret."""
    page = client.get("/accounts/2fa/totp/activate/")
    if page.status_code == 302:
        page = client.post(page["Location"], {"password": PASSWORD}, follow=True)
    secret: str = page.context["form"].secret
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert done["Location"] == "/accounts/2fa/recovery-codes/", seen(done).text
    return secret


def test_an_app_is_set_up_with_the_password_and_then_asked_for(dora: User) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(dora)
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2F2fa%2Ftotp%2Factivate%2F"
    client = signed_in()
    secret = set_up(client)
    codes = [
        text for text in seen(client.get("/accounts/2fa/recovery-codes/")).texts if text.strip().isdigit()
    ]
    assert len(codes) == 10
    dora.refresh_from_db()
    assert dora.has_second_factor
    mail.flush()
    assert "An app for codes was set up" in [
        message.subject.partition("] ")[2] for message in django_mail.outbox
    ]

    browser = Client(headers={"accept-language": "en"})
    step = browser.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    assert step["Location"] == "/accounts/2fa/authenticate/"
    # The password alone opens nothing.
    assert browser.get("/")["Location"].startswith("/accounts/login/")
    key = browser.cookies["sessionid"].value
    assert sign_in.by_session(key) is None
    wrong = browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "This code is not right" in seen(wrong).text
    # The code of the setting-up is used up; the next one fits.
    cache.clear()
    right = browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret, 1)})
    assert right["Location"] == "/"
    assert sign_in.by_session(browser.cookies["sessionid"].value) == dora


def test_a_recovery_code_lets_in_once(dora: User) -> None:
    client = signed_in()
    set_up(client)
    code = client.get("/accounts/2fa/recovery-codes/download/").content.decode().split()[-1]
    for expected in (302, 200):
        browser = Client(headers={"accept-language": "en"})
        browser.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
        assert browser.post("/accounts/2fa/authenticate/", {"code": code}).status_code == expected


def test_codes_are_not_tried_for_ever(dora: User) -> None:
    set_up(signed_in())
    cache.clear()
    browser = Client(headers={"accept-language": "en"})
    browser.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    pages = [seen(browser.post("/accounts/2fa/authenticate/", {"code": "000000"})).text for _ in range(9)]
    assert "This code is not right" in pages[0]
    assert "Too many" in pages[-1]


def test_what_is_stored_of_a_secret_makes_no_code(dora: User, settings: Any) -> None:
    secret = set_up(signed_in())
    (row,) = Authenticator.objects.filter(user=dora, type="totp")
    assert secret not in str(row.data)
    assert row.wrap().validate_code(code_of(secret, 1))
    # An older key is still understood, one that is lost fits nothing and breaks nothing.
    cache.clear()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key" * 5
    assert row.wrap().validate_code(code_of(secret, 1))
    settings.SECRET_KEY_FALLBACKS = []
    assert not row.wrap().validate_code(code_of(secret, -1))


def test_secrets_move_to_a_new_key_before_the_old_one_goes(dora: User, settings: Any) -> None:
    client = signed_in()
    secret = set_up(client)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key" * 5
    settings.SECRET_KEY_FALLBACKS = [old]
    assert second_factor.rotate() == 2
    settings.SECRET_KEY_FALLBACKS = []
    row = Authenticator.objects.get(user=dora, type="totp")
    assert row.wrap().validate_code(code_of(secret, 1))
    codes = Authenticator.objects.get(user=dora, type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10


def test_taking_the_app_away_takes_the_recovery_codes_too(dora: User) -> None:
    client = signed_in()
    set_up(client)
    assert client.post("/accounts/2fa/totp/deactivate/")["Location"] == "/accounts/2fa/"
    assert not Authenticator.objects.filter(user=dora).exists()
    dora.refresh_from_db()
    assert not dora.has_second_factor
    assert signed_in().get("/").status_code == 200


def test_a_form_that_waited_too_long_is_asked_for_again_and_not_sent_twice(dora: User, settings: Any) -> None:
    client = signed_in()
    confirm(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = -1
    late = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
    assert late["Location"].startswith("/accounts/reauthenticate/")
    back = client.post(late["Location"], {"password": PASSWORD})
    assert (back.status_code, back["Location"]) == (302, "/accounts/2fa/totp/activate/")
    assert not Authenticator.objects.filter(user=dora).exists()


@pytest.mark.parametrize(
    ("wanted", "role", "is_led"),
    [("everybody", "member", True), ("admins", "member", False), ("admins", "admin", True)],
)
def test_who_must_have_a_second_factor_is_led_there_and_in_nowhere_else(
    dora: User, settings: Any, wanted: str, role: str, is_led: bool
) -> None:
    client = signed_in()
    User.objects.filter(pk=dora.pk).update(role=role)
    settings.SECOND_FACTOR = wanted
    page = client.get("/")
    key = client.cookies["sessionid"].value
    assert (page.status_code == 302) == is_led
    assert (sign_in.by_session(key) is None) == is_led
    if not is_led:
        return
    assert page["Location"] == "/accounts/2fa/"
    assert client.get("/accounts/2fa/")["Location"] == "/accounts/2fa/totp/activate/"
    set_up(client)
    assert client.get("/").status_code == 200
    assert sign_in.by_session(client.cookies["sessionid"].value) == dora
    # And the last one stays.
    kept = client.post("/accounts/2fa/totp/deactivate/")
    assert "so the last one stays" in seen(kept).text
    assert factors.strong(dora.pk).count() == 1


def test_programs_are_not_asked_for_codes(cast: Cast, settings: Any) -> None:
    settings.SECOND_FACTOR = "everybody"
    assert sign_in.by_token(cast.token(cast.bob)) == cast.bob


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_pages_speak_both_languages(dora: User, language: str) -> None:
    client = Client(headers={"accept-language": language})
    client.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    set_up(client)
    for place in (
        "/accounts/2fa/totp/deactivate/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/passkeys/add/",
        "/accounts/2fa/reauthenticate/",
    ):
        page = seen(client.get(place))
        assert page.all("html") == [{"lang": language}], place
        assert (
            "복구" in page.text or "인증" in page.text or "패스키" in page.text or "코드" in page.text
        ) == (language == "ko"), place


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "x",
        "[]",
        "{}",
        "null",
        "5",
        '{"id": 5}',
        '{"id": "x", "response": {"userHandle": "MQ"}}',
        "[" * 5_000,
    ],
)
def test_a_passkey_that_is_none_lets_nobody_in_and_breaks_nothing(dora: User, credential: str) -> None:
    browser = Client(headers={"accept-language": "en"})
    options = browser.get("/accounts/2fa/passkeys/login/", headers={"accept": "application/json"})
    assert options.json()["request_options"]["publicKey"]["challenge"]
    answer = browser.post("/accounts/2fa/passkeys/login/", {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    client = signed_in()
    confirm(client)
    client.get("/accounts/2fa/passkeys/add/")
    added = client.post("/accounts/2fa/passkeys/add/", {"name": "x", "credential": credential})
    assert added.status_code == 200
    assert not Authenticator.objects.exists()


def test_factors_are_reset_by_who_stands_above_and_all_sessions_end(dora: User, cast: Cast) -> None:
    client = signed_in()
    set_up(client)
    assert factors.reset(dora.pk) == 1
    dora.refresh_from_db()
    assert not dora.has_second_factor
    assert client.get("/")["Location"].startswith("/accounts/login/")
    assert signed_in().get("/").status_code == 200
