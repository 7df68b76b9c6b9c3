from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image
from pydantic import TypeAdapter

from chat import database
from chat.features.profile import service
from chat.models import Avatar, User
from chat.protocol.shapes import Profile
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.pictures.drawing import CAMERA, drawn, photo


def soon(**after: float) -> str:
    return (timezone.now() + timedelta(**after)).isoformat()


async def test_what_one_tells_of_oneself_is_read_by_others(door: Door, cast: Cast) -> None:
    told = {"title": " Night \u202e shift ", "pronouns": "they/them", "time_zone": "Asia/Seoul"}
    assert (await door(cast.bob).patch("me", json=told)).status_code == 200
    response = await door(cast.carol).get(f"users/{cast.bob.pk}")
    profile = TypeAdapter(Profile).validate_json(response.content)
    assert (profile["title"], profile["pronouns"], profile["time_zone"]) == (
        "Night shift", "they/them", "Asia/Seoul",
    )  # fmt: skip
    emptied = await door(cast.bob).patch("me", json={"title": "", "pronouns": " \u200b "})
    assert emptied.status_code == 200
    again = (await door(cast.carol).get(f"users/{cast.bob.pk}")).json()
    assert (again["title"], again["pronouns"], again["time_zone"]) == ("", "", "Asia/Seoul")


async def test_a_handle_changes_to_a_free_one_in_its_one_spelling(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    assert (await bob.patch("me", json={"handle": "ＢＯＢＢＹ"})).json()["handle"] == "bobby"
    assert error_of(await bob.patch("me", json={"handle": "Alice"})) == (409, "conflict")
    assert (await bob.get("me")).json()["handle"] == "bobby"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"handle": "here"}, 400, "bad_frame"),
        ({"handle": ""}, 400, "bad_frame"),
        ({"handle": "bob\u0000"}, 400, "bad_text"),
        ({"handle": "b" * 33}, 413, "too_long"),
        ({"title": "x" * 81}, 413, "too_long"),
        ({"title": "x\u0000"}, 400, "bad_text"),
        ({"pronouns": "x" * 41}, 413, "too_long"),
        ({"pronouns": ["she"]}, 400, "bad_frame"),
    ],
)
async def test_a_profile_that_is_none_is_refused(
    door: Door, cast: Cast, body: dict[str, object], status: int, code: str
) -> None:
    assert error_of(await door(cast.bob).patch("me", json=body)) == (status, code)


async def test_what_one_does_is_seen_until_its_time_and_not_after(door: Door, cast: Cast) -> None:
    bob, alice = door(cast.bob), door(cast.alice)
    until = soon(minutes=5)
    said = (await bob.put("me/doing", json={"emoji": "🍜", "text": "lunch", "until": until})).json()["doing"]
    assert (said["emoji"], said["text"], said["until"][:19]) == ("🍜", "lunch", until[:19])
    assert (await alice.get(f"users/{cast.bob.pk}")).json()["doing"] == said
    # As if nothing had been running at that time.
    past = timezone.now() - timedelta(seconds=1)
    await database.run(User.objects.filter(pk=cast.bob.pk).update, doing_until=past)
    assert (await alice.get(f"users/{cast.bob.pk}")).json()["doing"] is None
    assert (await bob.get("me")).json()["doing"] is None
    without_end = (await bob.put("me/doing", json={"text": "in a meeting"})).json()["doing"]
    assert without_end == {"emoji": "", "text": "in a meeting", "until": None}
    for _ in range(2):
        assert (await bob.delete("me/doing")).json()["doing"] is None


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "empty"),
        ({"text": " \u200b "}, 400, "empty"),
        ({"text": "x" * 81}, 413, "too_long"),
        ({"emoji": "a b"}, 400, "bad_frame"),
        ({"text": "x", "until": "tomorrow"}, 400, "bad_frame"),
        ({"text": "x", "until": "2026-01-01T00:00:00"}, 400, "bad_frame"),
        ({"text": "x", "until": "2026-01-01T00:00:00Z"}, 400, "bad_frame"),
        ({"text": "x", "until": "9000-01-01T00:00:00Z"}, 400, "bad_frame"),
    ],
)
async def test_doing_nothing_or_without_a_time_that_comes_is_refused(
    door: Door, cast: Cast, body: dict[str, object], status: int, code: str
) -> None:
    assert error_of(await door(cast.bob).put("me/doing", json=body)) == (status, code)


async def test_a_face_is_cut_made_anew_and_shown_to_others(door: Door, cast: Cast) -> None:
    bob, alice = door(cast.bob), door(cast.alice)
    me = (await bob.put("me/avatar", content=photo(size=(600, 300)))).json()
    address = me["avatar"].removeprefix("/api/v1/")
    for query, side in (("", 128), ("?size=large", 512)):
        response = await alice.get(address + query)
        assert response.headers["content-type"] == "image/webp"
        assert "immutable" in response.headers["cache-control"]
        picture = Image.open(BytesIO(response.content))
        assert (picture.format, picture.size) == ("WEBP", (side, side))
        assert CAMERA.encode() not in response.content
    assert (await alice.get(f"users/{cast.bob.pk}")).json()["avatar"] == me["avatar"]
    posted = await bob.post(f"rooms/{cast.room.pk}/messages", json={"body": "hi"})
    assert posted.status_code == 201
    history = (await alice.get(f"rooms/{cast.room.pk}/messages")).json()["items"]
    assert history[-1]["sender"]["avatar"] == me["avatar"]


async def test_an_old_face_and_one_that_was_taken_away_are_gone(door: Door, cast: Cast) -> None:
    bob, alice = door(cast.bob), door(cast.alice)
    first = (await bob.put("me/avatar", content=drawn("PNG"))).json()["avatar"]
    second = (await bob.put("me/avatar", content=drawn("GIF", mode="P"))).json()["avatar"]
    assert first != second
    gone = await alice.get(first.removeprefix("/api/v1/"))
    never = await alice.get(f"users/{cast.bob.pk}/avatar/{'0' * 32}")
    assert gone.content == never.content
    assert error_of(gone) == (404, "not_found")
    for _ in range(2):
        assert (await bob.delete("me/avatar")).json()["avatar"] is None
    assert error_of(await alice.get(second.removeprefix("/api/v1/"))) == (404, "not_found")
    assert await database.run(Avatar.objects.count) == 0


@pytest.mark.parametrize(
    ("picture", "status", "code"),
    [
        (b"", 400, "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 400, "bad_frame"),
        (drawn("PNG")[:60], 400, "bad_frame"),
        (drawn("TIFF"), 400, "bad_frame"),
        (b"x" * (service.AVATAR_MAX_BYTES + 1), 413, "too_long"),
    ],
)
async def test_what_is_no_picture_leaves_the_face_as_it_was(
    door: Door, cast: Cast, picture: bytes, status: int, code: str
) -> None:
    assert error_of(await door(cast.bob).put("me/avatar", content=picture)) == (status, code)
    assert (await door(cast.bob).get("me")).json()["avatar"] is None


async def test_changes_without_end_are_slowed_down(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    answers = [(await bob.put("me/doing", json={"text": str(number)})).status_code for number in range(40)]
    assert answers[0] == 200
    assert 429 in answers
    assert (await door(cast.alice).put("me/doing", json={"text": "free"})).status_code == 200
