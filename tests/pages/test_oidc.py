from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from chat.models import User, Workspace
from chat.queries import sign_in
from tests.cast import Cast, make_user
from tests.pages.conftest import seen
from tests.pages.provider import CLIENT, SECRET, Provider
from tests.pages.test_invitation import ADDRESS, make_invite

LOGIN = "/accounts/oidc/oidc/login/"
DORA = {
    "sub": "d-1",
    "email": "dora@example.org",
    "email_verified": True,
    "name": "Dora",
    "preferred_username": "dora",
}


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider, settings: Any) -> Provider:
    running.claims, running.audience, running.is_broken = dict(DORA), CLIENT, False
    settings.OIDC_ISSUER, settings.OIDC_NAME, settings.OIDC_SIGNUP = running.issuer, "Example Login", False
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc", "name": "Example Login", "client_id": CLIENT, "secret": SECRET,
                    "settings": {"server_url": running.issuer},
                }
            ],
        }
    }  # fmt: skip
    return running


def go_there(browser: Client, address: str = LOGIN) -> str:
    """Follow the way to the provider; return the address that it sends the browser back to."""
    asked = browser.get(address)
    assert asked.status_code == 302, seen(asked).text
    there = httpx.get(asked["Location"], trust_env=False)
    back = urlsplit(there.headers["location"])
    return f"{back.path}?{back.query}"


def come_in(browser: Client, address: str = LOGIN) -> Any:
    return browser.get(go_there(browser, address))


def who_is(browser: Client) -> User | None:
    return sign_in.by_session(browser.cookies["sessionid"].value)


@pytest.fixture
def browser() -> Client:
    return Client(headers={"accept-language": "en"})


def test_the_button_stands_on_the_sign_in_page_where_there_is_a_provider(
    cast: Cast, browser: Client, provider: Provider, settings: Any
) -> None:
    assert "Continue with Example Login" in seen(browser.get("/accounts/login/?next=/rooms/")).text
    settings.OIDC_ISSUER = ""
    assert "Continue with" not in seen(browser.get("/accounts/login/")).text
    assert browser.get(LOGIN).status_code == 404


def test_a_stranger_gets_an_account_where_anybody_may(
    cast: Cast, browser: Client, provider: Provider, settings: Any
) -> None:
    settings.SIGNUP = "open"
    assert come_in(browser)["Location"] == "/"
    dora = who_is(browser)
    assert dora is not None
    assert (dora.handle, dora.name, dora.email, dora.role) == ("dora", "Dora", "dora@example.org", "member")
    assert not dora.has_usable_password()
    # The second time it is the same account, whatever its address is by then.
    provider.claims |= {"email": "another@example.org", "preferred_username": "bob"}
    again = Client()
    come_in(again)
    assert who_is(again) == dora
    assert User.objects.filter(handle="dora").count() == 1


@pytest.mark.parametrize("mode", ["invite", "closed"])
def test_a_stranger_gets_no_account_where_not_anybody_may(
    cast: Cast, browser: Client, provider: Provider, settings: Any, mode: str
) -> None:
    settings.SIGNUP = mode
    before = User.objects.count()
    come_in(browser)
    assert User.objects.count() == before
    assert who_is(browser) is None
    # Unless the operator trusts the provider with that.
    settings.OIDC_SIGNUP = True
    come_in(browser)
    assert User.objects.count() == before + 1


@pytest.mark.parametrize(
    ("address", "is_confirmed", "is_let_in"),
    [
        ("dora@example.org", True, True),
        ("dora@example.org", False, False),
        ("dora@elsewhere.org", True, False),
    ],
)
def test_the_people_of_a_domain_get_an_account_by_an_address_that_the_provider_has_confirmed(
    cast: Cast, browser: Client, provider: Provider, address: str, is_confirmed: bool, is_let_in: bool
) -> None:
    Workspace.objects.filter(pk=1).update(signup="domain", signup_domains="example.org")
    provider.claims |= {"email": address, "email_verified": is_confirmed}
    come_in(browser)
    assert (who_is(browser) is not None) == is_let_in


def test_an_invite_lets_a_stranger_in_once(
    cast: Cast, browser: Client, provider: Provider, settings: Any
) -> None:
    settings.SIGNUP = "invite"
    invite = make_invite(cast.alice, cast.room)
    browser.get(ADDRESS)
    browser.post(ADDRESS)
    come_in(browser)
    assert who_is(browser) is not None
    invite.refresh_from_db()
    assert invite.uses == 1


def test_an_account_is_joined_by_an_address_that_both_sides_have_confirmed(
    cast: Cast, browser: Client, provider: Provider
) -> None:
    dora = make_user("dee", "Dee", email="Dora@example.org")
    EmailAddress.objects.create(user=dora, email="Dora@example.org", verified=True, primary=True)
    come_in(browser)
    assert who_is(browser) == dora
    assert dora.has_usable_password()
    assert SocialAccount.objects.get().user == dora


@pytest.mark.parametrize(("confirmed_there", "confirmed_here"), [(False, True), (None, True), (True, False)])
def test_an_address_that_one_side_has_not_confirmed_joins_nothing(
    cast: Cast,
    browser: Client,
    provider: Provider,
    settings: Any,
    confirmed_there: bool | None,
    confirmed_here: bool,
) -> None:
    settings.SIGNUP = "open"
    victim = make_user("dee", "Dee", email="dora@example.org")
    EmailAddress.objects.create(user=victim, email="dora@example.org", verified=confirmed_here, primary=True)
    provider.claims["email_verified"] = confirmed_there
    come_in(browser)
    assert who_is(browser) != victim
    assert not SocialAccount.objects.filter(user=victim).exists()
    victim.refresh_from_db()
    assert victim.check_password("secret-dee")
    assert victim.email == "dora@example.org"


def test_who_has_an_account_already_is_told_to_sign_in_to_it_and_can_connect_it(
    cast: Cast, browser: Client, provider: Provider
) -> None:
    dora = make_user("dee", "Dee", email="dora@example.org")
    answer = come_in(browser)
    assert answer["Location"] == "/accounts/login/"
    assert "Sign in to it first" in seen(browser.get("/accounts/login/")).text
    browser.post("/accounts/login/", {"login": "dee", "password": "secret-dee"})
    joined = come_in(browser, f"{LOGIN}?process=connect&next=/settings/security/")
    assert joined["Location"] == "/settings/security/"
    again = Client()
    come_in(again)
    assert who_is(again) == dora


@pytest.mark.parametrize(
    ("claims", "handle", "name"),
    [
        ({"preferred_username": "Alice"}, "alice-2", "alice-2"),
        (
            {"preferred_username": "admin", "email": "eva.k@example.org", "email_verified": True},
            "admin-2",
            "admin-2",
        ),
        ({"preferred_username": "ＥＶＡ Klein!"}, "eva-klein", "eva-klein"),
        ({"name": "김하나"}, "김하나", "김하나"),
        ({"name": "\u202eevil\x00\nname" + "x" * 200}, None, None),
        ({"preferred_username": "\u0000", "name": "\u200b"}, "member", "member"),
        ({"name": "Eva", "more": [{"\x00": "\ud800\x00"}]}, "eva", "Eva"),
        ({"preferred_username": 5, "name": ["x"], "email": "no address", "email_verified": True}, None, None),
    ],
)
def test_names_from_outside_are_cleaned_as_if_they_were_typed(
    cast: Cast,
    browser: Client,
    provider: Provider,
    settings: Any,
    claims: Any,
    handle: str | None,
    name: str | None,
) -> None:
    settings.SIGNUP = "open"
    provider.claims = {"sub": "e-1", **claims}
    answer = come_in(browser)
    assert answer.status_code in (302, 503)
    user = who_is(browser)
    if handle is not None:
        assert user is not None
        assert (user.handle, user.name) == (handle, name)
    elif user is not None:
        assert len(user.name) <= 80
        assert not {"\u202e", "\n", "\x00"} & set(user.name)


def test_a_second_factor_is_asked_for_here_too(cast: Cast, browser: Client, provider: Provider) -> None:
    dora = make_user("dee", "Dee", email="dora@example.org")
    EmailAddress.objects.create(user=dora, email="dora@example.org", verified=True, primary=True)
    TOTP.activate(dora, "JBSWY3DPEHPK3PXP")
    assert come_in(browser)["Location"] == "/accounts/2fa/authenticate/"
    assert who_is(browser) is None


def test_a_disabled_account_stays_out(cast: Cast, browser: Client, provider: Provider) -> None:
    dora = make_user("dee", "Dee")
    SocialAccount.objects.create(user=dora, provider="oidc", uid="d-1")
    User.objects.filter(pk=dora.pk).update(is_active=False)
    come_in(browser)
    assert who_is(browser) is None


@pytest.mark.parametrize("wrong", ["state", "code", "audience", "broken", "nothing"])
def test_an_answer_that_was_not_asked_for_lets_nobody_in_and_is_told_kindly(
    cast: Cast, browser: Client, provider: Provider, settings: Any, wrong: str
) -> None:
    settings.SIGNUP = "open"
    before = User.objects.count()
    back = go_there(browser)
    if wrong == "state":
        browser = Client(headers={"accept-language": "en"})
    elif wrong == "code":
        back = back.replace("code=", "code=x")
    elif wrong == "audience":
        provider.audience = "somebody else"
        back = go_there(browser)
    elif wrong == "broken":
        provider.is_broken = True
    else:
        back = "/accounts/oidc/oidc/login/callback/"
    page = browser.get(back)
    assert page.status_code in (200, 401, 503)
    assert "Traceback" not in page.content.decode()
    assert "Sign-in did not work" in seen(page).text
    assert User.objects.count() == before


def test_a_provider_that_is_away_is_told_and_the_password_still_lets_in(
    cast: Cast, browser: Client, provider: Provider
) -> None:
    provider.is_broken = True
    page = browser.get(LOGIN)
    assert page.status_code == 503
    assert "Example Login did not answer" in seen(page).text
    assert browser.post("/accounts/login/", {"login": "alice", "password": "secret-alice"})["Location"] == "/"


def test_only_the_one_provider_is_known(cast: Cast, browser: Client, provider: Provider) -> None:
    assert browser.get("/accounts/oidc/other/login/").status_code == 404
    assert browser.get("/accounts/oidc/openid_connect/login/").status_code == 404
