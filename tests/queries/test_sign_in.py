from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from chat.models import Token, User, Workspace, token_uses
from chat.queries import sign_in, workspace
from tests.cast import make_user, token_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> User:
    # Which a test before this one may have emptied out with all tables.
    Workspace.objects.get_or_create(pk=1)
    return make_user("bob")


def session_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def test_token_costs_one_query_also_when_its_use_is_noted(bob: User, django_assert_num_queries: Any) -> None:
    secret = token_of(bob)
    with django_assert_num_queries(1):
        assert sign_in.by_token(secret) == bob
    token_uses.write()
    assert Token.objects.get(digest=Token.digest_of(secret)).last_used_at is not None
    with django_assert_num_queries(1):
        assert sign_in.by_token(secret) == bob
    assert not token_uses.are_waiting()


def test_user_of_a_token_is_as_the_orm_reads_it(bob: User) -> None:
    found = sign_in.by_token(token_of(bob))
    assert found is not None
    assert {**found.__dict__, "_state": None} == {**User.objects.get(pk=bob.pk).__dict__, "_state": None}


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


def test_sign_in_with_the_epoch_costs_one_query_when_it_is_known_whose_it_is(
    bob: User, django_assert_num_queries: Any
) -> None:
    key, epoch = session_of(bob), workspace.epoch()
    for supposed, count in ((None, 2), (bob.pk, 1), (999_999, 3), (make_user("eve").pk, 2)):
        with django_assert_num_queries(count):
            found = sign_in.prove(None, key, supposed)
        assert found is not None
        assert (found.user, found.epoch, found.me["handle"], found.is_proven) == (bob, epoch, "bob", True)
    with django_assert_num_queries(2):
        assert sign_in.prove(None, "x" * 32, bob.pk) is None


def test_token_proves_with_the_epoch_in_one_query(bob: User, django_assert_num_queries: Any) -> None:
    secret = token_of(bob)
    sign_in.prove(secret, None)
    with django_assert_num_queries(1):
        found = sign_in.prove(secret, "of nobody")
    assert found is not None
    assert (found.user, found.epoch, found.proof) == (bob, workspace.epoch(), Token.digest_of(secret))
    assert found.held.session_key == ""


def held_of(user: User, **credentials: str) -> sign_in.Held:
    found = sign_in.prove(credentials.get("token"), credentials.get("session"))
    assert found is not None
    assert found.user == user
    return found.held


def test_what_holds_costs_three_queries_for_so_many_at_once(
    bob: User, django_assert_num_queries: Any
) -> None:
    held = [held_of(bob, session=session_of(bob)) for _ in range(4)] + [
        held_of(bob, token=token_of(bob)) for _ in range(4)
    ]
    with django_assert_num_queries(3):
        assert sign_in.endings(held) == {}
    with django_assert_num_queries(4):  # users and sessions of four, users and tokens of four
        assert sign_in.endings(held, at_once=4) == {}
    with django_assert_num_queries(0):
        assert sign_in.endings([]) == {}


def test_each_way_to_end_is_found(bob: User) -> None:
    eve, mallory = make_user("eve"), make_user("mallory")
    session, token = held_of(bob, session=session_of(bob)), held_of(bob, token=token_of(bob))
    visitor = sign_in.Held(bob.pk, "", "", "")
    disabled, gone = held_of(eve, session=session_of(eve)), held_of(mallory, token=token_of(mallory))
    User.objects.filter(pk=eve.pk).update(is_active=False)
    mallory.delete()
    expected: dict[sign_in.Held, str] = {disabled: "disabled", gone: "signed_out"}
    everything = [session, token, visitor, disabled, gone]
    assert sign_in.endings(everything) == expected
    Token.objects.filter(user=bob).update(revoked_at=timezone.now())
    assert sign_in.endings(everything) == expected | {token: "signed_out"}
    assert sign_in.renew(token) == "signed_out"
    bob.set_password("another")
    bob.save()
    assert sign_in.endings(everything) == expected | {token: "signed_out", session: "signed_out"}
    assert sign_in.renew(visitor) == bob


def test_an_older_secret_key_is_no_end(bob: User, settings: Any) -> None:
    held, old = held_of(bob, session=session_of(bob)), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a-new-key-" * 5, [old]
    assert sign_in.endings([held]) == {}


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


def test_session_ends_for_good_with_the_account(bob: User) -> None:
    key = session_of(bob)
    User.objects.update(is_active=False)
    assert sign_in.by_session(key) is None
    User.objects.update(is_active=True)
    assert sign_in.by_session(key) is None


def test_session_ends_with_a_new_password(bob: User) -> None:
    key = session_of(bob)
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
