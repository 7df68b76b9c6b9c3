from __future__ import annotations

import pytest
from django.conf import settings
from django.core.signing import Signer
from django.test import Client

from chat.features.notifications import unsubscribe
from chat.models import NotificationSettings, User
from tests.cast import Cast
from tests.pages.conftest import seen


def path_of(user: User, kind: str) -> str:
    return unsubscribe.link(user, kind).removeprefix("http://localhost:8000")


@pytest.fixture
def program(cast: Cast) -> Client:
    """What a mail program is: no cookies, and no token against forgery."""
    return Client(enforce_csrf_checks=True)


def settings_of(user: User) -> NotificationSettings | None:
    return NotificationSettings.objects.filter(user=user).first()


def test_one_click_switches_mail_off_without_a_session(cast: Cast, program: Client) -> None:
    response = program.post(
        path_of(cast.bob, "missed"),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 200
    chosen = settings_of(cast.bob)
    assert chosen is not None
    assert (chosen.wants_mail, chosen.digest) == (False, "off")
    assert settings.SESSION_COOKIE_NAME not in response.cookies


def test_the_link_of_a_digest_ends_digests_alone(cast: Cast, program: Client) -> None:
    NotificationSettings.objects.create(user=cast.bob, digest="daily")
    assert program.post(path_of(cast.bob, "digest")).status_code == 200
    chosen = settings_of(cast.bob)
    assert chosen is not None
    assert (chosen.wants_mail, chosen.digest, chosen.digest_at) == (True, "off", None)


def test_a_program_that_follows_links_switches_nothing_off(cast: Cast, program: Client) -> None:
    User.objects.filter(pk=cast.bob.pk).update(email="bob@example.org")
    page = seen(program.get(path_of(cast.bob, "missed")))
    assert "bob@example.org" in page.text
    first = page.all("form")[0]
    assert (first["method"], "action" in first) == ("post", False)
    program.head(path_of(cast.bob, "missed"))
    assert settings_of(cast.bob) is None


def test_a_second_click_is_no_failure(cast: Cast, program: Client) -> None:
    for _ in range(2):
        assert program.post(path_of(cast.bob, "missed")).status_code == 200


def test_the_page_speaks_korean(cast: Cast, program: Client) -> None:
    page = seen(program.get(path_of(cast.bob, "missed"), headers={"accept-language": "ko"}))
    assert page.all("html") == [{"lang": "ko"}]
    assert "메일을 그만 받을까요?" in page.text


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_we_have_not_made_is_the_address_of_nothing(
    cast: Cast, program: Client, method: str
) -> None:
    good = path_of(cast.bob, "missed")
    salt = "chat.notifications.unsubscribe"
    links = [
        good[:-2] + "/", good.replace(f"/{cast.bob.pk}.", f"/{cast.alice.pk}."), "/unsubscribe/x/",
        "/unsubscribe/%00/", "/unsubscribe/지우:x/",
        f"/unsubscribe/{Signer(salt='another').sign(f'{cast.bob.pk}.missed')}/",
        f"/unsubscribe/{Signer(salt=salt).sign(f'{10**9}.missed')}/",
        f"/unsubscribe/{Signer(salt=salt).sign(f'{cast.bob.pk}.all')}/",
    ]  # fmt: skip
    for link in links:
        assert getattr(program, method)(link).status_code == 404, link
    assert not NotificationSettings.objects.exists()


def test_another_method_is_refused(cast: Cast, program: Client) -> None:
    assert program.put(path_of(cast.bob, "missed")).status_code == 405
