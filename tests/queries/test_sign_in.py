from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from chat.models import Token, User
from chat.queries import sign_in
from tests.cast import make_user, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> User:
    return make_user("bob")


def session_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def test_token_in_steady_use_costs_one_query(bob: User, django_assert_num_queries: Any) -> None:
    secret = token_of(bob)
    with django_assert_num_queries(2):
        assert sign_in.by_token(secret) == bob
    with django_assert_num_queries(1):
        assert sign_in.by_token(secret) == bob


def test_token_that_is_none_costs_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert sign_in.by_token("") is None
        assert sign_in.by_token("x" * 201) is None


def test_revoked_token_and_disabled_account_are_nobody(bob: User) -> None:
    secret = token_of(bob)
    Token.objects.update(revoked_at=timezone.now())
    assert sign_in.by_token(secret) is None
    second = token_of(bob)
    User.objects.update(is_active=False)
    assert sign_in.by_token(second) is None


@pytest.mark.parametrize("secret", ["a\0b", "\ud800", "지우", "maru_" + "x" * 43])
def test_any_text_as_a_token_is_nobody(secret: str) -> None:
    assert sign_in.by_token(secret) is None


def test_session_costs_two_queries(bob: User, django_assert_num_queries: Any) -> None:
    key = session_of(bob)
    with django_assert_num_queries(2):
        assert sign_in.by_session(key) == bob


@pytest.mark.parametrize("key", ["", "a\0b", "\ud800", "지우" * 4, "x" * 41, "a-b", "../../etc", "x" * 32])
def test_any_text_as_a_session_is_nobody(key: str) -> None:
    assert sign_in.by_session(key) is None


def test_session_without_sign_in_is_nobody() -> None:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["cart"] = 1
    session.create()
    assert sign_in.by_session(session.session_key) is None


def test_expired_session_is_nobody(bob: User) -> None:
    key = session_of(bob)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert sign_in.by_session(key) is None


def test_session_ends_with_a_new_password_and_with_the_account(bob: User) -> None:
    key = session_of(bob)
    User.objects.update(is_active=False)
    assert sign_in.by_session(key) is None
    User.objects.update(is_active=True)
    assert sign_in.by_session(key) == bob
    bob.set_password("another")
    bob.save()
    assert sign_in.by_session(key) is None


def test_session_of_an_older_secret_key_counts_while_that_is_kept(bob: User, settings: Any) -> None:
    key, old = session_of(bob), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a-new-key-" * 5, [old]
    assert sign_in.by_session(key) == bob
    settings.SECRET_KEY_FALLBACKS = []
    assert sign_in.by_session(key) is None


def test_session_of_a_backend_that_is_no_longer_used_is_nobody(bob: User, settings: Any) -> None:
    key = session_of(bob)
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
    assert sign_in.by_session(key) is None
