from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from chat.features.attachments import follow_up, service
from chat.models import Attachment, Change, Message, OutboxEntry, User
from chat.pictures import workshop
from chat.pipeline.run import run
from chat.protocol.commands import DeleteMessage, UpdateRoom
from chat.queries import changes
from tests.cast import Cast
from tests.features.attachments.conftest import Upload, files_of
from tests.make import post
from tests.pictures.drawing import CAMERA, bomb, drawn, moving, photo


def posted(cast: Cast, sender: User, *files: Attachment) -> Message:
    return post(cast.room, sender, "", attachments=[file.pk for file in files])


def told(cast: Cast, after: int) -> list[dict[str, Any]]:
    return [dict(change) for change in changes.since(cast.room.pk, after, 10)]


def work(task: str) -> list[dict[str, int]]:
    return [row.payload for row in OutboxEntry.objects.filter(task=task)]


def test_picture_is_made_anew_and_told_as_a_change(cast: Cast, upload: Upload, media: Path) -> None:
    message = posted(cast, cast.alice, upload(cast.alice, photo(6), "cat.jpg", alt="a cat"))
    assert work(follow_up.PREPARE) == [{"room": cast.room.pk, "seq": message.seq}]
    follow_up.prepare(cast.room.pk, message.seq)
    (change,) = told(cast, message.seq)
    assert change["type"] == "attachment.ready"
    (shown,) = change["message"]["attachments"]
    assert (shown["state"], shown["width"], shown["height"], shown["alt"]) == ("ready", 60, 80, "a cat")
    assert shown["thumbnail"] == f"{shown['url']}/thumbnail"
    assert change["attachment"] == shown["id"]
    # What it carried is nowhere any more.
    assert files_of(media) == {"whole", "large", "small"}
    for path in media.rglob("*"):
        assert not path.is_file() or CAMERA.encode() not in path.read_bytes()
    assert shown["bytes"] == next(media.rglob("*.whole")).stat().st_size


def test_made_twice_is_made_once(cast: Cast, upload: Upload, media: Path) -> None:
    message = posted(cast, cast.alice, upload(cast.alice, photo(), "cat.jpg"))
    for _ in range(2):
        follow_up.prepare(cast.room.pk, message.seq)
    assert Change.objects.filter(kind="attachment.ready").count() == 1
    assert files_of(media) == {"whole", "large", "small"}


def test_worker_that_ended_before_it_told_does_it_again(
    cast: Cast, upload: Upload, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = posted(cast, cast.alice, upload(cast.alice, photo(), "cat.jpg"))
    with monkeypatch.context() as patched:
        patched.setattr(follow_up, "run", _ends)
        with pytest.raises(KeyboardInterrupt):
            follow_up.prepare(cast.room.pk, message.seq)
    follow_up.prepare(cast.room.pk, message.seq)
    assert Attachment.objects.get().state == "ready"
    assert files_of(media) == {"whole", "large", "small"}


def _ends(*_: object) -> None:
    raise KeyboardInterrupt


BAD = {
    "bomb": (bomb(), "bomb.png"),
    "cut": (drawn("JPEG")[:300], "cut.jpg"),
    "only a head": (b"GIF89a", "head.gif"),
    "too many frames": (moving("GIF", 700, (8, 8)), "long.gif"),
}


@pytest.mark.parametrize(("body", "name"), BAD.values(), ids=BAD)
def test_picture_that_cannot_be_shown_stays_a_file(
    cast: Cast, upload: Upload, media: Path, body: bytes, name: str
) -> None:
    good, bad = upload(cast.alice, drawn("PNG"), "good.png"), upload(cast.alice, body, name)
    message = posted(cast, cast.alice, bad, good)
    follow_up.prepare(cast.room.pk, message.seq)
    shown = told(cast, message.seq)[-1]["message"]["attachments"]
    assert [one["state"] for one in shown] == ["failed", "ready"]
    assert (shown[0]["type"], shown[0]["thumbnail"]) == ("application/octet-stream", None)
    with default_storage.open(f"attachments/{bad.key}.raw") as kept:
        assert kept.read() == body


def test_picture_in_an_archived_room_still_comes(cast: Cast, upload: Upload) -> None:
    message = posted(cast, cast.alice, upload(cast.alice, drawn("PNG"), "a.png"))
    run(cast.alice.pk, UpdateRoom(room=cast.room.pk, archived=True))
    follow_up.prepare(cast.room.pk, message.seq)
    assert Attachment.objects.get().state == "ready"


def test_message_that_was_deleted_meanwhile_leaves_nothing(cast: Cast, upload: Upload, media: Path) -> None:
    message = posted(cast, cast.alice, upload(cast.alice, drawn("PNG"), "a.png"))
    deleted = run(cast.alice.pk, DeleteMessage(message=message.pk))
    follow_up.prepare(cast.room.pk, message.seq)
    assert work(follow_up.REMOVE) == [{"room": cast.room.pk, "seq": deleted["seq"]}]
    for _ in range(2):
        follow_up.remove(cast.room.pk, deleted["seq"])
    assert files_of(media) == set()
    assert not Attachment.objects.exists()


def test_message_that_is_deleted_while_its_picture_is_made_leaves_nothing(
    cast: Cast, upload: Upload, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = posted(cast, cast.alice, upload(cast.alice, drawn("PNG"), "a.png"))
    make = workshop.make

    def deleting(*places: Any) -> Any:
        deleted = run(cast.alice.pk, DeleteMessage(message=message.pk))
        follow_up.remove(cast.room.pk, deleted["seq"])
        return make(*places)

    monkeypatch.setattr(workshop, "make", deleting)
    follow_up.prepare(cast.room.pk, message.seq)
    assert files_of(media) == set()
    assert not Attachment.objects.exists()


def test_deleted_message_takes_its_files_along(cast: Cast, upload: Upload, media: Path) -> None:
    kept = posted(cast, cast.bob, upload(cast.bob, b"kept"))
    message = posted(cast, cast.alice, upload(cast.alice, photo(), "a.jpg"), upload(cast.alice, b"words"))
    follow_up.prepare(cast.room.pk, message.seq)
    deleted = run(cast.mina.pk, DeleteMessage(message=message.pk))
    shown = told(cast, deleted["seq"] - 1)[-1]["message"]
    assert shown["attachments"] == []
    follow_up.remove(cast.room.pk, deleted["seq"])
    assert [row.message_id for row in Attachment.objects.all()] == [kept.pk]
    assert files_of(media) == {"raw"}


def test_message_without_files_asks_for_no_work(cast: Cast, upload: Upload) -> None:
    message = posted(cast, cast.alice, upload(cast.alice, b"words"))
    plain = post(cast.room, cast.alice, "hi")
    run(cast.alice.pk, DeleteMessage(message=plain.pk))
    assert work(follow_up.PREPARE) == work(follow_up.REMOVE) == []
    follow_up.prepare(cast.room.pk, message.seq)
    follow_up.remove(cast.room.pk, message.seq)
    assert Attachment.objects.count() == 1


def test_uploads_without_a_message_go_after_a_day(cast: Cast, upload: Upload, media: Path) -> None:
    now = timezone.now()
    old = upload(cast.alice, b"old", at=now - timedelta(hours=25))
    young = upload(cast.alice, b"young", at=now - timedelta(hours=23))
    used = upload(cast.alice, b"used", at=now - timedelta(hours=25))
    posted(cast, cast.alice, used)
    service.reserve(cast.alice, 5, now - timedelta(hours=25))
    assert follow_up.tidy(now) == 2
    assert set(Attachment.objects.values_list("pk", flat=True)) == {young.pk, used.pk}
    assert not default_storage.exists(f"attachments/{old.key}.raw")
    assert len(list(media.rglob("*.raw"))) == 2


def test_files_whose_work_was_put_aside_go_all_the_same(cast: Cast, upload: Upload, media: Path) -> None:
    message = posted(cast, cast.alice, upload(cast.alice, b"words"))
    run(cast.alice.pk, DeleteMessage(message=message.pk))
    now = timezone.now()
    assert follow_up.tidy(now) == 0
    assert follow_up.tidy(now + timedelta(hours=2)) == 1
    assert files_of(media) == set()


def test_picture_that_wears_out_its_workers_is_told_to_have_failed(cast: Cast, upload: Upload) -> None:
    posted(cast, cast.alice, upload(cast.alice, drawn("PNG"), "a.png"))
    now = timezone.now()
    follow_up.tidy(now + timedelta(hours=5))
    assert Attachment.objects.get().state == "waiting"
    follow_up.tidy(now + timedelta(hours=7))
    assert Attachment.objects.get().state == "failed"


def test_thumbnail_is_small(cast: Cast, upload: Upload, media: Path) -> None:
    message = posted(cast, cast.alice, upload(cast.alice, drawn("PNG", (2_000, 1_000)), "a.png"))
    follow_up.prepare(cast.room.pk, message.seq)
    with Image.open(next(media.rglob("*.small"))) as small:
        assert small.size == (480, 240)


def test_of_an_erased_account_only_files_of_messages_stay(cast: Cast, upload: Upload, media: Path) -> None:
    kept = upload(cast.alice, b"in a message")
    posted(cast, cast.alice, kept)
    upload(cast.alice, b"in none")
    others = upload(cast.bob, b"of another")
    arriving = service.reserve(cast.alice, 7, timezone.now())
    emptied = posted(cast, cast.alice, upload(cast.alice, b"emptied"))
    Attachment.objects.filter(message=emptied).update(dropped_at=timezone.now())
    assert [follow_up.forget(cast.alice.pk) for _ in range(2)] == [2, 0]
    # One that comes in at this moment is its process's own, and tidied away if no message names it.
    assert set(Attachment.objects.all()) == {kept, others, arriving}
    assert {path.read_bytes() for path in media.rglob("*.raw")} == {b"in a message", b"of another"}
