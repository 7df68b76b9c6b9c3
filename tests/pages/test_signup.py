from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest
from django.test import Client

from chat.models import Change, Membership, Room, User, Workspace
from chat.pipeline.run import run
from chat.protocol.commands import JoinRoom
from tests.cast import Cast, make_user
from tests.pages.conftest import PASSWORD, csrf_of, seen

FORM = {"name": "Dora Kim", "username": "Dora", "email": "", "password1": PASSWORD}


@pytest.fixture
def _is_open(settings: Any) -> None:
    settings.SIGNUP = "open"


def sign_up(browser: Client, **fields: str) -> Any:
    return browser.post("/accounts/signup/", {**FORM, **fields})


@pytest.mark.parametrize("mode", ["invite", "closed"])
def test_without_invite_the_door_is_shut(mode: str, cast: Cast, browser: Client, settings: Any) -> None:
    settings.SIGNUP = mode
    page = seen(browser.get("/accounts/signup/"))
    assert "New accounts by invitation" in page.text
    assert "New accounts by invitation" in seen(sign_up(browser)).text
    assert not User.objects.filter(handle="dora").exists()
    assert "Make an account" not in seen(browser.get("/accounts/login/")).text


@pytest.mark.usefixtures("_is_open")
def test_open_door_makes_a_member_who_is_in_the_lobby(cast: Cast, browser: Client) -> None:
    assert "Make an account" in seen(browser.get("/accounts/login/")).text
    assert sign_up(browser, email="Dora@example.org")["Location"] == "/"
    dora = User.objects.get(handle="dora")
    assert (dora.name, dora.email, dora.role, dora.language) == (
        "Dora Kim",
        "dora@example.org",
        "member",
        "en",
    )
    lobby = Room.objects.get(slug="lobby")
    assert Membership.objects.filter(room=lobby, user=dora, left_seq=None).exists()
    assert Change.objects.filter(room=lobby, kind="member.joined", subject=dora).count() == 1
    assert browser.get("/").status_code == 200


@pytest.fixture
def _alice_is_in_the_lobby(cast: Cast) -> None:
    run(cast.alice.pk, JoinRoom(room=Room.objects.get(slug="lobby").pk))


@pytest.mark.usefixtures("_is_open", "_alice_is_in_the_lobby")
async def test_open_pages_hear_at_once_who_has_come(
    cast: Cast, asked: httpx.AsyncClient, connect: Any
) -> None:
    socket = await connect(cast.token(cast.alice))
    await socket.resume()
    form = await asked.get("/accounts/signup/")
    data = {**FORM, "csrfmiddlewaretoken": csrf_of(form.text)}
    response = await asked.post("/accounts/signup/", data=data, headers={"origin": "http://localhost:8000"})
    assert response.status_code == 302
    heard = await socket.until("member.joined")
    assert (heard["user"]["handle"], heard["user"]["name"]) == ("dora", "Dora Kim")


@pytest.mark.usefixtures("_is_open")
@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("username", "alice", "Somebody already has this username."),
        ("username", "ＡＬＩＣＥ", "Somebody already has this username."),
        ("username", "here", "This username is kept for Maru itself."),
        ("username", "-x", "Use letters, digits"),
        ("username", "x" * 33, "at most 32 characters"),
        ("username", "", "This field is required."),
        ("name", "\u202e", "Nothing of this can be seen."),
        ("email", "taken@example.org", "Another account has this email address."),
        ("email", "TAKEN@example.org", "Another account has this email address."),
        ("password1", "dora", "It must contain at least 10 characters."),
    ],
)
def test_bad_input_is_said_beside_its_field(
    field: str, value: str, problem: str, cast: Cast, browser: Client
) -> None:
    make_user("eve", email="taken@example.org")
    count = User.objects.count()
    response = sign_up(browser, **{field: value})
    assert response.status_code == 200
    assert problem in seen(response).text
    assert User.objects.count() == count


@pytest.mark.usefixtures("_is_open")
def test_password_never_comes_back(cast: Cast, browser: Client) -> None:
    assert PASSWORD not in sign_up(browser, username="alice").content.decode()


@pytest.mark.usefixtures("_is_open")
def test_of_two_with_one_handle_at_once_one_wins(cast: Cast) -> None:
    answers: list[str] = []
    start = threading.Barrier(2)

    def send() -> None:
        client = Client()
        start.wait()
        response = sign_up(client)
        answers.append(response["Location"] if response.status_code == 302 else str(response.status_code))

    people = [threading.Thread(target=send) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert User.objects.filter(handle="dora").count() == 1
    winner, loser = sorted(answers)
    assert winner == "/"
    assert loser in ("/accounts/signup/", "200")


@pytest.fixture
def _is_by_domain(settings: Any, cast: Cast) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    Workspace.objects.update(signup="domain", signup_domains="example.org mail.example.kr")


@pytest.mark.usefixtures("_is_by_domain")
@pytest.mark.parametrize("email", ["", "dora@example.com", "dora@evil-example.org", "dora@sub.example.org"])
def test_where_sign_up_is_by_domain_others_stay_outside(email: str, browser: Client) -> None:
    assert "Make an account" in seen(browser.get("/accounts/login/")).text
    assert (
        "Accounts are for addresses at example.org, mail.example.kr."
        in seen(sign_up(browser, email=email)).text
    )
    assert not User.objects.filter(handle="dora").exists()


@pytest.mark.usefixtures("_is_by_domain")
def test_where_sign_up_is_by_domain_an_address_of_it_is_let_in_and_must_be_confirmed(browser: Client) -> None:
    assert sign_up(browser, email="Dora@Mail.Example.KR")["Location"] == "/accounts/confirm-email/"
    assert User.objects.get(handle="dora").email == "dora@mail.example.kr"
    assert browser.get("/").status_code == 302


def test_what_the_workspace_says_wins_over_the_operator(cast: Cast, browser: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    Workspace.objects.update(signup="closed")
    assert "New accounts by invitation" in seen(browser.get("/accounts/signup/")).text
    Workspace.objects.update(signup="open")
    settings.SIGNUP = "closed"
    assert sign_up(browser)["Location"] == "/"
