from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from chat import failpoints
from chat.features.attachments import follow_up
from chat.features.exports import files, keeping, running, service
from chat.features.exports.running import Outcome
from chat.files import storage
from chat.models import Attachment, Export, Message
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage
from tests.cast import Cast
from tests.features.attachments.conftest import Upload
from tests.features.exports.files import Clock, ask, files_in, read, whole
from tests.make import post
from tests.pictures.drawing import CAMERA, photo

_MIB = 1024 * 1024


def posted(cast: Cast, upload: Upload, *bodies: bytes) -> Message:
    found = [upload(cast.bob, body, f"notes {number}.txt").pk for number, body in enumerate(bodies)]
    return post(cast.room, cast.bob, "with files", attachments=found)


def test_people_take_their_own_files_and_none_of_others(cast: Cast, upload: Upload) -> None:
    said = posted(cast, upload, b"first", b"second")
    post(cast.room, cast.alice, "", attachments=[upload(cast.alice, b"of Alice").pk])
    waiting = upload(cast.bob, b"in no message yet", "너의 이름.txt", alt="notes")
    row = ask(cast.bob)
    manifest, lines = whole(row)
    of_bob = list(Attachment.objects.filter(uploader=cast.bob).order_by("pk"))
    assert files_in(keeping.path_of(row)) == {
        f"files/{of_bob[0].pk}-notes 0.txt": b"first",
        f"files/{of_bob[1].pk}-notes 1.txt": b"second",
        f"files/{waiting.pk}-너의 이름.txt": b"in no message yet",
    }
    assert [line["message_id"] for line in lines["attachments"]] == [said.pk, said.pk, None]
    assert (lines["attachments"][2]["name"], lines["attachments"][2]["alt"]) == ("너의 이름.txt", "notes")
    assert manifest["missing"] == []
    assert not {"key", "dropped_at"} & set(lines["attachments"][0])


def test_a_picture_is_there_as_readers_see_it(cast: Cast, upload: Upload) -> None:
    picture = upload(cast.bob, photo(), "cat.jpg")
    said = post(cast.room, cast.bob, "", attachments=[picture.pk])
    follow_up.prepare(cast.room.pk, said.seq)
    for row in (ask(cast.bob), ask(cast.admin, kind="workspace")):
        _, lines = whole(row)
        (body,) = files_in(keeping.path_of(row)).values()
        assert CAMERA.encode() not in body
        (line,) = lines["attachments"]
        assert (line["state"], line["width"], line["height"]) == ("ready", 80, 60)


def test_a_picture_that_nobody_may_see_yet_is_with_its_person_alone(cast: Cast, upload: Upload) -> None:
    picture = upload(cast.bob, photo(), "cat.jpg")
    post(cast.room, cast.bob, "", attachments=[picture.pk])
    mine, all_ = ask(cast.bob), ask(cast.admin, kind="workspace")
    whole(mine)
    assert files_in(keeping.path_of(mine)) == {f"files/{picture.pk}-cat.jpg": photo()}
    manifest, lines = whole(all_)
    assert files_in(keeping.path_of(all_)) == {}
    assert [(line["id"], line["file"]) for line in lines["attachments"]] == [(picture.pk, None)]
    assert [(line["id"], line["why"]) for line in manifest["missing"]] == [(picture.pk, "not_ready")]


def test_files_of_all_rooms_are_in_that_of_the_workspace_but_not_of_conversations(
    cast: Cast, upload: Upload
) -> None:
    posted(cast, upload, b"in the room")
    post(cast.plaza, cast.alice, "", attachments=[upload(cast.alice, b"in the plaza").pk])
    upload(cast.bob, b"in no message")
    gone = posted(cast, upload, b"regretted")
    run(cast.bob.pk, DeleteMessage(message=gone.pk))
    row = ask(cast.admin, kind="workspace")
    whole(row)
    assert sorted(files_in(keeping.path_of(row)).values()) == [b"in the plaza", b"in the room"]


def test_a_file_that_is_missing_is_named_and_no_failure(cast: Cast, upload: Upload) -> None:
    said = posted(cast, upload, b"lost", b"kept")
    lost = Attachment.objects.get(message=said, place=0)
    storage.drop(lost.key)
    row = ask(cast.admin, kind="workspace")
    manifest, lines = whole(row)
    assert list(files_in(keeping.path_of(row)).values()) == [b"kept"]
    assert manifest["missing"] == [
        {"id": lost.pk, "message_id": said.pk, "name": "notes 0.txt", "bytes": 4, "why": "not_found"}
    ]
    assert [line["file"] is None for line in lines["attachments"]] == [True, False]


def test_a_storage_that_fails_leaves_a_file_out_and_not_the_export(
    cast: Cast, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(cast, upload, b"words")

    def refuse(*_: Any) -> None:
        raise RuntimeError("slow down")

    monkeypatch.setattr(default_storage, "open", refuse)
    row = ask(cast.bob)
    manifest, _ = whole(row)
    assert [line["why"] for line in manifest["missing"]] == ["unreadable"]


def test_more_than_a_page_of_files_comes_whole_and_how_far_it_is_rises(
    cast: Cast, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PAGE_COUNT", 4)
    monkeypatch.setattr(files, "_PAGE_BYTES", 50_000)
    monkeypatch.setattr(files, "_BYTES_PER_ROW", 1_000)
    for _ in range(3):
        posted(cast, upload, *(bytes([number]) * 20_000 for number in range(5)))
    for row in (ask(cast.bob), ask(cast.admin, kind="workspace")):
        told: list[tuple[str, int]] = []
        outcome = running.work(row.pk, lambda *facts, told=told: told.append(facts[:2]))
        assert outcome is Outcome.READY
        assert len(files_in(keeping.path_of(row))) == 15
        percents = [percent for _, percent in told]
        assert percents == sorted(percents)
        within = {percent for step, percent in told if step == "attachments"}
        assert len(within) > 3


def test_a_worker_killed_among_files_is_followed_by_another(
    cast: Cast, upload: Upload, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_PAGE_COUNT", 2)
    for _ in range(2):
        posted(cast, upload, *(b"words %d" % number for number in range(5)))
    row = ask(cast.admin, kind="workspace")
    page = 0
    while True:
        page += 1
        failpoints.arm(f"export.page=error@{page}")
        if running.work(row.pk, clock=clock, saving_s=0) is Outcome.READY:
            break
        clock.move(61)
        page = min(page, 2)
    _, lines = read(keeping.path_of(row))
    assert len(lines["attachments"]) == len(files_in(keeping.path_of(row))) == 10


def test_cancelled_in_the_middle_of_a_large_file_it_ends_there(
    cast: Cast, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(cast, upload, bytes(8 * _MIB))
    row = ask(cast.bob)
    pieces: list[int] = []
    opened = storage.open_file

    class Watched:
        def __init__(self, file: Any) -> None:
            self.file = file

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def read(self, size: int, /) -> bytes:
            pieces.append(size)
            if len(pieces) == 2:
                service.remove(cast.bob, row.pk, row.created_at)
            found: bytes = self.file.read(size)
            return found

    def watched(key: str, rendition: str) -> tuple[Any, int]:
        file, size = opened(key, rendition)
        return Watched(file), size

    monkeypatch.setattr(storage, "open_file", watched)
    assert running.work(row.pk, saving_s=0) is Outcome.LOST
    assert len(pieces) == 2
    row.refresh_from_db()
    assert row.state == Export.State.CANCELLED
    assert not keeping.path_of(row).exists()


def test_files_count_for_how_large_an_export_may_be(
    cast: Cast, upload: Upload, configure: Callable[..., None], media: Path
) -> None:
    posted(cast, upload, bytes(200_000))
    configure(EXPORT_MAX_BYTES=100_000)
    row = ask(cast.bob)
    assert running.work(row.pk) is Outcome.FAILED
    row.refresh_from_db()
    assert row.failure == Export.Failure.TOO_LARGE
    assert [path.stat().st_size for path in media.rglob("*.raw")] == [200_000]
