from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from django.utils import timezone

from chat.features.notifications.push import keys, subscriptions
from chat.models import Notification, PushSubscription, Token, User
from chat.protocol.errors import ErrorCode, Refused
from chat.queries import sign_in
from chat.queries.sign_in import Held
from tests.cast import Cast, token_of
from tests.features.notifications.push.conftest import enrol, held, pushed, state
from tests.features.notifications.push.service import Browser, PushService
from tests.make import post
from tests.pipeline.threads import at_once


def labels(user: User) -> list[str]:
    return [row.label for row in subscriptions.of(user)]


def refused(user: User, browser: Browser) -> ErrorCode:
    with pytest.raises(Refused) as found:
        enrol(user, browser)
    return found.value.code


def test_a_browser_is_listed_once_however_often_it_comes(cast: Cast, service: PushService) -> None:
    browser = service.subscribe("a")
    first = enrol(cast.bob, browser)
    assert enrol(cast.bob, browser).pk == first.pk
    assert labels(cast.bob) == ["/a"]
    assert subscriptions.owners([cast.alice.pk, cast.bob.pk]) == {cast.bob.pk}


def test_of_eleven_the_oldest_goes(cast: Cast, service: PushService) -> None:
    for number in range(subscriptions.PER_USER_MAX_COUNT + 1):
        enrol(cast.bob, service.subscribe(str(number)))
    assert labels(cast.bob) == [f"/{number}" for number in range(1, subscriptions.PER_USER_MAX_COUNT + 1)]


def test_at_once_no_more_than_ten_come_in(cast: Cast, service: PushService) -> None:
    sign_in_of_bob = held(cast.bob)
    browsers = [service.subscribe(str(number)) for number in range(14)]
    at_once([lambda one=one: enrol(cast.bob, one, sign_in_of_bob) for one in browsers])  # type: ignore[misc]
    assert len(labels(cast.bob)) == subscriptions.PER_USER_MAX_COUNT


def test_who_signs_in_at_the_same_browser_takes_it_over(cast: Cast, service: PushService) -> None:
    browser = service.subscribe("a")
    enrol(cast.bob, browser)
    enrol(cast.mina, browser)
    assert (labels(cast.bob), labels(cast.mina)) == ([], ["/a"])


def test_an_endpoint_without_its_keys_takes_nothing_over(cast: Cast, service: PushService) -> None:
    enrol(cast.bob, service.subscribe("a"))
    assert refused(cast.mina, Browser("/a")) == ErrorCode.CONFLICT
    assert (labels(cast.bob), labels(cast.mina)) == (["/a"], [])


def test_of_two_people_at_one_moment_one_has_the_browser(cast: Cast, service: PushService) -> None:
    browser = service.subscribe("a")
    proofs = {user.pk: held(user) for user in (cast.bob, cast.mina)}

    def attempt(user: User) -> str:
        try:
            enrol(user, browser, proofs[user.pk])
        except Refused as found:
            return found.code.value
        return "ok"

    found = at_once([lambda user=user: attempt(user) for user in (cast.bob, cast.mina)])  # type: ignore[misc]
    assert set(found) <= {"ok", "conflict"}
    assert PushSubscription.objects.count() == 1


def test_bots_get_none_and_nobody_does_where_push_is_off(
    cast: Cast, service: PushService, settings: Any
) -> None:
    assert refused(cast.beep, service.subscribe("a")) == ErrorCode.FORBIDDEN
    settings.WEB_PUSH = False
    assert refused(cast.bob, service.subscribe("a")) == ErrorCode.FORBIDDEN
    assert (subscriptions.of(cast.bob), subscriptions.owners([cast.bob.pk])) == ([], frozenset())


def test_our_own_address_is_no_push_service(cast: Cast, service: PushService) -> None:
    asked = service.subscribe("a").body | {"endpoint": "https://chat.example.org/api"}
    from chat.features.notifications.push.commands import AddPush

    with pytest.raises(Refused) as found:
        subscriptions.add(
            cast.bob, AddPush.model_validate(asked), held(cast.bob), "", ("chat.example.org",), timezone.now()
        )
    assert found.value.code == ErrorCode.FORBIDDEN


def test_with_another_key_of_ours_what_was_made_for_the_first_counts_no_more(
    cast: Cast, service: PushService, settings: Any
) -> None:
    old = enrol(cast.bob, service.subscribe("old"))
    settings.VAPID_PRIVATE_KEY, service.public_key = keys.make()
    assert (labels(cast.bob), subscriptions.owners([cast.bob.pk])) == ([], frozenset())
    enrol(cast.bob, service.subscribe("new"))
    assert labels(cast.bob) == ["/new"]
    assert not PushSubscription.objects.filter(pk=old.pk).exists()


def test_a_browser_that_is_removed_takes_along_what_waited_for_it(cast: Cast, service: PushService) -> None:
    one, other = service.subscribe("one", 500), service.subscribe("other", 500)
    first, second = enrol(cast.bob, one), enrol(cast.bob, other)
    post(cast.room, cast.alice, "hello @bob")
    pushed()
    subscriptions.remove(cast.bob, first.pk, timezone.now())
    assert state(cast.bob) == [("waiting", "server_away")]
    subscriptions.remove(cast.bob, second.pk, timezone.now())
    assert state(cast.bob) == [("suppressed", "no_device")]
    with pytest.raises(Refused):
        subscriptions.remove(cast.bob, second.pk, timezone.now())


def session_of(user: User) -> Held:
    """Sign somebody in as the page does."""
    browser = Client()
    browser.force_login(user)
    key = browser.cookies[project.SESSION_COOKIE_NAME].value
    return Held(user.pk, sign_in.proof_of(key), key, user.get_session_auth_hash())


@pytest.mark.parametrize("ending", ["signed out", "another password", "signed out everywhere", "disabled"])
def test_with_the_session_ends_what_was_switched_on_in_it(
    cast: Cast, service: PushService, ending: str
) -> None:
    browser = service.subscribe("a")
    proof = session_of(cast.bob)
    enrol(cast.bob, browser, proof)
    post(cast.room, cast.alice, "hello @bob")
    assert pushed() == 1
    post(cast.room, cast.alice, "again @bob")
    user = User.objects.get(pk=cast.bob.pk)
    if ending == "signed out":
        sign_in._session_store()(proof.session_key).delete()
    elif ending == "another password":
        user.set_password("another one")
        user.save()
    elif ending == "signed out everywhere":
        user.end_sessions()
    else:
        user.is_active = False
        user.save()
    pushed(minutes=2)
    assert service.bodies(browser) == ["hello @bob"]
    assert state(cast.bob)[-1] == ("suppressed", "inactive" if ending == "disabled" else "no_device")


def test_with_the_token_ends_what_was_switched_on_with_it(cast: Cast, service: PushService) -> None:
    browser, token = service.subscribe("a"), token_of(cast.bob)
    enrol(cast.bob, browser, Held(cast.bob.pk, Token.digest_of(token), "", ""))
    Token.objects.filter(digest=Token.digest_of(token)).update(revoked_at=timezone.now())
    post(cast.room, cast.alice, "hello @bob")
    pushed()
    assert (service.tries, PushSubscription.objects.count()) == ([], 0)
    assert state(cast.bob) == [("suppressed", "no_device")]


def test_a_second_sign_in_at_the_same_browser_holds_it_on(cast: Cast, service: PushService) -> None:
    browser, first = service.subscribe("a"), session_of(cast.bob)
    enrol(cast.bob, browser, first)
    enrol(cast.bob, browser, session_of(cast.bob))
    sign_in._session_store()(first.session_key).delete()
    post(cast.room, cast.alice, "hello @bob")
    pushed()
    assert service.bodies(browser) == ["hello @bob"]


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox · Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge · Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36",
            "Chrome · Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1",
            "Safari · iPhone",
        ),
        ("curl/8.1", "curl/8.1"),
        ("x" * 300, "x" * 80),
        ("\x1b[31m\u202ebad", "[31mbad"),
        ("", ""),
    ],
)
def test_a_browser_is_called_as_people_call_it(user_agent: str, label: str) -> None:
    assert subscriptions.label_of(user_agent) == label


def test_an_account_that_was_closed_meanwhile_gets_no_browser(cast: Cast, service: PushService) -> None:
    User.objects.filter(pk=cast.bob.pk).update(is_active=False)
    with pytest.raises(Refused, match="not active") as caught:
        enrol(cast.bob, service.subscribe("a"))
    assert (caught.value.code, PushSubscription.objects.count()) == (ErrorCode.SIGNED_OUT, 0)


def test_removing_an_account_removes_its_browsers(cast: Cast, service: PushService) -> None:
    row = enrol(cast.carol, service.subscribe("a"))
    assert row.created_at <= timezone.now() + timedelta(seconds=1)
    User.objects.filter(pk=cast.carol.pk).delete()
    assert (PushSubscription.objects.count(), Notification.objects.count()) == (0, 0)
