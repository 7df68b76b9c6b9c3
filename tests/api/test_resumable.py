from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from chat import database
from chat.features.attachments import adding, follow_up, pieces, service
from chat.files import storage
from chat.models import Attachment, PiecedUpload, UploadPiece, User
from tests.api.conftest import CSRF, ORIGIN, Door, error_of
from tests.api.resuming import BODY, TUS, add, begun, content_of, files, offset_of, said, streamed
from tests.cast import Cast

LEAST = pieces.PIECE_LEAST_BYTES


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


async def test_file_comes_in_pieces_and_is_posted(door: Door, cast: Cast, media: Path) -> None:
    alice = door(cast.alice)
    body = b"%PDF-1.7\n" + BODY
    path = await begun(
        alice, len(body), filename="보고서.pdf", alt="a report", sha256=hashlib.sha256(body).hexdigest()
    )
    first = await add(alice, path, 0, body[:LEAST])
    assert (first.status_code, first.headers["upload-offset"]) == (204, str(LEAST))
    assert (await alice.get(path)).json()["attachment"] is None
    assert await offset_of(alice, path) == LEAST
    last = await add(alice, path, LEAST, body[LEAST:])
    assert (last.status_code, last.headers["upload-offset"]) == (204, str(len(body)))
    shape = (await alice.get(path)).json()["attachment"]
    assert (shape["name"], shape["type"], shape["bytes"]) == ("보고서.pdf", "application/pdf", len(body))
    assert (shape["alt"], shape["state"]) == ("a report", "ready")
    # Of all the pieces one file is left, and no books.
    (kept,) = files(media)
    assert kept.read_bytes() == body
    assert not await database.run(PiecedUpload.objects.exists)
    said_of = {"body": "", "attachments": [shape["id"]], "client_message_id": "with-pieces"}
    answer = await alice.post(f"rooms/{cast.room.pk}/messages", json=said_of)
    assert answer.json()["attachments"] == [shape]
    assert error_of(await alice.get(path)) == (404, "not_found")


async def test_large_body_is_put_aside_while_it_comes(
    application: Any, door: Door, cast: Cast, monkeypatch: Any
) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", LEAST)
    alice = door(cast.alice)
    path = await begun(alice)
    seen: list[int] = []

    async def slowly() -> AsyncIterator[bytes]:
        for at in range(0, len(BODY), LEAST):
            yield BODY[at : at + LEAST]
            seen.append(await offset_of(alice, path))

    answer = await streamed(application, cast.token(cast.alice), path, 0, slowly())
    assert (answer[0], answer[1]["upload-offset"]) == (204, str(len(BODY)))
    assert seen == [LEAST, 2 * LEAST, 3 * LEAST, 4 * LEAST]
    assert await content_of(alice, path) == BODY


async def test_offset_that_does_not_fit_is_told_the_right_one(door: Door, cast: Cast) -> None:
    alice = door(cast.alice)
    path = await begun(alice)
    await add(alice, path, 0, BODY[:LEAST])
    for wrong in (0, LEAST - 1, LEAST + 1, len(BODY), 10**14):
        answer = await add(alice, path, wrong, BODY[:LEAST])
        assert error_of(answer) == (409, "conflict")
        assert answer.headers["upload-offset"] == str(LEAST)
    await add(alice, path, LEAST, BODY[LEAST:])
    # The answer to the last piece was lost: the same again says that all is there.
    again = await add(alice, path, LEAST, BODY[LEAST:])
    assert (again.status_code, again.headers["upload-offset"]) == (409, str(len(BODY)))
    assert (await add(alice, path, len(BODY), b"")).status_code == 204


BAD_BEGIN = {
    "no length": ({}, (400, "bad_frame")),
    "negative": ({"Upload-Length": "-1"}, (400, "bad_frame")),
    "not a number": ({"Upload-Length": "1e3"}, (400, "bad_frame")),
    "deferred": ({"Upload-Defer-Length": "1"}, (400, "bad_frame")),
    "zero": ({"Upload-Length": "0"}, (400, "empty")),
    "huge": ({"Upload-Length": str(10**14)}, (413, "too_long")),
    "beyond numbers": ({"Upload-Length": "9" * 400}, (400, "bad_frame")),
    "no base64": ({"Upload-Length": "9", "Upload-Metadata": "filename ***"}, (400, "bad_frame")),
    "no UTF-8": ({"Upload-Length": "9", "Upload-Metadata": "filename /w=="}, (400, "bad_frame")),
    "much metadata": ({"Upload-Length": "9", "Upload-Metadata": "a " + "YWFh" * 5_000}, (413, "too_long")),
    "no sum": ({"Upload-Length": "9", "Upload-Metadata": said(sha256="abc")}, (400, "bad_frame")),
    "words with a NUL": ({"Upload-Length": "9", "Upload-Metadata": said(alt="a\0b")}, (400, "bad_text")),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "refused"), BAD_BEGIN.values(), ids=BAD_BEGIN)
async def test_bad_begin_takes_no_place(
    door: Door, cast: Cast, headers: dict[str, str], refused: tuple[int, str]
) -> None:
    assert error_of(await door(cast.alice).post("uploads/resumable", headers={**TUS, **headers})) == refused
    assert await database.run(Attachment.objects.count) == 0


async def test_hostile_name_is_only_shown(door: Door, cast: Cast, media: Path) -> None:
    alice = door(cast.alice)
    path = await begun(alice, 4, filename="../../etc/x\u202egpj.exe")
    await add(alice, path, 0, b"MZ\0\0")
    assert (await alice.get(path)).json()["attachment"]["name"] == "xgpj.exe"
    (kept,) = files(media)
    assert kept.is_relative_to(media / "attachments")


async def test_piece_that_is_wrong_changes_nothing(
    application: Any, door: Door, cast: Cast, media: Path
) -> None:
    alice = door(cast.alice)
    path = await begun(alice)
    too_long = await add(alice, path, 0, BODY + b"x")
    assert error_of(too_long) == (413, "too_long")
    assert error_of(await add(alice, path, 0, b"x")) == (400, "bad_frame")
    kind = {"Content-Type": "application/json"}
    assert error_of(await add(alice, path, 0, BODY[:LEAST], **kind)) == (400, "unsupported")
    assert error_of(await alice.patch(path, headers={**TUS, "Content-Type": kind["Content-Type"]})) == (
        400,
        "bad_frame",
    )

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield bytes(LEAST)

    async def crumbs() -> AsyncIterator[bytes]:
        yield b"x" * 100

    assert (await streamed(application, cast.token(cast.alice), path, 0, crumbs()))[0] == 400
    assert await offset_of(alice, path) == 0
    assert files(media) == []
    assert (await streamed(application, cast.token(cast.alice), path, 0, endless()))[0] == 413
    assert len(files(media)) == await database.run(UploadPiece.objects.count)
    assert not adding._under_way


async def test_other_version_is_refused_and_ours_is_told(door: Door, cast: Cast) -> None:
    alice = door(cast.alice)
    for headers in ({}, {"Tus-Resumable": "0.2.2"}):
        answer = await alice.post("uploads/resumable", headers={**headers, "Upload-Length": "9"})
        assert error_of(answer) == (412, "unsupported")
        assert answer.headers["tus-version"] == "1.0.0"
    asked = await alice.options("uploads/resumable")
    assert asked.headers["tus-extension"] == "creation,expiration,termination"
    assert int(asked.headers["tus-max-size"]) > 0


async def test_upload_of_another_is_like_none(door: Door, cast: Cast) -> None:
    alice, bob = door(cast.alice), door(cast.bob)
    path = await begun(alice)
    missing = "uploads/resumable/987654"
    asks: tuple[Callable[[str], Any], ...] = (
        lambda at: bob.get(at),
        lambda at: add(bob, at, 0, BODY[:LEAST]),
        lambda at: bob.delete(at, headers=TUS),
    )
    for ask in asks:
        foreign, none = await ask(path), await ask(missing)
        assert error_of(foreign) == (404, "not_found")
        assert (foreign.content, dict(foreign.headers)) == (none.content, dict(none.headers))
    assert (await bob.head(path, headers=TUS)).status_code == 404
    # One that comes in a single request is nobody's to add to.
    single = await database.run(_arriving, cast.alice)
    assert error_of(await add(alice, f"uploads/resumable/{single}", 0, b"x")) == (404, "not_found")


def _arriving(user: User) -> int:
    row = Attachment.objects.create(uploader=user, key="aa/bb", state="arriving", bytes=5)
    return int(row.pk)


async def test_sum_that_differs_throws_all_away(door: Door, cast: Cast, media: Path) -> None:
    alice = door(cast.alice)
    path = await begun(alice, sha256=hashlib.sha256(b"other").hexdigest())
    assert error_of(await add(alice, path, 0, BODY)) == (400, "bad_frame")
    assert files(media) == []
    assert await database.run(Attachment.objects.count) == 0
    assert (await alice.head(path, headers=TUS)).status_code == 404


async def test_who_comes_last_adds_and_one_of_before_is_refused(
    application: Any, door: Door, cast: Cast
) -> None:
    alice = door(cast.alice)
    path = await begun(alice)
    has_begun, overtaken = asyncio.Event(), asyncio.Event()

    async def stalled() -> AsyncIterator[bytes]:
        yield b"\0" * LEAST
        has_begun.set()
        await overtaken.wait()

    before = asyncio.create_task(streamed(application, cast.token(cast.alice), path, 0, stalled()))
    await asyncio.wait_for(has_begun.wait(), 30)
    assert (await add(alice, path, 0, BODY[:LEAST])).status_code == 204
    overtaken.set()
    status, headers = await before
    assert (status, headers["upload-offset"]) == (409, str(LEAST))
    await add(alice, path, LEAST, BODY[LEAST:])
    assert await content_of(alice, path) == BODY


async def test_place_is_taken_at_once_and_given_back(
    door: Door, cast: Cast, media: Path, configure: Callable[..., None]
) -> None:
    configure(FILES_PER_USER_BYTES=len(BODY) + 10)
    alice = door(cast.alice)
    path = await begun(alice)
    full = {**TUS, "Upload-Length": "11"}
    assert error_of(await alice.post("uploads/resumable", headers=full)) == (413, "full")
    await add(alice, path, 0, BODY[:LEAST])
    assert (await alice.delete(path, headers=TUS)).status_code == 204
    assert error_of(await alice.delete(path, headers=TUS)) == (404, "not_found")
    assert files(media) == []
    assert (await alice.post("uploads/resumable", headers=full)).status_code == 201


async def test_few_are_open_and_few_under_way_of_a_person(door: Door, cast: Cast, monkeypatch: Any) -> None:
    alice = door(cast.alice)
    monkeypatch.setattr(pieces, "OPEN_MAX_COUNT", 1)
    path = await begun(alice)
    headers = {**TUS, "Upload-Length": "11"}
    assert error_of(await alice.post("uploads/resumable", headers=headers)) == (400, "too_many")
    monkeypatch.setattr(service, "ARRIVING_MAX_COUNT", 0)
    assert error_of(await add(alice, path, 0, BODY[:LEAST])) == (429, "rate_limited")


async def test_what_came_before_a_break_is_kept(application: Any, door: Door, cast: Cast) -> None:
    alice = door(cast.alice)
    path = await begun(alice)

    async def broken() -> AsyncIterator[bytes]:
        yield BODY[: LEAST + 10]
        raise ConnectionResetError("the body has broken off")

    await streamed(application, cast.token(cast.alice), path, 0, broken())
    await asyncio.wait_for(asyncio.gather(*adding._going_on), 10)
    assert await offset_of(alice, path) == LEAST + 10
    await add(alice, path, LEAST + 10, BODY[LEAST + 10 :])
    assert await content_of(alice, path) == BODY


async def test_disk_that_is_full_is_told_and_loses_nothing(door: Door, cast: Cast, monkeypatch: Any) -> None:
    alice = door(cast.alice)
    path = await begun(alice)
    await add(alice, path, 0, BODY[:LEAST])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "put_piece", full)
        assert error_of(await add(alice, path, LEAST, BODY[LEAST:])) == (503, "unavailable")
    with monkeypatch.context() as patched:
        patched.setattr(storage, "put", full)
        assert error_of(await add(alice, path, LEAST, BODY[LEAST:])) == (503, "unavailable")
    # All of it is here and only has to be put together.
    assert await offset_of(alice, path) == len(BODY)
    assert (await add(alice, path, len(BODY), b"")).status_code == 204
    assert await content_of(alice, path) == BODY


async def test_what_does_not_become_whole_goes_after_a_day(door: Door, cast: Cast, media: Path) -> None:
    alice = door(cast.alice)
    path = await begun(alice)
    await add(alice, path, 0, BODY[:LEAST])
    now = timezone.now()
    assert await database.run(follow_up.tidy, now + timedelta(hours=23)) == 0
    assert await database.run(follow_up.tidy, now + timedelta(hours=25)) == 1
    assert files(media) == []
    assert (await alice.head(path, headers=TUS)).status_code == 404


async def test_pieces_of_a_whole_one_that_were_left_behind_go(
    door: Door, cast: Cast, media: Path, monkeypatch: Any
) -> None:
    alice = door(cast.alice)
    path = await begun(alice)
    with monkeypatch.context() as patched:
        patched.setattr(storage, "drop_pieces", _ends)
        with pytest.raises(KeyboardInterrupt):
            await database.run(_finish_and_die, cast.alice, path, media)
    await database.run(follow_up.tidy, timezone.now() + timedelta(hours=2))
    assert [path.suffix for path in files(media)] == [".raw"]
    assert not await database.run(PiecedUpload.objects.exists)


def _ends(*_: object) -> None:
    raise KeyboardInterrupt


def _finish_and_die(user: User, path: str, media: Path) -> None:
    """Do what a server does that is killed when a file is whole and its pieces still lie there."""
    found, writer = pieces.claim(user, int(path.rpartition("/")[2]), 0)
    piece = pieces.announce(found.row.pk, writer, 0)
    for name in ("piece", "whole"):
        (media / name).parent.mkdir(parents=True, exist_ok=True)
        (media / name).write_bytes(BODY)
    storage.put_piece(found.row.key, piece.name, media / "piece")
    pieces.add(piece, writer, len(BODY))
    storage.put(found.row.key, storage.RAW, media / "whole")
    pieces.finish(found.row, writer, BODY[:4_096], timezone.now())
    storage.drop_pieces(found.row.key, [piece.name])


async def test_page_sends_pieces_with_its_session_and_its_token(door: Door, session: str) -> None:
    cookies = f"sessionid={session}; csrftoken={CSRF}"
    page = door(origin=ORIGIN, cookie=cookies, x_csrftoken=CSRF)
    path = await begun(page)
    assert (await add(page, path, 0, BODY)).status_code == 204
    without = door(origin=ORIGIN, cookie=cookies)
    assert error_of(await without.post("uploads/resumable", headers={**TUS, "Upload-Length": "9"})) == (
        403,
        "forbidden",
    )
    assert error_of(await add(without, path, 0, BODY)) == (403, "forbidden")
    assert error_of(await door().post("uploads/resumable", headers=TUS)) == (401, "signed_out")
