from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import Invite, OutboxEntry, Token, User
from tests.cast import Cast, make_user
from tests.pages.conftest import seen
from tests.pages.test_invitation import make_invite

MODELS = ["workspace", "user", "room", "token", "invite", "outboxentry"]


@pytest.fixture
def admin(cast: Cast) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.admin)
    return client


def test_stranger_is_led_to_the_one_sign_in(cast: Cast, browser: Client) -> None:
    assert browser.get("/staff/login/?next=/staff/")["Location"] == "/accounts/login/?next=%2Fstaff%2F"


def test_member_may_not_enter(cast: Cast, alice: Client) -> None:
    assert alice.get("/staff/login/").status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_staff_can_look_at_everything(model: str, cast: Cast, admin: Client) -> None:
    make_invite(cast.alice, cast.room)
    OutboxEntry.objects.create(task="x", key="y")
    response = admin.get(f"/staff/chat/{model}/")
    assert response.status_code == 200
    row = {"token": Token, "invite": Invite, "outboxentry": OutboxEntry, "user": User}.get(model)
    if row is not None:
        assert admin.get(f"/staff/chat/{model}/{row._default_manager.all()[0].pk}/change/").status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_added_or_deleted(model: str, cast: Cast, admin: Client) -> None:
    assert admin.get(f"/staff/chat/{model}/add/").status_code == 403
    assert admin.post(f"/staff/chat/{model}/1/delete/", {"post": "yes"}).status_code in (302, 403)
    assert User.objects.filter(pk=cast.alice.pk).exists()


def test_digests_stay_out_of_sight(cast: Cast, admin: Client) -> None:
    token = Token.objects.get(user=cast.alice)
    page = admin.get(f"/staff/chat/token/{token.pk}/change/").content.decode()
    assert token.digest not in page


def test_staff_switches_an_account_off(cast: Cast, admin: Client) -> None:
    fields = {"name": "Alice", "role": "member", "language": ""}
    assert admin.post(f"/staff/chat/user/{cast.alice.pk}/change/", fields).status_code == 302
    cast.alice.refresh_from_db()
    assert not cast.alice.is_active


def test_account_that_was_switched_off_finds_no_old_session(cast: Cast, admin: Client, alice: Client) -> None:
    assert alice.get("/").status_code == 200
    fields = {"name": "Alice", "role": "member", "language": ""}
    admin.post(f"/staff/chat/user/{cast.alice.pk}/change/", fields)
    assert alice.get("/").status_code == 302
    admin.post(f"/staff/chat/user/{cast.alice.pk}/change/", {**fields, "is_active": "on"})
    assert User.objects.get(pk=cast.alice.pk).is_active
    assert alice.get("/").status_code == 302
    alice.force_login(User.objects.get(pk=cast.alice.pk))
    assert alice.get("/").status_code == 200


def test_staff_signs_people_out_everywhere(cast: Cast, admin: Client, alice: Client) -> None:
    chief = make_user("chief", role=User.Role.OWNER)
    owner = Client()
    owner.force_login(chief)
    chosen = {"action": "end_sessions", "_selected_action": [cast.alice.pk, chief.pk]}
    page = admin.post("/staff/chat/user/", chosen, follow=True).content.decode()
    assert "1 account is signed out." in page
    assert alice.get("/").status_code == 302
    assert owner.get("/").status_code == 200


@pytest.mark.parametrize("handle", ["chief", "ada"])
def test_admin_changes_neither_an_owner_nor_itself(handle: str, cast: Cast, admin: Client) -> None:
    make_user("chief", role=User.Role.OWNER)
    user = User.objects.get(handle=handle)
    response = admin.post(
        f"/staff/chat/user/{user.pk}/change/", {"name": "x", "role": "guest", "language": ""}
    )
    assert response.status_code == 403
    assert User.objects.get(pk=user.pk).role == user.role


def test_admin_makes_no_owner(cast: Cast, admin: Client) -> None:
    fields = {"name": "Alice", "role": "owner", "language": "", "is_active": "on"}
    assert admin.post(f"/staff/chat/user/{cast.alice.pk}/change/", fields).status_code == 200
    cast.alice.refresh_from_db()
    assert cast.alice.role == "member"


def test_parked_work_is_tried_again(cast: Cast, admin: Client) -> None:
    parked = OutboxEntry.objects.create(task="x", key="parked", attempts=8, parked_at=timezone.now())
    done = OutboxEntry.objects.create(task="x", key="done", done_at=timezone.now(), attempts=1)
    form = {"action": "try_again", "_selected_action": [parked.pk, done.pk]}
    assert admin.post("/staff/chat/outboxentry/", form).status_code == 302
    parked.refresh_from_db()
    done.refresh_from_db()
    assert (parked.parked_at, parked.attempts) == (None, 0)
    assert done.attempts == 1


def test_follow_up_work_is_seen_on_one_page(cast: Cast, admin: Client) -> None:
    now = timezone.now()
    error = "GiveUp: no such mailbox"
    OutboxEntry.objects.create(
        task="chat.mail.send", key="old", queue="mail", attempts=16, parked_at=now, last_error=error
    )
    OutboxEntry.objects.create(
        task="chat.mail.send", key="due", queue="mail", not_before=now - timedelta(minutes=7)
    )
    page = seen(admin.get("/staff/chat/outboxentry/"))
    assert "mail 1 7 minutes 1 not known" in page.text
    assert "Follow-up work" in page.text
    assert error in page.text
    assert "Try again" in page.text
    # What was put aside stands first, and a queue leads to its own.
    assert page.text.index(error) < page.text.rindex("due")
    links = [attrs.get("href") or "" for attrs in page.all("a")]
    (parked,) = [link for link in links if link.endswith("queue__exact=mail&parked_at__isempty=0")]
    only = seen(admin.get(f"/staff/chat/outboxentry/{parked}"))
    assert error in only.text
    assert "due" not in only.texts


def test_a_member_sees_nothing_of_follow_up_work(cast: Cast, alice: Client) -> None:
    assert alice.get("/staff/chat/outboxentry/").status_code in (302, 403)


def test_tokens_and_invites_are_revoked(cast: Cast, admin: Client) -> None:
    token, invite = Token.objects.get(user=cast.bob), make_invite(cast.alice)
    admin.post("/staff/chat/token/", {"action": "revoke", "_selected_action": [token.pk]})
    admin.post("/staff/chat/invite/", {"action": "revoke", "_selected_action": [invite.pk]})
    token.refresh_from_db()
    invite.refresh_from_db()
    assert token.revoked_at is not None
    assert invite.revoked_at is not None


def test_link_for_a_person_without_address_sets_a_password(
    cast: Cast, admin: Client, browser: Client
) -> None:
    form = {"action": "make_password_link", "_selected_action": [cast.bob.pk]}
    page = admin.post("/staff/chat/user/", form, follow=True).content.decode()
    found = re.search(r"http://testserver(/accounts/password/reset/key/[^\s<]+)", page)
    assert found is not None
    browser.post(browser.get(found[1])["Location"], {"password1": "seven quiet rivers"})
    cast.bob.refresh_from_db()
    assert cast.bob.check_password("seven quiet rivers")


def test_no_link_for_an_owner_or_a_disabled_account(cast: Cast, admin: Client) -> None:
    chief = make_user("chief", role=User.Role.OWNER)
    gone = make_user("gone", is_active=False)
    form = {"action": "make_password_link", "_selected_action": [chief.pk, gone.pk]}
    page = admin.post("/staff/chat/user/", form, follow=True).content.decode()
    assert "/accounts/password/reset/key/" not in page
