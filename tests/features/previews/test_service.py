from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from chat.actions.state import SYSTEM_ID, Request
from chat.features.previews import service
from chat.models import Change, Link, Message, OutboxEntry, Preview, PreviewImage, Room
from chat.pipeline import queues, runner
from chat.pipeline.execute import execute
from chat.pipeline.run import run
from chat.protocol import codec
from chat.protocol.commands import Command, DeleteMessage, EditMessage, RemovePreview, UpdateRoom
from chat.protocol.errors import ErrorCode, ProtocolError, Refused
from chat.protocol.system import AttachPreviews, FoundLink
from chat.queries import changes, messages, payloads
from chat.tasks import sweep_outbox
from tests.cast import Cast
from tests.features.previews.test_explore import PNG
from tests.make import post, post_command
from tests.outside.internet import SmallInternet, html, reply, status

PAGE = '<title>A page</title><meta property="og:description" content="Words">'
URL, OTHER = "http://site.example.com/", "http://other.example.com/"


@pytest.fixture(autouse=True)
def _on(configure: Callable[..., None], settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path / "media"
    configure(LINK_PREVIEWS=True)
    yield
    runner.close()


@pytest.fixture
def web(internet: SmallInternet, monkeypatch: pytest.MonkeyPatch) -> SmallInternet:
    monkeypatch.setattr(service, "network", internet)
    internet.serve("site.example.com/", html(PAGE))
    internet.serve("other.example.com/", html("<title>Other</title>"))
    return internet


def shown(message: Message) -> list[Any]:
    message.refresh_from_db()
    return list(payloads.messages([message])[0]["previews"])


def kinds(room: Room) -> list[str]:
    return list(Change.objects.filter(room=room).order_by("seq").values_list("kind", flat=True))


def refused(actor: int, command: Command) -> ErrorCode:
    with pytest.raises(Refused) as found:
        run(actor, command)
    return found.value.code


# --- from a message to its previews


def test_a_message_with_a_link_gets_its_preview_as_a_change(cast: Cast, web: SmallInternet) -> None:
    message = post(cast.room, cast.alice, f"see {URL}")
    assert (OutboxEntry.objects.get().queue, web.asked, shown(message)) == ("io", [], [])
    assert sweep_outbox("io") == 1
    (preview,) = shown(message)
    assert preview == {
        "url": URL, "title": "A page", "description": "Words", "site": "site.example.com", "image": None,
        "image_width": None, "image_height": None,
    }  # fmt: skip
    (change,) = changes.since(cast.room.pk, message.seq, 10)
    assert (change["type"], change["seq"], change["by"]) == ("preview.attached", message.seq + 1, None)  # type: ignore[typeddict-item]
    assert change["message"]["previews"] == [preview]  # type: ignore[typeddict-item]
    assert messages.one(cast.bob, message.pk)["previews"] == [preview]


def test_messages_without_a_link_leave_no_work(cast: Cast, web: SmallInternet) -> None:
    for body in ("hi", "a://b", "example.com", "mailto:a@example.com"):
        post(cast.room, cast.alice, body)
    assert not OutboxEntry.objects.exists()


def test_the_operator_may_have_none(cast: Cast, web: SmallInternet, configure: Callable[..., None]) -> None:
    message = post(cast.room, cast.alice, URL)
    configure(LINK_PREVIEWS=False)
    sweep_outbox("io")
    post(cast.room, cast.alice, URL)
    assert (shown(message), web.asked, OutboxEntry.objects.count()) == ([], [], 1)


def test_picture_is_stored_made_anew(cast: Cast, web: SmallInternet) -> None:
    web.serve("site.example.com/", html(PAGE + '<meta property="og:image" content="/i.png">'))
    web.serve("site.example.com/i.png", reply(PNG, "image/png"))
    message = post(cast.room, cast.alice, URL)
    sweep_outbox("io")
    (preview,) = shown(message)
    picture = PreviewImage.objects.get()
    pk = Preview.objects.get().pk
    assert preview["image"] == f"/api/v1/messages/{message.pk}/previews/{pk}/image"
    assert (preview["image_width"], preview["image_height"]) == (80, 60)
    with default_storage.open(picture.file) as file:
        assert file.read()[8:12] == b"WEBP"


def test_several_links_come_in_one_change_in_their_order(cast: Cast, web: SmallInternet) -> None:
    message = post(
        cast.room, cast.alice, f"{OTHER} then {URL} and http://127.0.0.1/ and `http://code.example.com/`"
    )
    sweep_outbox("io")
    assert [preview["url"] for preview in shown(message)] == [OTHER, URL]
    assert kinds(cast.room)[-2:] == ["message.posted", "preview.attached"]


def test_doing_it_twice_is_doing_it_once(cast: Cast, web: SmallInternet) -> None:
    message = post(cast.room, cast.alice, URL)
    for _ in range(3):
        service.attach(cast.room.pk, message.seq)
    assert kinds(cast.room).count("preview.attached") == 1
    assert len(web.asked) == 1


def test_a_link_that_leads_nowhere_leaves_no_change(cast: Cast, web: SmallInternet) -> None:
    web.serve("site.example.com/", status(500))
    message = post(cast.room, cast.alice, f"{URL} http://10.0.0.1/ http://nowhere.example.com/")
    assert sweep_outbox("io") == 1
    assert (shown(message), kinds(cast.room)[-1]) == ([], "message.posted")
    assert OutboxEntry.objects.get().done_at is not None
    assert dict(Link.objects.values_list("url", "failure")) == {
        URL: "status", "http://10.0.0.1/": "address", "http://nowhere.example.com/": "unreachable",
    }  # fmt: skip


def test_many_tasks_of_a_process_share_one_loop(cast: Cast, web: SmallInternet) -> None:
    before = runner.made_count()
    for number in range(12):
        url = web.serve(f"site.example.com/{number}", html(PAGE))
        post(cast.room, cast.alice, url)
    assert sweep_outbox("io") == 12
    assert Preview.objects.count() == 12
    assert runner.made_count() - before == 1


# --- what is remembered


def test_a_link_is_fetched_once_for_many_messages(cast: Cast, web: SmallInternet) -> None:
    found = [post(room, cast.alice, URL) for room in (cast.room, cast.plaza, cast.room)]
    sweep_outbox("io")
    assert [len(shown(message)) for message in found] == [1, 1, 1]
    assert len(web.asked) == 1


def test_what_is_old_is_fetched_again_and_a_failure_sooner(cast: Cast, web: SmallInternet) -> None:
    web.serve("other.example.com/", status(404))
    post(cast.room, cast.alice, f"{URL} {OTHER}")
    sweep_outbox("io")
    now = timezone.now()
    good, bad = Link.objects.get(url=URL), Link.objects.get(url=OTHER)
    assert timedelta(hours=23) < good.expires_at - now <= timedelta(hours=24)
    assert timedelta(minutes=14) < bad.expires_at - now <= timedelta(minutes=15)
    Link.objects.update(expires_at=now - timedelta(seconds=1))
    web.serve("site.example.com/", html("<title>Newer</title>"))
    message = post(cast.room, cast.alice, URL)
    sweep_outbox("io")
    assert (shown(message)[0]["title"], Link.objects.filter(url=URL).count()) == ("Newer", 1)


def test_so_many_links_are_remembered(
    cast: Cast, web: SmallInternet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LINKS_MAX_COUNT", 3)
    for number in range(6):
        post(cast.room, cast.alice, web.serve(f"site.example.com/{number}", html(PAGE)))
    sweep_outbox("io")
    assert [link.url[-1] for link in Link.objects.order_by("pk")] == ["3", "4", "5"]


def test_pictures_that_nobody_points_at_are_deleted(cast: Cast, web: SmallInternet) -> None:
    web.serve("site.example.com/", html(PAGE + '<meta property="og:image" content="/i.png">'))
    web.serve("site.example.com/i.png", reply(PNG, "image/png"))
    message = post(cast.room, cast.alice, URL)
    sweep_outbox("io")
    file = PreviewImage.objects.get().file
    later = timezone.now() + timedelta(hours=2)
    assert service.tidy(later) == 0
    run(cast.alice.pk, DeleteMessage(message=message.pk))
    # The link still remembers it.
    assert service.tidy(later) == 0
    assert service.tidy(timezone.now() + timedelta(hours=25)) == 1
    assert (default_storage.exists(file), PreviewImage.objects.exists(), Link.objects.exists()) == (
        False,
        False,
        False,
    )


# --- what happens meanwhile


def test_a_deleted_message_gets_none_and_loses_what_it_had(cast: Cast, web: SmallInternet) -> None:
    early, late = (post(cast.room, cast.alice, URL) for _ in range(2))
    service.attach(cast.room.pk, late.seq)
    for message in (early, late):
        run(cast.alice.pk, DeleteMessage(message=message.pk))
    sweep_outbox("io")
    assert (shown(early), shown(late), Preview.objects.exists()) == ([], [], False)


def test_an_edit_takes_away_what_no_longer_stands_there(cast: Cast, web: SmallInternet) -> None:
    message = post(cast.room, cast.alice, f"{URL} {OTHER}")
    sweep_outbox("io")
    run(cast.alice.pk, EditMessage(message=message.pk, body=f"only {OTHER}"))
    assert [preview["url"] for preview in shown(message)] == [OTHER]
    run(cast.alice.pk, EditMessage(message=message.pk, body="nothing"))
    assert shown(message) == []


def test_an_edit_brings_what_is_new(cast: Cast, web: SmallInternet) -> None:
    message = post(cast.room, cast.alice, URL)
    run(cast.alice.pk, EditMessage(message=message.pk, body=f"rather {OTHER}"))
    assert sweep_outbox("io") == 2
    assert [preview["url"] for preview in shown(message)] == [OTHER]
    assert kinds(cast.room).count("preview.attached") == 1


def test_a_text_edited_while_its_link_was_fetched_gets_nothing_of_the_old_one(
    cast: Cast, web: SmallInternet
) -> None:
    message = post(cast.room, cast.alice, URL)
    found = [FoundLink(url=URL, title="A page", description="", site="")]
    run(cast.alice.pk, EditMessage(message=message.pk, body="rather not"))
    assert (
        refused(SYSTEM_ID, AttachPreviews(message=message.pk, edited_at=None, found=found))
        is ErrorCode.CONFLICT
    )
    assert shown(message) == []


def test_attach_and_edit_in_one_batch_leave_what_stands_in_the_text(cast: Cast, web: SmallInternet) -> None:
    message = post(cast.room, cast.alice, f"{URL} {OTHER}")
    found = [FoundLink(url=url, title="T", description="", site="") for url in (URL, OTHER)]
    executed = execute([
        Request(SYSTEM_ID, AttachPreviews(message=message.pk, edited_at=None, found=found)),
        Request(cast.alice.pk, EditMessage(message=message.pk, body=f"only {OTHER}")),
        Request(cast.alice.pk, RemovePreview(message=message.pk, url=OTHER)),
    ])  # fmt: skip
    assert [type(outcome) for outcome in executed.outcomes] == [dict, dict, dict]
    assert shown(message) == []
    assert list(Preview.objects.values_list("url", "title")) == [(OTHER, "")]


def test_what_was_taken_away_does_not_come_back(cast: Cast, web: SmallInternet) -> None:
    message = post(cast.room, cast.alice, URL)
    sweep_outbox("io")
    run(cast.alice.pk, RemovePreview(message=message.pk, url=URL))
    assert (shown(message), kinds(cast.room)[-1]) == ([], "preview.removed")
    for body in (f"again {URL}", "without", f"once more {URL}"):
        run(cast.alice.pk, EditMessage(message=message.pk, body=body))
        sweep_outbox("io")
    assert shown(message) == []


def test_a_room_may_have_none(cast: Cast, web: SmallInternet) -> None:
    run(cast.mina.pk, UpdateRoom(room=cast.room.pk, previews=False))
    message = post(cast.room, cast.alice, URL)
    sweep_outbox("io")
    assert (shown(message), web.asked) == ([], [])
    (change,) = changes.since(cast.room.pk, message.seq - 2, 1)
    assert change["fields"]["previews"] is False  # type: ignore[typeddict-item]
    run(cast.mina.pk, UpdateRoom(room=cast.room.pk, previews=True))
    run(cast.alice.pk, EditMessage(message=message.pk, body=f"now {URL}"))
    sweep_outbox("io")
    assert len(shown(message)) == 1


def test_moderators_change_nothing_else_of_a_room(cast: Cast) -> None:
    for fields in ({"previews": False, "topic": "Mine"}, {"topic": "Mine"}, {}):
        assert refused(cast.mina.pk, UpdateRoom(room=cast.room.pk, **fields)) is ErrorCode.FORBIDDEN
    assert refused(cast.bob.pk, UpdateRoom(room=cast.room.pk, previews=False)) is ErrorCode.FORBIDDEN
    assert Room.objects.get(pk=cast.room.pk).previews


# --- who may ask for it


def test_nobody_but_the_server_attaches_and_the_server_does_nothing_else(
    cast: Cast, web: SmallInternet
) -> None:
    message = post(cast.room, cast.alice, URL)
    found = [FoundLink(url=URL, title="Fake", description="", site="")]
    fake = AttachPreviews(message=message.pk, edited_at=None, found=found)
    for user in (cast.alice, cast.admin, cast.beep):
        assert refused(user.pk, fake) is ErrorCode.SIGNED_OUT
    assert refused(SYSTEM_ID, post_command(cast.room, "hi")) is ErrorCode.SIGNED_OUT
    assert refused(SYSTEM_ID, DeleteMessage(message=message.pk)) is ErrorCode.SIGNED_OUT
    assert shown(message) == []


def test_no_frame_can_name_what_the_server_asks_of_itself() -> None:
    frame = b'{"type":"preview.attach","ref":1,"message":1,"edited_at":null,"found":[]}'
    with pytest.raises(ProtocolError) as wrong:
        codec.decode(frame)
    assert wrong.value.code is ErrorCode.UNKNOWN_TYPE


def test_the_task_stands_in_the_queue_for_waiting() -> None:
    assert queues.of(service.ATTACH) is queues.IO
