from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image
from pydantic import TypeAdapter

from chat import database
from chat.features.emoji import service
from chat.models import CustomEmoji, User
from chat.protocol.shapes import CustomEmoji as Shape
from tests.api.conftest import Door, error_of
from tests.cast import Cast, make_user, token_of
from tests.make import post
from tests.pictures.drawing import CAMERA, drawn, moving, photo

Client = Any


def guest_token() -> str:
    return f"Bearer {token_of(make_user('gus', role=User.Role.GUEST))}"


async def made(client: Client, name: str = "party", picture: bytes = drawn("PNG")) -> dict[str, Any]:
    response = await client.put(f"emoji/{quote(name)}", content=picture)
    assert response.status_code == 201, response.content
    found: dict[str, Any] = response.json()
    return found


async def test_an_emoji_is_made_anew_listed_and_shown_to_everybody(door: Door, cast: Cast) -> None:
    told = await made(door(cast.bob), "Party_Blob", photo(size=(600, 300)))
    assert (told["name"], told["by"], told["animated"], told["left_out"]) == (
        "party_blob", cast.bob.pk, False, 0,
    )  # fmt: skip
    assert (told["width"], told["height"]) == (128, 64)
    guest = door(authorization=await database.run(guest_token))
    listed = (await guest.get("emoji")).json()
    shape = TypeAdapter(Shape).validate_python(listed["items"][0])
    assert shape == {name: value for name, value in told.items() if name != "left_out"}
    response = await guest.get(told["url"].removeprefix("/api/v1/"))
    assert response.headers["content-type"] == "image/webp"
    assert "immutable" in response.headers["cache-control"]
    assert "sandbox" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    picture = Image.open(BytesIO(response.content))
    assert (picture.format, picture.size) == ("WEBP", (128, 64))
    assert CAMERA.encode() not in response.content


async def test_what_moves_goes_on_moving_and_what_is_too_long_says_what_it_lost(
    door: Door, cast: Cast
) -> None:
    bob = door(cast.bob)
    short = await made(bob, "dance", moving("GIF"))
    assert (short["animated"], short["left_out"]) == (True, 0)
    picture = Image.open(BytesIO((await bob.get(short["url"].removeprefix("/api/v1/"))).content))
    assert picture.n_frames == 4  # type: ignore[attr-defined]
    long = await made(bob, "film", moving("GIF", 130, (8, 8)))
    assert (long["animated"], long["left_out"]) == (False, 129)


async def test_a_name_of_hangul_is_a_name(door: Door, cast: Cast) -> None:
    assert (await made(door(cast.jiwoo), "회식"))["name"] == "회식"
    assert [row["name"] for row in (await door(cast.bob).get("emoji")).json()["items"]] == ["회식"]


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("tada", 409, "conflict"), ("TADA", 409, "conflict"), ("좋아요", 409, "conflict"), ("+1", 409, "conflict"),
        ("a b", 400, "bad_frame"), ("a.b", 400, "bad_frame"), ("é", 400, "bad_frame"), (":a:", 400, "bad_frame"),
        ("a\0", 400, "bad_text"), ("x" * 33, 413, "too_long"),
    ],
)  # fmt: skip
async def test_a_name_that_is_none_or_taken_by_unicode_is_refused(
    door: Door, cast: Cast, name: str, status: int, code: str
) -> None:
    response = await door(cast.bob).put(f"emoji/{quote(name)}", content=drawn("PNG"))
    assert error_of(response) == (status, code)
    assert await database.run(CustomEmoji.objects.count) == 0


@pytest.mark.parametrize(
    ("picture", "status", "code"),
    [
        (b"", 400, "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 400, "bad_frame"),
        (drawn("PNG")[:60], 400, "bad_frame"),
        (drawn("TIFF"), 400, "bad_frame"),
        (b"x" * (service.PICTURE_MAX_BYTES + 1), 413, "too_long"),
    ],
)
async def test_what_is_no_picture_is_no_emoji(
    door: Door, cast: Cast, picture: bytes, status: int, code: str
) -> None:
    assert error_of(await door(cast.bob).put("emoji/party", content=picture)) == (status, code)
    assert await database.run(CustomEmoji.objects.count) == 0


async def test_another_picture_has_another_address_and_the_old_one_is_gone(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    first = await made(bob)
    response = await bob.put("emoji/party", content=drawn("GIF", mode="P"))
    assert response.status_code == 200
    assert response.json()["url"] != first["url"]
    gone = await bob.get(first["url"].removeprefix("/api/v1/"))
    never = await bob.get(f"emoji/pictures/{'0' * 32}")
    assert gone.content == never.content
    assert error_of(gone) == (404, "not_found")
    assert error_of(await bob.get("emoji/pictures/%00")) == (404, "not_found")


async def test_nobody_replaces_or_removes_what_another_has_made_but_an_admin(door: Door, cast: Cast) -> None:
    await made(door(cast.bob))
    alice, ada = door(cast.alice), door(cast.admin)
    assert error_of(await alice.put("emoji/party", content=drawn("PNG"))) == (409, "conflict")
    assert error_of(await alice.delete("emoji/party")) == (403, "forbidden")
    replaced = await ada.put("emoji/party", content=drawn("PNG"))
    # Who has made it stays.
    assert (replaced.status_code, replaced.json()["by"]) == (200, cast.bob.pk)
    assert (await ada.delete("emoji/party")).status_code == 204
    assert error_of(await ada.delete("emoji/party")) == (404, "not_found")
    assert (await alice.get("emoji")).json()["items"] == []
    found = (await ada.get("admin/audit?limit=10")).json()["items"]
    said = [(one["deed"], one["actor"]["id"], one["facts"]["name"]) for one in found[:3]]
    assert said == [
        ("emoji.removed", cast.admin.pk, "party"),
        ("emoji.made", cast.admin.pk, "party"),
        ("emoji.made", cast.bob.pk, "party"),
    ]


async def test_an_emoji_has_other_names_that_go_with_it(door: Door, cast: Cast) -> None:
    bob, alice = door(cast.bob), door(cast.alice)
    await made(bob)
    response = await alice.put(f"emoji/party/aliases/{quote('회식이')}")
    assert (response.status_code, response.json()["aliases"]) == (201, ["회식이"])
    assert (await alice.put(f"emoji/party/aliases/{quote('회식이')}")).status_code == 200
    # An alias of an alias is one of what that stands for.
    assert (await bob.put(f"emoji/{quote('회식이')}/aliases/fete")).json()["aliases"] == ["fete", "회식이"]
    for name in ("party", "fete", "tada"):
        assert error_of(await made_again(bob, "other", name)) == (409, "conflict")
    assert error_of(await bob.put("emoji/fete", content=drawn("PNG"))) == (409, "conflict")
    assert error_of(await bob.put("emoji/nothing/aliases/some")) == (404, "not_found")
    assert (await bob.delete("emoji/fete")).status_code == 204
    left = {row["name"]: row["aliases"] for row in (await bob.get("emoji")).json()["items"]}
    assert left == {"other": [], "party": ["회식이"]}
    assert (await bob.delete("emoji/party")).status_code == 204
    assert await database.run(CustomEmoji.objects.count) == 1


async def made_again(client: Client, name: str, alias: str) -> Any:
    if (await client.get("emoji")).json()["items"][0]["name"] != name:
        await client.put(f"emoji/{name}", content=drawn("PNG"))
    return await client.put(f"emoji/{name}/aliases/{alias}")


async def test_guests_make_none_and_where_that_is_said_only_admins_do(door: Door, cast: Cast) -> None:
    guest = door(authorization=await database.run(guest_token))
    assert error_of(await guest.put("emoji/party", content=drawn("PNG"))) == (403, "forbidden")
    ada = door(cast.admin)
    await ada.patch("admin/workspace", json={"emoji_makers": "admins"})
    assert error_of(await door(cast.bob).put("emoji/party", content=drawn("PNG"))) == (403, "forbidden")
    await made(ada)
    assert error_of(await door(cast.bob).put("emoji/party/aliases/fete")) == (403, "forbidden")


async def test_there_are_so_many_names_and_no_more(
    door: Door, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "NAMES_MAX_COUNT", 2)
    bob = door(cast.bob)
    await made(bob)
    assert (await bob.put("emoji/party/aliases/fete")).status_code == 201
    assert error_of(await bob.put("emoji/another", content=drawn("PNG"))) == (400, "too_many")
    assert error_of(await bob.put("emoji/party/aliases/third")) == (400, "too_many")
    # Another picture of one that is there needs no place.
    assert (await bob.put("emoji/party", content=drawn("PNG"))).status_code == 200


async def test_changes_without_end_are_slowed_down(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    codes = {error_of(await bob.delete("emoji/nothing"))[1] for _ in range(80)}
    assert codes == {"not_found", "rate_limited"}


async def test_a_reaction_by_name_is_counted_under_one_name(door: Door, cast: Cast) -> None:
    bob, alice = door(cast.bob), door(cast.alice)
    await made(bob)
    await bob.put("emoji/party/aliases/fete")
    message = await database.run(post, cast.room, cast.alice, "hello")
    path = f"messages/{message.pk}/reactions"
    assert (await bob.put(f"{path}/:fete:")).status_code == 200
    assert (await alice.put(f"{path}/:PARTY:")).status_code == 200
    assert (await alice.put(f"{path}/:thumbsup:")).status_code == 200
    shown = (await bob.get(f"messages/{message.pk}")).json()["reactions"]
    assert shown == [
        {"emoji": ":party:", "users": [cast.bob.pk, cast.alice.pk]},
        {"emoji": "👍", "users": [cast.alice.pk]},
    ]
    assert error_of(await bob.put(f"{path}/:nothing:")) == (404, "not_found")
    await bob.delete("emoji/party")
    # What is gone is still said, can be taken back, and chosen no more.
    assert (await bob.get(f"messages/{message.pk}")).json()["reactions"] == shown
    assert (await bob.delete(f"{path}/:party:")).status_code == 200
    assert error_of(await bob.put(f"{path}/:party:")) == (404, "not_found")
    left = (await bob.get(f"messages/{message.pk}")).json()["reactions"]
    assert left[0] == {"emoji": ":party:", "users": [cast.alice.pk]}


async def test_a_text_marks_the_name_whether_there_is_such_an_emoji_or_not(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    said = await bob.post(f"rooms/{cast.room.pk}/messages", json={"body": "**hi** :party: 10:30:20"})
    html = (await bob.get(f"messages/{said.json()['id']}")).json()["html"]
    mark = '<span class="emoji" data-emoji="party">:party:</span>'
    assert html == f"<p><strong>hi</strong> {mark} 10:30:20</p>"
    # It becomes one, and stops to be one, by the list alone.
    await made(bob)
    await bob.delete("emoji/party")
    assert (await bob.get(f"messages/{said.json()['id']}")).json()["html"] == html


async def test_somebody_does_something_with_an_emoji_of_ours(door: Door, cast: Cast) -> None:
    await made(door(cast.bob))
    said = (await door(cast.bob).put("me/doing", json={"emoji": ":party:", "text": "done"})).json()
    assert said["doing"]["emoji"] == ":party:"
