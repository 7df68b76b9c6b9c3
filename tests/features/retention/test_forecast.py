from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from chat.actions.state import SYSTEM_ID
from chat.features.attachments import follow_up
from chat.features.retention import forecast, policy, removal
from chat.models import Change, Message, Preview, PreviewImage, Reaction, Room
from chat.pipeline.run import run
from chat.protocol.commands import AddReaction, DeleteMessage, EditMessage
from chat.protocol.system import AttachPreviews, FoundLink
from chat.queries import counts
from tests.aging import age, keep
from tests.cast import Cast
from tests.features.attachments.conftest import Upload
from tests.make import post

URL = "http://a.example.com"


def said(items: list[dict[str, Any]], room: Room) -> dict[str, Any]:
    (found,) = [item for item in items if item["room"] == room.pk]
    return found


def with_picture(message: Message, picture: PreviewImage) -> None:
    found = [FoundLink(url=URL, title="t", description="", site="", image=picture.pk)]
    run(SYSTEM_ID, AttachPreviews(message=message.pk, edited_at=None, found=found))


@pytest.fixture
def pictures(cast: Cast) -> list[PreviewImage]:
    """Two pictures, of which one is shown in another room too."""
    names = [default_storage.save(f"previews/{number}.webp", ContentFile(b"x" * 7)) for number in range(2)]
    return [PreviewImage.objects.create(file=name, width=1, height=1) for name in names]


def test_what_it_says_is_what_goes(cast: Cast, pictures: list[PreviewImage]) -> None:
    keep(10)
    said_here = [post(cast.room, cast.alice, f"안녕 {number} {URL}") for number in range(2)]
    for message, picture in zip(said_here, pictures, strict=True):
        with_picture(message, picture)
        run(cast.bob.pk, AddReaction(message=message.pk, emoji="👍"))
    run(cast.alice.pk, EditMessage(message=said_here[1].pk, body=f"hi {URL}"))
    elsewhere = post(cast.plaza, cast.alice, URL)
    with_picture(elsewhere, pictures[0])
    age(cast.room, 11)
    post(cast.room, cast.alice, "young")
    now = timezone.now()
    items, last = forecast.page(now, 0, 100)
    assert last is None
    assert [item["room"] for item in items] == [cast.room.pk]
    found = said(items, cast.room)
    texts = [f"안녕 0 {URL}", f"안녕 1 {URL}", f"hi {URL}"]
    html = Message.objects.filter(room=cast.room).exclude(body="young").values_list("html", flat=True)
    assert found["bytes"] == sum(len(text.encode()) for text in [*texts, *filter(None, html)])
    kinds = {"messages": Message, "reactions": Reaction, "previews": Preview, "log_rows": Change}
    before = {name: kind._default_manager.count() for name, kind in kinds.items()}
    removal.sweep(lambda: now)
    # The going is a change itself.
    gone = {name: before[name] - kind._default_manager.count() for name, kind in kinds.items()}
    gone["log_rows"] += 1
    assert {name: found[name] for name in kinds} == gone
    assert gone == {"messages": 2, "reactions": 2, "previews": 2, "log_rows": found["log_rows"]}
    assert (found["files"], found["file_bytes"]) == (1, 7)
    assert forecast.page(now, 0, 100) == ([], None)


def test_files_of_people_are_counted_as_they_count_for_them(
    cast: Cast, pictures: list[PreviewImage], upload: Upload, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(10)
    files = [upload(cast.alice, b"x" * size) for size in (3, 40)]
    with_picture(post(cast.room, cast.alice, URL, attachments=[file.pk for file in files]), pictures[0])
    deleted = post(cast.room, cast.alice, "", attachments=[upload(cast.alice, b"deleted").pk])
    run(cast.alice.pk, DeleteMessage(message=deleted.pk))
    age(cast.room, 11)
    post(cast.room, cast.bob, "", attachments=[upload(cast.bob, b"young").pk])
    now = timezone.now()
    monkeypatch.setattr(counts, "_SLICE_COUNT", 2)
    found = said(forecast.page(now, 0, 100)[0], cast.room)
    assert (found["files"], found["file_bytes"]) == (3, 3 + 40 + 7)
    removal.sweep(lambda: now)
    follow_up.tidy(now + timedelta(hours=2))
    assert [path.read_bytes() for path in media.rglob("*.raw")] == [b"young"]


def test_nothing_is_removed_by_asking(cast: Cast) -> None:
    keep(10)
    post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    before = (Message.objects.count(), Change.objects.count(), Room.objects.get(pk=cast.room.pk).expired_seq)
    assert said(forecast.page(timezone.now(), 0, 100)[0], cast.room)["messages"] == 1
    after = (Message.objects.count(), Change.objects.count(), Room.objects.get(pk=cast.room.pk).expired_seq)
    assert before == after


def test_a_held_room_says_what_would_go_without_its_hold(cast: Cast) -> None:
    keep(10)
    post(cast.room, cast.alice, "old")
    age(cast.room, 11)
    policy.hold_room(cast.admin, cast.room.pk, timezone.now())
    found = said(forecast.page(timezone.now(), 0, 100)[0], cast.room)
    assert (found["messages"], found["is_held"]) == (1, True)


def test_living_threads_and_rooms_kept_for_ever_are_not_counted(cast: Cast) -> None:
    first = post(cast.room, cast.alice, "one")
    post(cast.plaza, cast.alice, "old")
    for room in (cast.room, cast.plaza):
        age(room, 11)
    post(cast.room, cast.bob, "young", parent=first.pk)
    keep(10, cast.room)
    items, _ = forecast.page(timezone.now(), 0, 100)
    assert {item["room"]: item["messages"] for item in items} == {cast.room.pk: 0}


def test_long_rooms_are_counted_in_slices(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(10)
    for number in range(9):
        post(cast.room, cast.alice, str(number))
    age(cast.room, 11)
    now = timezone.now() + timedelta(minutes=1)
    whole = forecast.page(now, 0, 100)
    monkeypatch.setattr(counts, "_SLICE_COUNT", 4)
    assert forecast.page(now, 0, 100) == whole


def test_rooms_come_in_pages(cast: Cast) -> None:
    keep(10)
    for room in (cast.room, cast.plaza):
        post(room, cast.alice, "old")
        age(room, 11)
    found, after = [], 0
    while True:
        items, last = forecast.page(timezone.now(), after, 1)
        found += [item["room"] for item in items]
        if last is None:
            break
        after = last
    assert found == [cast.room.pk, cast.plaza.pk]


def test_too_many_files_are_counted_and_not_asked_for(
    cast: Cast, pictures: list[PreviewImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(10)
    for picture in pictures:
        with_picture(post(cast.room, cast.alice, URL), picture)
    age(cast.room, 11)
    monkeypatch.setattr(forecast, "FILES_MAX_COUNT", 1)
    found = said(forecast.page(timezone.now(), 0, 100)[0], cast.room)
    assert (found["files"], found["file_bytes"]) == (2, None)
