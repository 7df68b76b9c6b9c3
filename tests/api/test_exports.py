from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from chat import database
from chat.api import exports
from chat.features.exports import keeping, running
from chat.features.exports.running import Outcome
from chat.features.exports.service import Download
from chat.models import Export
from tests.api.conftest import ORIGIN, Door, error_of
from tests.cast import Cast
from tests.make import post


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Path, configure: Callable[..., None]) -> Iterator[None]:
    settings.EXPORT_ROOT = tmp_path / "exports"
    configure(EXPORT_FREE_BYTES=0)
    yield
    assert exports._downloads["count"] == 0


def at(link: str) -> str:
    """Return the whole address of a link: a client of ours would put its own path before it."""
    return ORIGIN + link


async def ready(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    """Ask for an export and have it written."""
    asked = await client.post("exports", json=body)
    assert asked.status_code == 202, asked.text
    pk = asked.json()["id"]
    assert await database.run(running.work, pk) is Outcome.READY
    found: dict[str, Any] = (await client.get(f"exports/{pk}")).json()
    return found


async def test_one_asks_for_ones_data_sees_how_far_it_is_and_fetches_it(door: Door, cast: Cast) -> None:
    await database.run(post, cast.room, cast.bob, "what I have said")
    bob = door(cast.bob)
    asked = (await bob.post("exports", json={})).json()
    assert (asked["kind"], asked["state"], asked["percent"], asked["download"]) == ("own", "waiting", 0, None)
    assert error_of(await bob.post("exports", json={})) == (409, "conflict")
    assert await database.run(lambda: running.work(asked["id"], running_s=0)) is Outcome.MORE
    half = (await bob.get("exports")).json()["items"][0]
    assert (half["state"], half["step"], half["download"]) == ("running", "profile", None)
    assert 0 < half["percent"] < 100
    assert await database.run(running.work, asked["id"]) is Outcome.READY
    (found,) = (await bob.get("exports")).json()["items"]
    assert (found["state"], found["percent"], found["failure"]) == ("ready", 100, None)
    file = await bob.get(at(found["download"]))
    assert file.status_code == 200
    assert file.headers["content-type"] == "application/zip"
    assert file.headers["content-disposition"].startswith('attachment; filename="maru-my-data-20')
    assert file.headers["content-length"] == str(found["bytes"]) == str(len(file.content))
    assert file.headers["cache-control"] == "private, no-store"
    assert file.headers["x-accel-buffering"] == "no"
    assert file.headers["x-content-type-options"] == "nosniff"
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        assert b"what I have said" in archive.read("messages-000001.jsonl")
    again = (await bob.get(f"exports/{found['id']}")).json()
    assert again["downloads"] == 1
    assert again["downloaded_at"] is not None


async def test_the_page_fetches_with_its_cookie(door: Door, cast: Cast, session: str) -> None:
    found = await ready(door(cast.alice))
    page = door(cookie=f"{django_settings.SESSION_COOKIE_NAME}={session}")
    assert (await page.get(at(found["download"]))).status_code == 200
    assert error_of(await door().get(at(found["download"]))) == (401, "signed_out")


async def test_a_download_that_broke_off_goes_on(
    door: Door, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_PIECE_BYTES", 100)
    bob = door(cast.bob)
    found = await ready(bob)
    whole = (await bob.get(at(found["download"]))).content
    size = len(whole)

    async def part(wanted: str) -> httpx.Response:
        return await bob.get(at(found["download"]), headers={"range": wanted})

    rest = await part("bytes=250-")
    assert (rest.status_code, rest.content) == (206, whole[250:])
    assert rest.headers["content-range"] == f"bytes 250-{size - 1}/{size}"
    middle = await part("bytes=10-19")
    assert (middle.status_code, middle.content) == (206, whole[10:20])
    assert (await part(f"bytes={size - 5}-{size + 500}")).content == whole[-5:]
    for beyond in (f"bytes={size}-", "bytes=20-10", f"bytes={10**14}-"):
        refused = await part(beyond)
        assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{size}")
    for other in ("bytes=0-1,5-6", "bytes=-5", "lines=1-2", "bytes=x-", "bytes=1-" + "9" * 400):
        answered = await part(other)
        assert (answered.status_code, answered.content) == (200, whole), other


async def test_foreign_old_and_missing_links_are_refused(door: Door, cast: Cast) -> None:
    found = await ready(door(cast.bob))
    link = at(found["download"])
    missing = link.replace(f"/{found['id']}/", "/987654321/")
    hidden = await door(cast.alice).get(link)
    assert error_of(hidden) == (404, "not_found")
    assert hidden.content == (await door(cast.alice).get(missing)).content
    assert error_of(await door(cast.bob).get(link[:-2])) == (403, "forbidden")
    assert error_of(await door(cast.bob).get(link.partition("?")[0])) == (400, "bad_frame")
    await database.run(Export.objects.update, expires_at=timezone.now())
    assert error_of(await door(cast.bob).get(link)) == (404, "not_found")


async def test_cancelled_or_deleted_it_is_gone_and_a_repeat_is_the_same(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    asked = (await bob.post("exports", json={})).json()
    assert error_of(await door(cast.alice).delete(f"exports/{asked['id']}")) == (404, "not_found")
    for _ in range(2):
        assert (await bob.delete(f"exports/{asked['id']}")).status_code == 204
    assert (await bob.get(f"exports/{asked['id']}")).json()["state"] == "cancelled"
    found = await ready(bob)
    assert (await bob.delete(f"exports/{found['id']}")).status_code == 204
    gone = (await bob.get(f"exports/{found['id']}")).json()
    assert (gone["state"], gone["download"], gone["bytes"]) == ("gone", None, 0)
    assert error_of(await bob.get(at(found["download"]))) == (404, "not_found")
    root = Path(django_settings.EXPORT_ROOT)
    assert await database.run(lambda: list(root.iterdir())) == []


async def test_who_runs_the_workspace_takes_it_and_all_of_them_see_that(door: Door, cast: Cast) -> None:
    ada = door(cast.admin)
    found = await ready(ada, kind="workspace")
    listed = (await ada.get("exports", params={"scope": "workspace"})).json()["items"]
    assert [(item["id"], item["by"]["handle"]) for item in listed] == [(found["id"], "ada")]
    assert (await ada.get(at(found["download"]))).status_code == 200
    assert error_of(await door(cast.alice).get("exports?scope=workspace")) == (403, "forbidden")
    asked = {"kind": "workspace", "directs": True, "reason": "I am curious"}
    assert error_of(await ada.post("exports", json=asked)) == (403, "forbidden")
    assert error_of(await ada.get("exports?scope=all")) == (400, "bad_frame")
    assert error_of(await ada.post("exports", json={"kind": "rooms"})) == (400, "bad_frame")


async def test_so_many_downloads_are_under_way_in_a_process_at_most(
    door: Door, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await ready(door(cast.bob))
    monkeypatch.setattr(exports, "DOWNLOADS_MAX_COUNT", 0)
    response = await door(cast.bob).get(at(found["download"]))
    assert error_of(response) == (503, "busy")
    assert response.json()["error"]["after_ms"] > 0


async def test_a_file_that_becomes_shorter_ends_early(door: Door, cast: Cast) -> None:
    bob = door(cast.bob)
    found = await ready(bob)
    row = await database.run(Export.objects.get, pk=found["id"])
    path = keeping.path_of(row)
    # Found with its whole length, then cut while it is being sent.
    whole = Download(path, "file.zip", found["bytes"] + 100)
    pieces = [piece async for piece in exports._pieces(whole, 0, whole.size_bytes)]
    assert len(b"".join(pieces)) == found["bytes"]
