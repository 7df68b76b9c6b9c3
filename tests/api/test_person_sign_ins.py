from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client

from chat import database
from chat.models import AuditEntry, BrowserSession, User
from tests.api.conftest import Door, error_of
from tests.cast import Cast


def signed_in(user: User, agent: str) -> BrowserSession:
    """Return a session of somebody, as the sign-in notes it."""
    browser = Client()
    browser.force_login(user)
    key = browser.cookies["sessionid"].value
    row, _ = BrowserSession.objects.update_or_create(session_key=key, defaults={"user": user, "agent": agent})
    return row


def factor(user: User) -> None:
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    User.objects.filter(pk=user.pk).update(has_second_factor=True, email=f"{user.handle}@example.org")


async def test_an_admin_sees_where_somebody_is_signed_in_and_ends_one(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    kept = await database.run(signed_in, cast.bob, "Phone")
    lost = await database.run(signed_in, cast.bob, "Lost laptop")
    found = (await ada.get(f"admin/people/{cast.bob.pk}/sign-ins")).json()
    assert {row["agent"] for row in found["sessions"]} == {"Phone", "Lost laptop"}
    assert {row["current"] for row in found["sessions"]} == {False}
    assert (found["app"], found["passkeys"], found["has_password"]) == (False, 0, True)
    path = f"admin/people/{cast.bob.pk}/sessions/{lost.pk}"
    assert (await ada.delete(path, params={"reason": "left in a train"})).status_code == 204
    assert error_of(await ada.delete(path)) == (404, "not_found")
    assert list(await database.run(lambda: list(BrowserSession.objects.values_list("pk", flat=True)))) == [
        kept.pk
    ]
    entry = await database.run(AuditEntry.objects.latest, "pk")
    assert (entry.deed, entry.subject_id, entry.reason, entry.facts) == (
        "session.ended", cast.bob.pk, "left in a train", {"agent": "Lost laptop"},
    )  # fmt: skip


async def test_the_session_of_another_is_ended_under_nobodys_name_but_its_own(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    session = await database.run(signed_in, cast.bob, "Phone")
    assert error_of(await ada.delete(f"admin/people/{cast.alice.pk}/sessions/{session.pk}")) == (
        404, "not_found",
    )  # fmt: skip
    assert error_of(await ada.get("admin/people/987654321/sign-ins")) == (404, "not_found")
    assert error_of(await ada.delete(f"admin/people/987654321/sessions/{session.pk}")) == (404, "not_found")
    await database.run(User.objects.filter(pk=cast.bob.pk).update, role=User.Role.OWNER)
    assert error_of(await ada.delete(f"admin/people/{cast.bob.pk}/sessions/{session.pk}")) == (
        403, "forbidden",
    )  # fmt: skip
    assert error_of(await door(cast.alice).get(f"admin/people/{cast.bob.pk}/sign-ins")) == (403, "forbidden")


@pytest.mark.parametrize(("language", "word"), [("en", "Hello Bob"), ("ko", "Bob님")])
async def test_second_factors_are_reset_with_a_reason_and_the_person_is_told(
    door: Door, cast: Cast, settings: Any, language: str, word: str
) -> None:
    settings.HAS_WORKERS = False
    await database.run(factor, cast.bob)
    await database.run(User.objects.filter(pk=cast.bob.pk).update, language=language)
    ada = door(cast.admin)
    assert (await ada.get(f"admin/people/{cast.bob.pk}/sign-ins")).json()["app"] is True
    response = await ada.delete(f"users/{cast.bob.pk}/factors", params={"reason": "lost the phone"})
    assert response.status_code == 204
    found = (await ada.get(f"admin/people/{cast.bob.pk}/sign-ins")).json()
    assert (found["app"], found["recovery_codes"], found["passkeys"], found["sessions"]) == (False, 0, 0, [])
    entry = await database.run(AuditEntry.objects.latest, "pk")
    assert (entry.deed, entry.subject_id, entry.reason, entry.facts) == (
        "person.factors", cast.bob.pk, "lost the phone", {"factors": 1},
    )  # fmt: skip
    (letter,) = mail.outbox
    assert letter.to == ["bob@example.org"]
    assert letter.subject.startswith("[Maru] ")
    assert word in letter.body
    assert "lost the phone" in letter.body
    assert "http://localhost:8000/" in letter.body


async def test_a_reason_that_is_too_long_changes_nothing(door: Door, cast: Cast) -> None:
    await database.run(factor, cast.bob)
    ada = door(cast.admin)
    refused = await ada.delete(f"users/{cast.bob.pk}/factors", params={"reason": "x" * 201})
    assert error_of(refused) == (413, "too_long")
    assert (await ada.get(f"admin/people/{cast.bob.pk}/sign-ins")).json()["app"] is True
    assert mail.outbox == []
