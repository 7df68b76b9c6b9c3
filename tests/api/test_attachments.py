from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from chat import database
from chat.features.attachments import follow_up
from chat.files import storage
from chat.models import Attachment
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage, RemoveMember
from tests.api.conftest import Door, error_of
from tests.cast import Cast
from tests.features.attachments.conftest import Upload, upload  # noqa: F401 - a fixture
from tests.make import post
from tests.pictures.drawing import CAMERA, drawn, moving, photo

WORDS = bytes(range(256)) * 800


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def file(cast: Cast, upload: Upload) -> Attachment:  # noqa: F811
    row = upload(cast.alice, WORDS, "보고서.bin")
    post(cast.room, cast.alice, "", attachments=[row.pk])
    return row


@pytest.fixture
def waiting(cast: Cast, upload: Upload) -> Attachment:  # noqa: F811
    row = upload(cast.alice, photo(6), "cat.jpg")
    post(cast.room, cast.alice, "", attachments=[row.pk])
    return row


@pytest.fixture
def picture(cast: Cast, waiting: Attachment) -> Attachment:
    row = Attachment.objects.select_related("message").get(pk=waiting.pk)
    assert row.message is not None
    follow_up.prepare(cast.room.pk, row.message.seq)
    return row


async def test_file_is_for_those_who_may_read_the_message(door: Door, cast: Cast, file: Attachment) -> None:
    found = await door(cast.bob).get(f"attachments/{file.pk}")
    assert (found.status_code, found.content) == (200, WORDS)
    assert found.headers["content-length"] == str(len(WORDS))
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["cache-control"] == "private, no-cache"
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
    named = found.headers["content-disposition"]
    assert named == "attachment; filename*=utf-8''%EB%B3%B4%EA%B3%A0%EC%84%9C.bin"
    hidden = await door(cast.carol).get(f"attachments/{file.pk}")
    missing = await door(cast.bob).get("attachments/987654")
    assert error_of(hidden) == error_of(missing) == (404, "not_found")
    assert hidden.json() == missing.json()
    assert error_of(await door().get(f"attachments/{file.pk}")) == (401, "signed_out")


async def test_who_is_removed_does_not_go_on_seeing_it(door: Door, cast: Cast, file: Attachment) -> None:
    bob, path = door(cast.bob), f"attachments/{file.pk}"
    etag = (await bob.get(path)).headers["etag"]
    await asyncio.to_thread(run, cast.alice.pk, RemoveMember(room=cast.room.pk, user=cast.bob.pk))
    assert error_of(await bob.get(path)) == (404, "not_found")
    assert error_of(await bob.get(path, headers={"if-none-match": etag})) == (404, "not_found")


async def test_deleted_message_has_no_files(door: Door, cast: Cast, picture: Attachment) -> None:
    alice = door(cast.alice)
    assert picture.message_id is not None
    await asyncio.to_thread(run, cast.alice.pk, DeleteMessage(message=picture.message_id))
    for path in ("", "/thumbnail"):
        assert error_of(await alice.get(f"attachments/{picture.pk}{path}")) == (404, "not_found")


async def test_upload_without_a_message_is_ones_own(door: Door, cast: Cast, free: Attachment) -> None:
    assert (await door(cast.alice).get(f"attachments/{free.pk}")).content == b"free"
    for other in (cast.bob, cast.admin):
        assert error_of(await door(other).get(f"attachments/{free.pk}")) == (404, "not_found")


@pytest.fixture
def free(cast: Cast, upload: Upload) -> Attachment:  # noqa: F811
    return upload(cast.alice, b"free")


SIZE = len(WORDS)
RANGES = [
    ("bytes=0-9", 206, 0, 9),
    ("bytes=10-", 206, 10, SIZE - 1),
    ("bytes=-5", 206, SIZE - 5, SIZE - 1),
    ("bytes=100-999999999", 206, 100, SIZE - 1),
    ("bytes=-999999999", 206, 0, SIZE - 1),
    (f"bytes={SIZE - 1}-", 206, SIZE - 1, SIZE - 1),
    ("bytes=0-0,5-9", 200, 0, SIZE - 1),
    ("bytes=" + "0-," * 1_000, 200, 0, SIZE - 1),
    ("bytes=-", 200, 0, SIZE - 1),
    ("bytes=a-b", 200, 0, SIZE - 1),
    ("bytes=--5", 200, 0, SIZE - 1),
    ("lines=1-2", 200, 0, SIZE - 1),
    ("bytes=" + "9" * 40 + "-", 200, 0, SIZE - 1),
    (f"bytes={SIZE}-", 416, 0, 0),
    ("bytes=9-5", 416, 0, 0),
    ("bytes=-0", 416, 0, 0),
]


@pytest.mark.parametrize(("asked", "status", "first", "last"), RANGES, ids=range(len(RANGES)))
async def test_ranges_are_bounded(
    door: Door, cast: Cast, file: Attachment, asked: str, status: int, first: int, last: int
) -> None:
    found = await door(cast.bob).get(f"attachments/{file.pk}", headers={"range": asked})
    assert found.status_code == status
    if status == 416:
        assert (found.content, found.headers["content-range"]) == (b"", f"bytes */{SIZE}")
        return
    assert found.content == WORDS[first : last + 1]
    assert found.headers["content-length"] == str(last - first + 1)
    if status == 206:
        assert found.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert found.headers["accept-ranges"] == "bytes"


async def test_what_is_known_is_not_sent_again(door: Door, cast: Cast, file: Attachment) -> None:
    bob, path = door(cast.bob), f"attachments/{file.pk}"
    etag = (await bob.get(path)).headers["etag"]
    same = await bob.get(path, headers={"if-none-match": f'"other", {etag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert (await bob.get(path, headers={"if-none-match": '"other"'})).status_code == 200
    resumed = await bob.get(path, headers={"range": "bytes=5-", "if-range": etag})
    assert (resumed.status_code, resumed.content) == (206, WORDS[5:])
    changed = await bob.get(path, headers={"range": "bytes=5-", "if-range": '"other"'})
    assert (changed.status_code, changed.content) == (200, WORDS)


async def test_picture_is_shown_without_what_it_carried(door: Door, cast: Cast, picture: Attachment) -> None:
    bob = door(cast.bob)
    whole = await bob.get(f"attachments/{picture.pk}")
    assert whole.headers["content-type"] == "image/jpeg"
    assert whole.headers["content-disposition"] == 'inline; filename="cat.jpg"'
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert CAMERA.encode() not in whole.content
    tags = [whole.headers["etag"]]
    for query in ("", "?size=small", "?size=large"):
        small = await bob.get(f"attachments/{picture.pk}/thumbnail{query}")
        assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
        tags.append(small.headers["etag"])
    assert len(set(tags)) == 3
    assert error_of(await bob.get(f"attachments/{picture.pk}/thumbnail?size=huge")) == (400, "bad_frame")
    hidden = await door(cast.carol).get(f"attachments/{picture.pk}/thumbnail")
    missing = await bob.get("attachments/987654/thumbnail")
    assert error_of(hidden) == (404, "not_found")
    assert hidden.json() == missing.json()


async def test_picture_is_not_shown_before_it_was_made_anew(
    door: Door, cast: Cast, waiting: Attachment
) -> None:
    bob = door(cast.bob)
    early = await bob.get(f"attachments/{waiting.pk}")
    assert error_of(early) == (503, "busy")
    assert early.json()["error"]["after_ms"] > 0
    assert error_of(await bob.get(f"attachments/{waiting.pk}/thumbnail")) == (404, "not_found")


async def test_file_without_a_picture_has_no_thumbnail(door: Door, cast: Cast, file: Attachment) -> None:
    assert error_of(await door(cast.bob).get(f"attachments/{file.pk}/thumbnail")) == (404, "not_found")


async def test_file_that_the_storage_has_lost_is_missing(door: Door, cast: Cast, file: Attachment) -> None:
    await asyncio.to_thread(storage.drop, file.key)
    assert error_of(await door(cast.bob).get(f"attachments/{file.pk}")) == (404, "not_found")


@pytest.fixture
def played(cast: Cast, upload: Upload) -> Attachment:  # noqa: F811
    row = upload(cast.alice, b"\0\0\0 ftypisom\0\0\2\0" + bytes(500), "clip.mp4")
    post(cast.room, cast.alice, "", attachments=[row.pk])
    return row


async def test_film_is_played_from_here(door: Door, cast: Cast, played: Attachment) -> None:
    found = await door(cast.bob).get(f"attachments/{played.pk}", headers={"range": "bytes=0-3"})
    assert (found.status_code, found.headers["content-type"]) == (206, "video/mp4")
    assert found.headers["content-disposition"].startswith("inline")


async def test_page_of_many_files_costs_no_more_queries_than_one_of_few(
    door: Door, cast: Cast, many: int, queries: Any
) -> None:
    bob = door(cast.bob)
    path = f"rooms/{cast.room.pk}/messages"
    # The first one also notes that the token is used.
    await bob.get(path)
    queries.clear()
    assert len((await bob.get(f"{path}?limit=2")).json()["items"]) == 2
    few = queries.count()
    queries.clear()
    items = (await bob.get(f"{path}?limit=50")).json()["items"]
    assert sum(len(item["attachments"]) for item in items) == many
    assert queries.count() == few


@pytest.fixture
def many(cast: Cast, upload: Upload) -> int:  # noqa: F811
    for body in (drawn("PNG"), moving("GIF")):
        for _ in range(3):
            rows = [upload(cast.alice, body, "a") for _ in range(2)]
            post(cast.room, cast.alice, "look", attachments=[row.pk for row in rows])
    return 12


async def test_rows_of_the_database_agree(cast: Cast, file: Attachment) -> None:
    row = await database.run(lambda: Attachment.objects.select_related("message").get(pk=file.pk))
    assert row.message is not None
    assert row.message.attachment_count == 1
