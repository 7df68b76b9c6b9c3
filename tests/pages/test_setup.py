from __future__ import annotations

import threading

import httpx
import pytest
from django.test import Client

from chat.models import Change, Membership, Room, User, Workspace
from tests.cast import Cast
from tests.pages.conftest import PASSWORD, csrf_of, seen

FORM = {
    "workspace": "  Maru   House ",
    "name": "지우",
    "handle": "ＪＩＷＯＯ",
    "email": "Jiwoo@Example.org",
    "password": PASSWORD,
    "room": "Kitchen",
}


def test_form_asks_for_everything_and_proposes_a_room(fresh: None, browser: Client) -> None:
    page = seen(browser.get("/setup/"))
    fields = {field["name"]: field.get("value") for field in page.all("input") if field["type"] != "hidden"}
    assert fields == {
        "workspace": "Maru",
        "name": None,
        "handle": None,
        "email": None,
        "password": None,
        "room": "General",
    }


def test_first_person_owns_workspace_and_rooms_and_is_signed_in(fresh: None, browser: Client) -> None:
    response = browser.post("/setup/", FORM)
    owner = User.objects.get()
    assert (owner.handle, owner.name, owner.email, owner.role) == (
        "jiwoo",
        "지우",
        "jiwoo@example.org",
        "owner",
    )
    assert Workspace.objects.get().name == "Maru House"
    room, lobby = Room.objects.get(slug="kitchen"), Room.objects.get(slug="lobby")
    assert response["Location"] == f"/rooms/{room.pk}/"
    assert Membership.objects.get(room=room, user=owner).role == "owner"
    assert Membership.objects.filter(room=lobby, user=owner, left_seq=None).exists()
    assert Change.objects.filter(room=room).count() == room.last_seq == 1
    assert browser.get("/").status_code == 200


def test_korean_browser_makes_a_korean_house(fresh: None) -> None:
    browser = Client(headers={"accept-language": "ko-KR,ko;q=0.9"})
    page = seen(browser.get("/setup/"))
    assert page.all("html") == [{"lang": "ko"}]
    assert "일반" in {field.get("value") for field in page.all("input")}
    browser.post("/setup/", FORM)
    assert User.objects.get().language == "ko"
    assert Room.objects.get(slug="lobby").name == "로비"


def test_setup_ends_with_the_first_account(cast: Cast, browser: Client) -> None:
    assert browser.get("/setup/")["Location"] == "/"
    response = browser.post("/setup/", FORM)
    assert response.status_code == 409
    assert "Somebody was faster" in seen(response).text
    assert not User.objects.filter(handle="jiwoo").exists()


def test_bots_do_not_end_the_setup(fresh: None, browser: Client) -> None:
    User.objects.create_user("beep", is_bot=True)
    assert browser.get("/setup/").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("workspace", "", "This field is required."),
        ("workspace", "\u200b", "Nothing of this can be seen."),
        ("workspace", "x" * 81, "At most 80 characters, this has 81."),
        ("name", "a\x00b", "Null characters are not allowed."),
        ("handle", "admin", "This username is kept for Maru itself."),
        ("handle", "two words", "Use letters, digits"),
        ("handle", "x" * 33, "A username has at most 32 characters, this one has 33."),
        ("email", "nobody", "Enter a valid email address."),
        ("password", "short", "It must contain at least 10 characters."),
        ("password", "password1234", "This password is too common."),
        ("password", "84738294726", "This password is entirely numeric."),
        ("password", "jiwoo@example.org", "too similar to the email"),
        ("room", " ", "This field is required."),
    ],
)
def test_bad_input_is_said_beside_its_field(
    field: str, value: str, problem: str, fresh: None, browser: Client
) -> None:
    response = browser.post("/setup/", {**FORM, field: value})
    assert response.status_code == 200
    page = seen(response)
    assert problem in page.text
    wrong = [attrs for attrs in page.all("input") if attrs.get("aria-invalid") == "true"]
    assert [attrs["name"] for attrs in wrong] == [field]
    assert f"id_{field}_error" in str(wrong[0]["aria-describedby"])
    assert not User.objects.exists()


def test_of_two_people_at_once_only_one_wins(fresh: None) -> None:
    answers: list[int] = []
    start = threading.Barrier(2)

    def send(handle: str) -> None:
        client = Client()
        start.wait()
        answers.append(client.post("/setup/", {**FORM, "handle": handle, "email": ""}).status_code)

    people = [threading.Thread(target=send, args=(handle,)) for handle in ("first", "second")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(answers) == [302, 409]
    assert User.objects.count() == 1
    assert Room.objects.count() == 2


async def test_setup_goes_through_the_committer_of_the_process(fresh: None, asked: httpx.AsyncClient) -> None:
    form = await asked.get("/setup/")
    data = {**FORM, "csrfmiddlewaretoken": csrf_of(form.text)}
    response = await asked.post("/setup/", data=data, headers={"origin": "http://localhost:8000"})
    assert response.status_code == 302
    page = await asked.get(response.headers["location"])
    assert page.status_code == 200
    rooms = (await asked.get("/api/v1/rooms")).json()["items"]
    assert {(room["name"], room["role"]) for room in rooms} == {("Lobby", "member"), ("Kitchen", "owner")}


def test_without_account_other_doors_lead_here(fresh: None, browser: Client) -> None:
    assert browser.get("/accounts/login/")["Location"] == "/setup/"
    assert browser.get("/accounts/signup/")["Location"] == "/setup/"
