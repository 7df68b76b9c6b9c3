from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outgoing
from django.test import Client

from chat.pages import mail
from tests.cast import Cast, make_user
from tests.pages.conftest import seen


@pytest.fixture
def dora(cast: Cast) -> Client:
    """The browser of somebody whose address nobody has asked to confirm."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user("dora", email="dora@example.org"))
    return client


def test_an_address_that_was_never_confirmed_can_be(dora: Client) -> None:
    page = seen(dora.get("/accounts/email/"))
    assert "not confirmed yet" in page.text
    assert "Send me a link to confirm it" in page.text
    dora.post("/accounts/email/", {"email": "dora@example.org", "action_send": ""})
    mail.flush()
    (sent,) = outgoing.outbox
    assert sent.to == ["dora@example.org"]
    found = re.search(r"/accounts/confirm-email/\S+/", str(sent.body))
    assert found is not None
    dora.post(found[0])
    assert EmailAddress.objects.get(user__handle="dora").verified
    page = seen(dora.get("/accounts/email/"))
    assert "Send me a link to confirm it" not in page.text


def test_an_address_that_is_confirmed_needs_no_link(dora: Client) -> None:
    dora.get("/accounts/email/")
    EmailAddress.objects.update(verified=True, primary=True)
    assert "confirm" not in seen(dora.get("/accounts/email/")).text
