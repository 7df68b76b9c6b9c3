from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import Invite, Membership, Room, Token, User
from tests.cast import Cast
from tests.pages.conftest import seen
from tests.pages.test_signup import sign_up

SECRET = "a-secret-that-nobody-guesses"
ADDRESS = f"/invite/{SECRET}/"


def make_invite(by: User, room: Room | None = None, **fields: Any) -> Invite:
    fields = {"expires_at": timezone.now() + timedelta(days=1), "max_uses": 2, **fields}
    return Invite.objects.create(created_by=by, room=room, digest=Token.digest_of(SECRET), **fields)


def is_in(room: Room, user: User) -> bool:
    return Membership.objects.filter(room=room, user=user, left_seq=None).exists()


def test_page_says_who_invites_to_what(cast: Cast, browser: Client) -> None:
    make_invite(cast.alice, cast.room)
    page = seen(browser.get(ADDRESS))
    assert "Alice invites you to Maru" in page.text
    assert "“Maru team”" in page.text
    assert {"/accounts/signup/", f"/accounts/login/?next=/invite/{SECRET}/"} <= {
        link["href"] for link in page.all("a")
    }


def test_invited_person_makes_an_account_and_lands_in_the_closed_room(cast: Cast, browser: Client) -> None:
    invite = make_invite(cast.alice, cast.room)
    browser.get(ADDRESS)
    assert sign_up(browser).status_code == 302
    dora = User.objects.get(handle="dora")
    assert is_in(cast.room, dora)
    assert is_in(Room.objects.get(slug="lobby"), dora)
    invite.refresh_from_db()
    assert invite.uses == 1
    assert [use.user for use in invite.taken.all()] == [dora]
    browser.post("/accounts/logout/")
    assert "New accounts by invitation" in seen(browser.get("/accounts/signup/")).text


def test_invite_to_the_workspace_leads_to_the_lobby(cast: Cast, browser: Client) -> None:
    make_invite(cast.alice)
    browser.get(ADDRESS)
    sign_up(browser)
    assert is_in(Room.objects.get(slug="lobby"), User.objects.get(handle="dora"))


def test_guest_is_in_the_room_of_the_invite_alone(cast: Cast, browser: Client) -> None:
    make_invite(cast.alice, cast.room, role="guest")
    browser.get(ADDRESS)
    sign_up(browser)
    dora = User.objects.get(handle="dora")
    assert dora.role == "guest"
    assert [row.room for row in Membership.objects.filter(user=dora)] == [cast.room]


@pytest.mark.parametrize(("creator", "role"), [("ada", "admin"), ("alice", "member")])
def test_only_who_runs_the_workspace_hands_out_more_than_member(
    creator: str, role: str, cast: Cast, browser: Client
) -> None:
    make_invite(User.objects.get(handle=creator), role="admin")
    browser.get(ADDRESS)
    sign_up(browser)
    assert User.objects.get(handle="dora").role == role


def test_signed_in_person_joins_by_one_press(cast: Cast) -> None:
    invite = make_invite(cast.alice, cast.room)
    carol = Client(headers={"accept-language": "en"})
    carol.force_login(cast.carol)
    assert "Join the room" in seen(carol.get(ADDRESS)).text
    assert not is_in(cast.room, cast.carol)
    assert carol.post(ADDRESS)["Location"] == f"/rooms/{cast.room.pk}/"
    assert is_in(cast.room, cast.carol)
    invite.refresh_from_db()
    assert invite.uses == 1


def test_who_is_there_already_is_led_there_and_uses_nothing(cast: Cast, alice: Client) -> None:
    invite = make_invite(cast.alice, cast.room)
    assert alice.get(ADDRESS)["Location"] == f"/rooms/{cast.room.pk}/"
    assert alice.post(ADDRESS)["Location"] == f"/rooms/{cast.room.pk}/"
    invite.refresh_from_db()
    assert invite.uses == 0


def test_invite_of_somebody_who_has_left_the_room_lets_nobody_in(cast: Cast) -> None:
    invite = make_invite(cast.carol, cast.room)
    bob = Client(headers={"accept-language": "en"})
    outsider = User.objects.create_user("dora", "secret-dora")
    bob.force_login(outsider)
    assert bob.post(ADDRESS).status_code == 404
    assert not is_in(cast.room, outsider)
    invite.refresh_from_db()
    assert invite.uses == 0


def test_all_dead_invites_look_the_same(cast: Cast) -> None:
    now = timezone.now()
    dead: dict[str, dict[str, Any]] = {
        "expired": {"expires_at": now - timedelta(seconds=1)},
        "used up": {"uses": 2},
        "revoked": {"revoked_at": now},
    }
    pages = {"unknown": Client().get("/invite/another-secret/")}
    for name, fields in dead.items():
        invite = make_invite(cast.alice, cast.room, **fields)
        pages[name] = Client().get(ADDRESS)
        invite.delete()
    invite = make_invite(User.objects.create_user("gone", is_active=False), cast.room)
    pages["by somebody who is gone"] = Client().get(ADDRESS)
    assert {page.status_code for page in pages.values()} == {404}
    assert {seen(page).text for page in pages.values()} == {seen(pages["unknown"]).text}
    assert "This invite does not work any more" in seen(pages["unknown"]).text


def test_invite_that_ends_while_the_form_is_open_lets_nobody_in(cast: Cast, browser: Client) -> None:
    invite = make_invite(cast.alice, cast.room)
    browser.get(ADDRESS)
    browser.get("/accounts/signup/")
    invite.revoked_at = timezone.now()
    invite.save()
    assert "New accounts by invitation" in seen(sign_up(browser)).text
    assert not User.objects.filter(handle="dora").exists()


def test_closed_workspace_takes_no_invites(cast: Cast, browser: Client, settings: Any) -> None:
    settings.SIGNUP = "closed"
    make_invite(cast.alice)
    browser.get(ADDRESS)
    assert "New accounts by invitation" in seen(sign_up(browser)).text


def test_last_use_is_given_once_however_many_come_at_once(cast: Cast) -> None:
    make_invite(cast.alice, cast.room, max_uses=1)
    people = [User.objects.create_user(f"guest{number}", "secret") for number in range(4)]
    browsers = [Client() for _ in people]
    for person, browser in zip(people, browsers, strict=True):
        browser.force_login(person)
    start = threading.Barrier(len(people))

    def come(browser: Client) -> None:
        start.wait()
        browser.post(ADDRESS)

    threads = [threading.Thread(target=come, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Invite.objects.get().uses == 1
    assert sum(is_in(cast.room, person) for person in people) == 1


@pytest.mark.parametrize("secret", ["x" * 6_000, "%00", "%ff", "a b", "지우", "..%2f"])
def test_strange_secrets_are_unknown(secret: str, cast: Cast, browser: Client) -> None:
    assert browser.get(f"/invite/{secret}/").status_code == 404
