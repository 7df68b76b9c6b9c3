from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client
from django_vite.core.asset_loader import DjangoViteAppClient, DjangoViteAssetLoader, DjangoViteConfig

from chat.models import User, Workspace
from tests.cast import Cast
from tests.pages.conftest import config_of, seen

PLACES = [
    "/", "/rooms/", "/rooms/12/", "/later/", "/saved/", "/search/", "/threads/", "/unread/", "/mentions/", "/settings/",
    "/settings/profile/",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_signed_out_person_is_led_to_the_sign_in_and_back(place: str, cast: Cast, browser: Client) -> None:
    response = browser.get(place + "?seq=7")
    assert response.status_code == 302
    expected = place.replace("/", "%2F") + "%3Fseq%3D7"
    assert response["Location"] == f"/accounts/login/?next={expected}"


@pytest.mark.parametrize("place", PLACES)
def test_first_person_is_led_to_the_setup(place: str, fresh: None, browser: Client) -> None:
    assert browser.get(place)["Location"] == "/setup/"


@pytest.mark.parametrize("place", PLACES)
def test_signed_in_person_gets_the_shell(place: str, alice: Client) -> None:
    response = alice.get(place)
    assert response.status_code == 200
    assert {"id": "app"} in seen(response).all("div")


def test_connection_is_begun_before_the_page_itself_runs(alice: Client) -> None:
    html = alice.get("/rooms/1/").content.decode()
    places = [html.index(part) for part in ('id="config"', "/static/early", "</head>")]
    assert places == sorted(places)


def test_config_says_who_and_where(cast: Cast, alice: Client) -> None:
    Workspace.objects.update(name='House </script><b>"floor"')
    config = config_of(alice.get("/"))
    csrf = config.pop("csrf")
    assert len(csrf) == 64
    assert config == {
        "user": {
            "id": cast.alice.pk,
            "handle": "alice",
            "name": "Alice",
            "avatar": None,
            "is_bot": False,
            "status": "unknown",
            "doing": None,
            "role": "member",
            "email": "",
            "language": "",
            "time_zone": "",
            "hides_reading": False,
        },
        "language": "en",
        "workspace": 'House </script><b>"floor"',
        "logo": None,
        "socket": "/ws/v1/",
        "api": "/api/v1/",
        "signOut": "/accounts/logout/",
        "settings": {
            "signup": "invite",
            "makesRooms": True,
            "invites": True,
            "makesEmoji": True,
            "previews": False,
            "push": None,
            "uploadMaxBytes": 26_214_400,
        },
        "version": "0.1.0",
    }


def test_config_token_is_one_that_the_server_accepts(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.alice)
    token = config_of(strict.get("/"))["csrf"]
    assert strict.post("/accounts/logout/").status_code == 403
    response = strict.post("/accounts/logout/", headers={"x-csrftoken": token})
    assert response["Location"] == "/accounts/login/"


def test_shell_is_never_kept_by_a_cache(alice: Client) -> None:
    assert "no-store" in alice.get("/")["Cache-Control"]


def test_shell_is_read_only(alice: Client) -> None:
    assert alice.post("/").status_code == 405


def test_disabled_person_is_signed_out(cast: Cast, alice: Client) -> None:
    cast.alice.is_active = False
    cast.alice.save()
    assert alice.get("/")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("place", ["/rooms/x/", "/rooms/-1/", "/rooms/1", "/nothing/", "/rooms/%00/", "/%ff"])
def test_other_addresses_are_not_the_page(place: str, alice: Client) -> None:
    assert alice.get(place).status_code in (301, 404)


def test_room_number_of_any_length_is_an_address(alice: Client) -> None:
    assert alice.get(f"/rooms/{'9' * 400}/").status_code in (200, 404)


def test_all_scripts_and_the_words_of_the_language_are_fetched_at_once(
    cast: Cast, alice: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = {
        "src/main.tsx": {"file": "assets/main-1.js", "isEntry": True, "imports": ["_first-1.js"]},
        "_first-1.js": {"file": "assets/first-1.js", "imports": ["_shared-1.js"], "css": ["assets/f-1.css"]},
        "_shared-1.js": {"file": "assets/shared-1.js", "imports": ["_first-1.js"]},
        "src/accounts.ts": {"file": "assets/accounts-1.js", "isEntry": True},
        "src/text/en.json": {"file": "assets/en-1.js", "isDynamicEntry": True},
        "src/text/ko.json": {"file": "assets/ko-1.js", "isDynamicEntry": True},
    }
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest))
    client = DjangoViteAppClient(DjangoViteConfig(manifest_path=path))
    monkeypatch.setitem(DjangoViteAssetLoader.instance()._apps, "default", client)
    for code in ("en", "ko"):
        User.objects.filter(pk=cast.alice.pk).update(language=code)
        links = seen(alice.get("/")).all("link")
        fetched = [link["href"] for link in links if link.get("rel") == "modulepreload"]
        names = ["first", "shared", code]
        assert fetched == [f"/static/assets/{name}-1.js" for name in names]
