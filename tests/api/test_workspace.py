from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.pictures.drawing import CAMERA, drawn, photo

DEFAULTS = {
    "name": "Maru", "signup": "", "signup_default": "invite", "signup_domains": [], "confirms_addresses": False,
    "room_makers": "members", "group_makers": "admins", "inviters": "members", "emoji_makers": "members", "logo": None,
    "language": "", "language_default": "en", "audit_days": None,
}  # fmt: skip


async def test_what_is_set_holds_and_the_rest_stays(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    assert (await ada.get("admin/workspace")).json() == DEFAULTS
    given = {"name": "서울 팀", "language": "ko", "audit_days": 365}
    assert (await ada.patch("admin/workspace", json=given)).json() == {**DEFAULTS, **given}
    assert (await ada.patch("admin/workspace", json={"audit_days": None})).json()["audit_days"] is None
    assert (await ada.patch("admin/workspace", json={"name": None})).json()["name"] == "서울 팀"
    entries = (await ada.get("admin/audit?deed=workspace.changed")).json()["items"]
    assert [entry["facts"]["fields"] for entry in entries] == [{"audit_days": None}, given]


async def test_only_admins_make_rooms_where_that_is_said(door: Door, cast: Cast) -> None:
    await door(cast.admin).patch("admin/workspace", json={"room_makers": "admins"})
    assert error_of(await door(cast.bob).post("rooms", json={"name": "Mine"})) == (403, "forbidden")
    assert (await door(cast.admin).post("rooms", json={"name": "Ours"})).status_code == 201
    # A conversation is no room that one makes.
    assert (await door(cast.bob).post("directs", json={"users": [cast.carol.pk]})).status_code in (200, 201)


async def test_only_admins_invite_where_that_is_said(door: Door, cast: Cast) -> None:
    assert (await door(cast.bob).post("invites", json={})).status_code == 201
    await door(cast.admin).patch("admin/workspace", json={"inviters": "admins"})
    assert error_of(await door(cast.bob).post("invites", json={})) == (403, "forbidden")
    assert (await door(cast.admin).post("invites", json={})).status_code == 201
    await door(cast.admin).patch("admin/workspace", json={"inviters": "members", "signup": "closed"})
    assert error_of(await door(cast.bob).post("invites", json={})) == (403, "forbidden")


async def test_sign_up_by_domain_needs_domains_and_confirmed_addresses(
    door: Door, cast: Cast, settings: Any
) -> None:
    ada = door(cast.admin)
    assert error_of(await ada.patch("admin/workspace", json={"signup": "domain"})) == (400, "bad_frame")
    given = {"signup": "domain", "signup_domains": ["@Example.org", "example.org", "mail.example.co.kr"]}
    assert error_of(await ada.patch("admin/workspace", json=given)) == (409, "conflict")
    assert (await ada.get("admin/workspace")).json() == DEFAULTS
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    found = (await ada.patch("admin/workspace", json=given)).json()
    assert (found["signup"], found["signup_domains"]) == ("domain", ["example.org", "mail.example.co.kr"])


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""}, {"name": "x" * 81}, {"signup": "maybe"}, {"signup_domains": ["nothing"]},
        {"signup_domains": ["a b.org"]}, {"signup_domains": ["x.org"] * 21}, {"room_makers": "guests"},
        {"inviters": ""}, {"emoji_makers": "guests"},
        {"language": "xx"}, {"audit_days": 29}, {"audit_days": True}, {"audit_days": 36_501},
    ],
)  # fmt: skip
async def test_what_is_wrong_changes_nothing(door: Door, cast: Cast, body: dict[str, Any]) -> None:
    ada = door(cast.admin)
    assert (await ada.patch("admin/workspace", json=body)).status_code in (400, 413)
    assert (await ada.get("admin/workspace")).json() == DEFAULTS
    assert error_of(await door(cast.alice).patch("admin/workspace", json=body)) == (403, "forbidden")


async def test_a_logo_is_made_anew_and_shown_at_the_door(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    told = (await ada.put("admin/workspace/logo", content=photo(size=(1_200, 300)))).json()
    nobody = door()
    response = await nobody.get(f"http://localhost:8000{told['logo']}")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/webp")
    assert "immutable" in response.headers["cache-control"]
    assert "sandbox" in response.headers["content-security-policy"]
    assert Image.open(BytesIO(response.content)).size == (512, 128)
    assert CAMERA.encode() not in response.content
    page = await nobody.get("http://localhost:8000/accounts/login/")
    assert f'src="{told["logo"]}"' in page.text
    for _ in range(2):
        assert (await ada.delete("admin/workspace/logo")).json()["logo"] is None
    assert (await nobody.get(f"http://localhost:8000{told['logo']}")).status_code == 404
    assert (await nobody.get("http://localhost:8000/logo/%00")).status_code == 404
    assert "account-mark" in (await nobody.get("http://localhost:8000/accounts/login/")).text
    entries = (await ada.get("admin/audit?deed=workspace.changed")).json()["items"]
    assert [entry["facts"]["fields"] for entry in entries] == [{"logo": None}, {"logo": "set"}]


@pytest.mark.parametrize("picture", [b"", b"<svg/>", drawn("PNG")[:60], b"x" * 1_000_001])
async def test_what_is_no_picture_is_no_logo(door: Door, cast: Cast, picture: bytes) -> None:
    ada = door(cast.admin)
    assert (await ada.put("admin/workspace/logo", content=picture)).status_code in (400, 413)
    assert (await ada.get("admin/workspace")).json()["logo"] is None
    assert error_of(await door(cast.alice).put("admin/workspace/logo", content=drawn("PNG"))) == (
        403, "forbidden",
    )  # fmt: skip
