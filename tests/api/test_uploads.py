from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from chat import database
from chat.api import uploads
from chat.features.attachments import service
from chat.files import storage
from chat.models import Attachment
from tests.api.conftest import CSRF, ORIGIN, Door, error_of
from tests.cast import Cast
from tests.pictures.drawing import drawn, photo

FORM = "multipart/form-data; boundary=mark"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def form(content: bytes = b"words", name: str = "notes.txt") -> dict[str, Any]:
    return {"files": {"file": (name, content, "text/html")}}


async def test_file_is_uploaded_and_posted(door: Door, cast: Cast) -> None:
    alice = door(cast.alice)
    answer = await alice.post("uploads", **form(), data={"alt": "my notes"})
    assert answer.status_code == 201
    shape = answer.json()
    assert shape == {
        "id": shape["id"], "name": "notes.txt", "type": "application/octet-stream", "bytes": 5,
        "url": f"/api/v1/attachments/{shape['id']}", "state": "ready", "alt": "my notes",
        "width": None, "height": None, "thumbnail": None,
    }  # fmt: skip
    said = {"body": "", "attachments": [shape["id"]], "client_message_id": "with-a-file"}
    message = (await alice.post(f"rooms/{cast.room.pk}/messages", json=said)).json()
    assert (message["body"], message["attachments"]) == ("", [shape])
    again = (await alice.post(f"rooms/{cast.room.pk}/messages", json=said)).json()
    assert (again["id"], again["attachments"]) == (message["id"], [shape])
    read = (await door(cast.bob).get(f"messages/{message['id']}")).json()
    assert read["attachments"] == [shape]
    history = (await door(cast.bob).get(f"rooms/{cast.room.pk}/messages")).json()["items"]
    assert history[-1]["attachments"] == [shape]


async def test_upload_that_is_used_or_foreign_is_not_found(door: Door, cast: Cast) -> None:
    alice, path = door(cast.alice), f"rooms/{cast.room.pk}/messages"
    pk = (await alice.post("uploads", **form())).json()["id"]
    foreign = await door(cast.bob).post(path, json={"body": "mine", "attachments": [pk]})
    missing = await door(cast.bob).post(path, json={"body": "mine", "attachments": [987_654]})
    assert error_of(foreign) == (404, "not_found")
    assert foreign.json() == missing.json()
    assert (await alice.post(path, json={"body": "a", "attachments": [pk]})).status_code == 201
    assert error_of(await alice.post(path, json={"body": "b", "attachments": [pk]})) == (404, "not_found")
    assert error_of(await alice.post(path, json={"body": "c", "attachments": [pk, pk]})) == (400, "bad_frame")
    many = {"body": "d", "attachments": list(range(1, 12))}
    assert error_of(await alice.post(path, json=many)) == (400, "too_many")


NAMES = [
    ("../../etc/passwd", "passwd"),
    ("x\u202egpj.exe", "xgpj.exe"),
    ("보" * 500 + ".pdf", None),
    ("👍.txt", "👍.txt"),
    (".htaccess", "htaccess"),
]


@pytest.mark.parametrize(("said", "kept"), NAMES, ids=range(len(NAMES)))
async def test_hostile_name_is_only_shown(
    door: Door, cast: Cast, media: Path, said: str, kept: str | None
) -> None:
    shape = (await door(cast.alice).post("uploads", **form(name=said))).json()
    assert kept is None or shape["name"] == kept
    (path,) = files(media)
    assert path.is_relative_to(media / "attachments")
    assert path.suffix == ".raw"
    shown = await door(cast.alice).get(f"attachments/{shape['id']}")
    assert shown.headers["content-disposition"].startswith("attachment; filename")
    assert "\n" not in shown.headers["content-disposition"]


LIES = {
    "html named png": (b"<html><script>alert(1)</script>", "a.png"),
    "svg with a script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "a.svg"),
    "png named html": (drawn("PNG") + b"<script>", "a.html"),
    "pdf": (b"%PDF-1.7 /JavaScript (app.alert(1))", "a.pdf"),
    "xml": (b'<?xml version="1.0"?><!DOCTYPE x>', "a.xml"),
    "archive": (b"PK\x03\x04" + bytes(100), "a.zip"),
}


@pytest.mark.parametrize(("content", "name"), LIES.values(), ids=LIES)
async def test_what_could_run_is_handed_out_to_be_saved(
    door: Door, cast: Cast, content: bytes, name: str
) -> None:
    shape = (await door(cast.alice).post("uploads", **form(content, name))).json()
    assert shape["state"] == "ready"
    answer = await door(cast.alice).get(f"attachments/{shape['id']}")
    assert answer.content == content
    assert answer.headers["content-type"] in ("application/octet-stream", "application/pdf")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def marked(*parts: bytes) -> bytes:
    return b"".join(b"--mark\r\n" + part + b"\r\n" for part in parts) + b"--mark--\r\n"


FILE = b'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
BAD = {
    "zero bytes": (FORM, marked(FILE), (400, "empty")),
    "cut half-way": (FORM, marked(FILE + b"x" * 500)[:200], (400, "bad_frame")),
    "nothing": (FORM, b"", (400, "bad_frame")),
    "no file": (FORM, marked(b'Content-Disposition: form-data; name="alt"\r\n\r\nx'), (400, "bad_frame")),
    "two files": (FORM, marked(FILE + b"x", FILE + b"y"), (400, "bad_frame")),
    "many parts": (FORM, marked(*[b'Content-Disposition: form-data; name="%d"\r\n\r\nx' % n for n in range(99)]),
                   (400, "too_many")),
    "no boundary": ("multipart/form-data", marked(FILE + b"x"), (400, "bad_frame")),
    "json": ("application/json", b"{}", (400, "unsupported")),
    "words with a NUL": (FORM, marked(b'Content-Disposition: form-data; name="alt"\r\n\r\na\0b', FILE + b"x"),
                         (400, "bad_text")),
}  # fmt: skip


@pytest.mark.parametrize(("content_type", "body", "answer"), BAD.values(), ids=BAD)
async def test_bad_body_is_refused_and_leaves_nothing(
    door: Door, cast: Cast, media: Path, content_type: str, body: bytes, answer: tuple[int, str]
) -> None:
    headers = {"content-type": content_type}
    assert error_of(await door(cast.alice).post("uploads", content=body, headers=headers)) == answer
    assert files(media) == []
    assert await database.run(Attachment.objects.count) == 0


async def test_file_above_the_limit_is_refused(
    door: Door, cast: Cast, media: Path, configure: Callable[..., None]
) -> None:
    configure(UPLOAD_MAX_BYTES=2_000)
    alice = door(cast.alice)
    assert (await alice.post("uploads", **form(bytes(2_000)))).status_code == 201
    over = await alice.post("uploads", **form(bytes(2_001)))
    assert error_of(over) == (413, "too_long")
    assert "at most 2,000" in over.json()["error"]["detail"]
    assert error_of(await alice.post("uploads", **form(bytes(100_000)))) == (413, "too_long")
    assert len(files(media)) == 1


async def test_body_without_a_length_is_bounded_too(
    door: Door, cast: Cast, media: Path, configure: Callable[..., None]
) -> None:
    configure(UPLOAD_MAX_BYTES=2_000)

    async def endless() -> AsyncIterator[bytes]:
        yield b"--mark\r\n" + FILE
        for _ in range(50):
            yield bytes(1_000)

    answer = await door(cast.alice).post("uploads", content=endless(), headers={"content-type": FORM})
    assert error_of(answer) == (413, "too_long")
    assert files(media) == []


async def test_full_place_is_refused_before_the_body(
    door: Door, cast: Cast, configure: Callable[..., None]
) -> None:
    configure(FILES_PER_USER_BYTES=1_000)
    alice = door(cast.alice)
    refused = await alice.post("uploads", **form(bytes(1_001)))
    assert error_of(refused) == (413, "full")
    assert error_of(await alice.post("uploads", content=b"no form", headers={"content-type": FORM})) == (
        400,
        "bad_frame",
    )
    assert (await alice.post("uploads", **form(bytes(500)))).status_code == 201


async def test_disk_that_is_full_is_told_and_takes_no_place(
    door: Door, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "put", full)
    answer = await door(cast.alice).post("uploads", **form())
    assert error_of(answer) == (503, "unavailable")
    assert await database.run(Attachment.objects.count) == 0


async def test_page_uploads_with_its_session_and_its_token_alone(
    door: Door, session: str, cast: Cast
) -> None:
    cookies = f"sessionid={session}; csrftoken={CSRF}"
    page = door(origin=ORIGIN, cookie=cookies, x_csrftoken=CSRF)
    assert (await page.post("uploads", **form())).status_code == 201
    without = door(origin=ORIGIN, cookie=cookies)
    assert error_of(await without.post("uploads", **form())) == (403, "forbidden")
    # What a foreign page can send: the token as a field, from wherever.
    inside = await without.post("uploads", **form(), data={"csrfmiddlewaretoken": CSRF})
    assert error_of(inside) == (403, "forbidden")
    elsewhere = door(origin="https://evil.example", cookie=cookies, x_csrftoken=CSRF)
    assert error_of(await elsewhere.post("uploads", **form())) == (403, "forbidden")
    other = await page.post(f"rooms/{cast.room.pk}/messages", **form())
    assert error_of(other) == (403, "forbidden")
    assert error_of(await door().post("uploads", **form())) == (401, "signed_out")


async def test_upload_is_described_and_taken_back(door: Door, cast: Cast, media: Path) -> None:
    alice = door(cast.alice)
    pk = (await alice.post("uploads", **form(photo(), "cat.jpg"))).json()["id"]
    described = await alice.patch(f"uploads/{pk}", json={"alt": "a cat"})
    assert (described.status_code, described.json()["alt"]) == (200, "a cat")
    assert error_of(await door(cast.bob).patch(f"uploads/{pk}", json={"alt": "mine"})) == (404, "not_found")
    assert error_of(await door(cast.bob).delete(f"uploads/{pk}")) == (404, "not_found")
    assert (await alice.delete(f"uploads/{pk}")).status_code == 204
    assert error_of(await alice.delete(f"uploads/{pk}")) == (404, "not_found")
    assert files(media) == []


async def test_posted_file_is_no_upload_any_more(door: Door, cast: Cast) -> None:
    alice = door(cast.alice)
    pk = (await alice.post("uploads", **form())).json()["id"]
    await alice.post(f"rooms/{cast.room.pk}/messages", json={"body": "", "attachments": [pk]})
    assert error_of(await alice.patch(f"uploads/{pk}", json={"alt": "late"})) == (404, "not_found")
    assert error_of(await alice.delete(f"uploads/{pk}")) == (404, "not_found")
    assert (await alice.get(f"attachments/{pk}")).status_code == 200


async def test_client_that_goes_away_leaves_nothing(application: Any, cast: Cast, media: Path) -> None:
    gone, pieces = asyncio.Event(), asyncio.Queue[bytes]()
    await pieces.put(b"--mark\r\n" + FILE + b"x" * 5_000)

    class Intake:
        async def read(self) -> bytes:
            if pieces.empty():
                gone.set()
            return await pieces.get()

    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if asked:
            return asked.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        pytest.fail(f"answered with {message}")

    headers = {
        "host": "localhost:8000",
        "authorization": f"Bearer {cast.token(cast.alice)}",
        "content-type": FORM,
    }
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/uploads", "raw_path": b"/api/v1/uploads",
        "query_string": b"", "http_version": "1.1", "scheme": "http", "server": ("localhost", 8000),
        "client": ("127.0.0.1", 1), "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        "extensions": {"maru.body": Intake()},
    }  # fmt: skip
    await asyncio.wait_for(application(scope, receive, send), 10)
    await asyncio.wait_for(asyncio.gather(*uploads._undoing), 10)
    assert files(media) == []
    assert await database.run(Attachment.objects.count) == 0


async def test_few_uploads_of_a_person_at_once(
    door: Door, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "ARRIVING_MAX_COUNT", 0)
    answer = await door(cast.alice).post("uploads", **form())
    assert error_of(answer) == (429, "rate_limited")
    assert answer.json()["error"]["after_ms"] > 0
