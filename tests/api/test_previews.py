from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from chat.actions.state import SYSTEM_ID
from chat.models import Message, PreviewImage
from chat.pipeline.run import run
from chat.protocol.system import AttachPreviews, FoundLink
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.make import post

URL = "http://site.example.com/a?b=1&c=%20"


@pytest.fixture
def message(cast: Cast, settings: Any, tmp_path: Path) -> Message:
    settings.MEDIA_ROOT = tmp_path
    found = post(cast.room, cast.alice, f"see {URL}")
    file = default_storage.save("previews/picture.webp", ContentFile(b"a picture"))
    image = PreviewImage.objects.create(file=file, width=80, height=60)
    link = FoundLink(url=URL, title="A page", description="", site="Site", image=image.pk)
    run(SYSTEM_ID, AttachPreviews(message=found.pk, edited_at=None, found=[link]))
    return found


async def test_picture_is_for_those_who_may_read_the_message(
    door: Door, cast: Cast, message: Message
) -> None:
    (preview,) = (await door(cast.bob).get(f"messages/{message.pk}")).json()["previews"]
    path = preview["image"].removeprefix("/api/v1/")
    picture = await door(cast.bob).get(path)
    assert (picture.status_code, picture.content) == (200, b"a picture")
    assert picture.headers["content-type"] == "image/webp"
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert picture.headers["cache-control"] == "private, max-age=600"
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    hidden = await door(cast.carol).get(path)
    missing = await door(cast.bob).get(f"messages/{message.pk}/previews/999999/image")
    assert error_of(hidden) == error_of(missing) == (404, "not_found")
    assert hidden.json() == missing.json()
    assert error_of(await door().get(path)) == (401, "signed_out")


async def test_picture_belongs_to_its_own_message(door: Door, cast: Cast, message: Message) -> None:
    (preview,) = (await door(cast.bob).get(f"messages/{message.pk}")).json()["previews"]
    pk = int(preview["image"].split("/")[-2])
    other = (await door(cast.carol).post(f"rooms/{cast.plaza.pk}/join", json={})).json()["id"]
    said = (await door(cast.carol).post(f"rooms/{other}/messages", json={"body": "hi"})).json()["id"]
    assert error_of(await door(cast.carol).get(f"messages/{said}/previews/{pk}/image")) == (404, "not_found")


async def test_author_takes_a_preview_away(door: Door, cast: Cast, message: Message) -> None:
    alice, bob, path = door(cast.alice), door(cast.bob), f"messages/{message.pk}/previews"
    picture = (await bob.get(f"messages/{message.pk}")).json()["previews"][0]["image"]
    assert error_of(await bob.delete(path, params={"url": URL})) == (403, "forbidden")
    gone = await alice.delete(path, params={"url": URL})
    assert gone.json() == {"room": cast.room.pk, "seq": message.seq + 2}
    assert (await alice.delete(path, params={"url": URL})).json() == gone.json()
    assert (await bob.get(f"messages/{message.pk}")).json()["previews"] == []
    assert error_of(await bob.get(picture.removeprefix("/api/v1/"))) == (404, "not_found")


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("http://never.example.com/", (404, "not_found")),
        ("javascript:alert(1)", (400, "bad_frame")),
        ("", (400, "bad_frame")),
        ("http://" + "a" * 2_000, (413, "too_long")),
        ("http://한국.kr/", (400, "bad_frame")),
        ("http://a\0b/", (400, "bad_frame")),
    ],
)
async def test_url_that_is_not_shown_is_refused(
    door: Door, cast: Cast, message: Message, url: str, answer: tuple[int, str]
) -> None:
    path = f"messages/{message.pk}/previews"
    assert error_of(await door(cast.alice).delete(path, params={"url": url})) == answer
    assert error_of(await door(cast.alice).delete(path)) == (400, "bad_frame")


@pytest.fixture
def lost(message: Message) -> Message:
    default_storage.delete(PreviewImage.objects.get().file)
    return message


async def test_picture_that_the_storage_has_lost_is_missing(door: Door, cast: Cast, lost: Message) -> None:
    (preview,) = (await door(cast.bob).get(f"messages/{lost.pk}")).json()["previews"]
    answer = await door(cast.bob).get(preview["image"].removeprefix("/api/v1/"))
    assert error_of(answer) == (404, "not_found")
