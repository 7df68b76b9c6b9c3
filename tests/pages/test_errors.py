from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from tests.cast import Cast
from tests.pages.conftest import seen


def test_missing_page_is_kind_in_both_languages(cast: Cast, browser: Client) -> None:
    response = browser.get("/nothing/here/")
    assert response.status_code == 404
    assert "There is nothing here" in seen(response).text
    korean = seen(Client(headers={"accept-language": "ko"}).get("/nothing/here/"))
    assert "여기에는 아무것도 없어요" in korean.text
    assert korean.all("html") == [{"lang": "ko"}]


def test_wrong_host_is_a_bad_request_without_a_traceback() -> None:
    response = Client(headers={"host": "evil.example", "accept-language": "en"}).get("/")
    assert response.status_code == 400
    assert "This address cannot be read" in seen(response).text
    assert "Traceback" not in response.content.decode()


@pytest.fixture
def _broken_database(alice: Client) -> Iterator[None]:
    table = Session._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE elsewhere RENAME TO {table}")


@pytest.mark.usefixtures("_broken_database")
def test_fault_shows_a_page_and_no_traceback(alice: Client) -> None:
    alice.raise_request_exception = False
    response = alice.get("/")
    assert response.status_code in (500, 503)
    text = seen(response).text
    assert "Something went wrong here" in text or "Back in a moment" in text
    assert "Traceback" not in text
    assert "django" not in text.lower()


@pytest.mark.usefixtures("_broken_database")
def test_health_answers_while_sessions_are_broken(alice: Client) -> None:
    for place in ("/livez", "/readyz", "/healthz", "/metrics"):
        assert alice.get(place).status_code == 200


def test_api_never_answers_with_a_page(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    for response in (strict.get("/api/v1/nothing"), strict.get("/api/nothing/")):
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"


def test_forbidden_page_is_kind(cast: Cast, alice: Client) -> None:
    response = alice.get("/staff/login/")
    assert response.status_code == 403
    assert "This is not yours to open" in seen(response).text
